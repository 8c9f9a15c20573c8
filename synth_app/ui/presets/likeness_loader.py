"""Measures how near presets are to the present sound, beside the window's thread."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from synth_app.decoder import Model
from synth_app.patch import Patch
from synth_app.session import PresetEntry, PresetLibrary, SessionStore
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.session.find.preset_distances import PresetDistances

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    """What is asked: distances from a patch of a model to presets."""

    patch: Patch
    model: Model
    presets: tuple[PresetEntry, ...]


class _Entries(PresetLibrary):
    """Presets that were read already: a library that a thread may use."""

    def __init__(self, entries: tuple[PresetEntry, ...]) -> None:
        super().__init__()
        self._set_entries(entries)


class LikenessLoader(QObject):
    """Answers one request at a time; the latest wins. What was measured once stays in the user's cache.

    Signals:
        ready: dict of distances by the keys of presets, and the patch that they are measured from.
        progress: (measured, to measure), while presets and notes are measured for the first time.
        problem: what failed, for the user.
    """

    ready = Signal(object, object)
    progress = Signal(int, int)
    problem = Signal(str)

    def __init__(
        self, store: SessionStore, presets: PresetLibrary, sounds: SoundLibrary, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._presets, self._sounds = store, presets, sounds
        self._thread = ThreadPoolExecutor(1, "likeness")
        self._guard = threading.Lock()
        self._waiting: _Request | None = None  # the latest one that is not begun yet
        self._closed = False
        self._measured: tuple[Model, tuple[PresetEntry, ...], PresetDistances] | None = None  # belongs to the thread

    def request(self, patch: Patch) -> None:
        """Ask for the distances of all presets from a patch; the answer comes by ``ready``."""
        model = self._store.model
        if model is None or self._closed:
            return
        with self._guard:
            idle = self._waiting is None
            self._waiting = _Request(patch, model, self._presets.entries())
        if idle:
            self._thread.submit(self._answer)

    def close(self) -> None:
        """Stop; an answer on its way is not used."""
        self._closed = True
        self._thread.shutdown(cancel_futures=True)

    def _answer(self) -> None:
        with self._guard:
            request, self._waiting = self._waiting, None
        assert request is not None
        try:
            distances = self._distances(request)
        except UserError as error:
            self.problem.emit(str(error))
        except Exception as error:  # a defect must not end the thread in silence: it is logged and shown
            logger.exception("unexpected error while comparing presets")
            self.problem.emit(f"the presets cannot be compared: {error!r}; please report it")
        else:
            self.ready.emit(distances, request.patch)

    def _distances(self, request: _Request) -> dict[str, float]:
        from synth_app.session.find.preset_distances import PresetDistances
        from synth_app.session.find.search import SoundFinder

        known = self._measured
        if known is None or known[0] is not request.model or known[1] != request.presets:
            model = Model(request.model.file)  # one for this thread
            finder = SoundFinder(
                model, request.patch.model, self._sounds, _Entries(request.presets), progress=self._tell
            )
            known = self._measured = (request.model, request.presets, PresetDistances(finder, model))
        return known[2].of(request.patch)

    def _tell(self, done: int, total: int) -> None:
        if self._closed:
            raise UserError("the window is closed")
        if done % 10 == 0 or done == total:
            self.progress.emit(done, total)
