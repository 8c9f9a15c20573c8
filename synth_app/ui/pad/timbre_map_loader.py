"""The map layouts of the loaded model: PCA at once; UMAP from the model file, the cache, or another process."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.export.map_job import MapJob
from synth_app.modelfile.umap_positions import stored_positions
from synth_app.session import ModelChanged, SessionStore
from synth_app.session.edit.pad_controller import PadController

_POLL_MS = 250
_MIN_NOTES = 8  # fewer notes have no UMAP layout


class MapJobPort(Protocol):
    """A UMAP layout that another process computes.

    Attributes:
        positions: float32 [notes, 2], the layout; None until it is complete.
        error: what failed; "" if nothing.
    """

    positions: NDArray[np.float32] | None
    error: str

    def start(self) -> None:
        """Start the computation."""

    def done(self) -> bool:
        """Return whether the computation has ended."""

    def cancel(self) -> None:
        """Stop the computation."""


class TimbreMapLoader(QObject):
    """Owns the session's pad controller and loads or computes the UMAP layout.

    Signals:
        ready: a UMAP layout is available.
        busy_changed: whether a layout is being computed.
        problem: why a layout could not be computed.

    Attributes:
        has_umap: whether the loaded model has its UMAP layout.
    """

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
        self.pad_controller = PadController(store)
        self._store, self._make_job = store, make_job
        self._job: MapJobPort | None = None
        self.has_umap = False
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._unsubscribe = store.subscribe(ModelChanged, lambda _: self._reset())

    @property
    def busy(self) -> bool:
        """Whether a layout is being computed."""
        return self._job is not None

    def request_umap(self) -> None:
        """Load the UMAP layout of the loaded model from its file or the cache; else start to compute it."""
        model = self._store.model
        if self.has_umap or self._job is not None or model is None or len(model.bank) < _MIN_NOTES:
            return
        stored = stored_positions(model.file, self._store.note_centers)
        if stored is not None:
            self._use_layout(stored)
            return
        self._job = self._make_job(self._store.note_centers)
        self._job.start()
        self._timer.start()
        self.busy_changed.emit(True)

    def close(self) -> None:
        """Stop all work and release the pad controller."""
        self._unsubscribe()
        self.pad_controller.close()
        self._cancel()

    def _use_layout(self, positions: NDArray[np.float32]) -> None:
        self._store.pad.set_umap(positions)
        self.has_umap = True
        self.ready.emit()

    def _poll(self) -> None:
        job = self._job
        if job is None or not job.done():
            return
        self._cancel()
        if job.positions is not None:
            self._use_layout(job.positions)
        else:
            self.problem.emit(job.error)

    def _cancel(self) -> None:
        job, self._job = self._job, None
        self._timer.stop()
        if job is not None:
            job.cancel()
            self.busy_changed.emit(False)

    def _reset(self) -> None:
        self.has_umap = False
        self._cancel()
