"""The maps of the present model: PCA's at once, UMAP's from the model file, the cache, or another process."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.export.map_job import MapJob
from synth_app.modelfile.layout import cached_places
from synth_app.session import ModelChanged, SessionStore
from synth_app.session.edit.pad_controller import PadController

_POLL_MS = 250
_LEAST_NOTES = 8


class MapJobPort(Protocol):
    """A map being computed elsewhere."""

    places: NDArray[np.float32] | None
    error: str

    def start(self) -> None:
        """Begin."""

    def done(self) -> bool:
        """Whether it has ended."""

    def cancel(self) -> None:
        """Stop."""


class TimbreMapLoader(QObject):
    """Owns the session's ``timbre``; ``ready`` when another map can be shown, ``busy_changed`` while one is made."""

    ready = Signal()
    busy_changed = Signal(bool)
    problem = Signal(str)

    def __init__(
        self,
        store: SessionStore,
        parent: QObject | None = None,
        make_job: Callable[[NDArray[np.float64]], MapJobPort] = MapJob,
    ) -> None:
        super().__init__(parent)
        self.timbre = PadController(store)
        self._store, self._make_job = store, make_job
        self._job: MapJobPort | None = None
        self._have = False
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._end = store.subscribe(ModelChanged, lambda _: self._forget())

    @property
    def busy(self) -> bool:
        """Whether a map is being computed."""
        return self._job is not None

    @property
    def has_umap(self) -> bool:
        """Whether UMAP's map of the present model is there."""
        return self._have

    def want_umap(self) -> None:
        """Get UMAP's map of the present model; it comes later unless it is at hand."""
        model = self._store.model
        if self._have or self._job is not None or model is None or len(model.bank) < _LEAST_NOTES:
            return
        stored = model.file.places if model.file.places is not None else cached_places(self._store.note_centers)
        if stored is not None:
            self._take(stored)
            return
        self._job = self._make_job(self._store.note_centers)
        self._job.start()
        self._timer.start()
        self.busy_changed.emit(True)

    def close(self) -> None:
        """Stop everything."""
        self._end()
        self.timbre.close()
        self._cancel()

    def _take(self, places: NDArray[np.float32]) -> None:
        self._store.offer_umap(places)
        self._have = True
        self.ready.emit()

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self._cancel()
        if job.places is not None:
            self._take(job.places)
        else:
            self.problem.emit(job.error)

    def _cancel(self) -> None:
        job, self._job = self._job, None
        self._timer.stop()
        if job is not None:
            job.cancel()
            self.busy_changed.emit(False)

    def _forget(self) -> None:
        self._have = False
        self._cancel()
