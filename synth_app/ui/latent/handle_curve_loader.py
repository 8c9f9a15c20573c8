"""Solves the curves of the moved handles beside the window's thread, whenever the sound changes."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, Signal

from synth_app.decoder import Model
from synth_app.patch import HandleCurves, Patch
from synth_app.session import LocksChanged, ModelChanged, PatchChanged, SessionStore
from synth_app.session.curves.handle_solver import HandleScales, HandleSolver, needs_curves

logger = logging.getLogger(__name__)


class HandleCurveLoader(QObject):
    """Keeps the curves of the store's patch up to date. The latest sound wins; the ones between are left out.

    Until new curves are there, modulation moves along the old ones, which belong to a sound nearby.

    Signals:
        problem: what failed, for the user.
    """

    problem = Signal(str)
    _solved = Signal(object, object)  # HandleCurves, Model

    def __init__(self, store: SessionStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._solver = store, HandleSolver()
        self._thread = ThreadPoolExecutor(1, "handle-curves")
        self._guard = threading.Lock()
        self._waiting: tuple[Patch, Model, HandleScales, frozenset[int]] | None = None  # the latest one not solved yet
        self._solved.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = [
            store.subscribe(PatchChanged, self._follow),
            store.subscribe(ModelChanged, lambda _: self._request()),
            store.subscribe(LocksChanged, lambda _: self._request()),
        ]
        self._request()

    def close(self) -> None:
        """Stop: the present solution is waited for and not used."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._solved.disconnect()
        self._thread.shutdown(cancel_futures=True)

    def _take(self, curves: HandleCurves, model: Model) -> None:
        self._store.set_handle_curves(curves, model)

    def _follow(self, change: PatchChanged) -> None:
        if change.before.settings != change.after.settings:
            self._request()

    def _request(self) -> None:
        patch, model, pinned = self._store.patch, self._store.model, self._store.state.pinned
        if model is None or not needs_curves(patch, model, pinned):
            return
        with self._guard:
            idle, self._waiting = self._waiting is None, (patch, model, HandleScales.of(model), pinned)
        if idle:
            self._thread.submit(self._solve)

    def _solve(self) -> None:
        with self._guard:
            waiting, self._waiting = self._waiting, None
        assert waiting is not None
        patch, model, scales, pinned = waiting
        try:
            curves = self._solver.curves(patch, model, scales, pinned)
        except Exception as error:  # a defect must not end the thread in silence: it is logged and shown
            logger.exception("unexpected error while solving handles")
            self.problem.emit(f"the handles cannot be modulated: {error!r}; please report it")
            return
        self._solved.emit(curves, model)
