"""Which model plays and which is being loaded: turns what the app sends into what the engine is given."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from synth_app.audio.process.player import Inbox, Install
from synth_app.audio.protocol.messages import ModelLoaded, ModelRefused
from synth_app.patch import Message, NoteOff, NoteOn, Panic, Patch, SetPatch
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

_Wanted = tuple[str, str]  # path of a model, quality


class ModelSwitcher:
    """Routes messages to the inbox. Models load in a thread of their own, so that notes never wait for one.

    While a model loads, its newest sound waits; a sound for yet another model replaces it. Before there is any
    model at all, pressed keys wait too. A model that was refused is not tried again until another one was asked for.
    The same model in another quality is loaded like another model.
    """

    def __init__(
        self,
        inbox: Inbox,
        prepare_instrument: Callable[[str, str], Any],
        report: Callable[[object], None],
        begin_loading: Callable[[], None] = lambda: None,
        prepare_ahead: Callable[[str, str], None] = lambda path, quality: None,
    ) -> None:
        """Start without a model.

        Args:
            inbox: of the engine. report: to the app.
            prepare_instrument: what is installed. prepare_ahead: has it at hand for ``prepare_instrument``.
            begin_loading: called first in every thread that loads.
        """
        self._begin_loading, self._prepare_ahead = begin_loading, prepare_ahead
        self._inbox = inbox
        self._prepare_instrument = prepare_instrument
        self._report = report
        self._lock = threading.Lock()  # never taken by the rendering thread
        self._model: _Wanted | None = None  # what the engine has, or will have once it took its inbox
        self._loading = False
        self._next: Patch | None = None  # waits for its model
        self._refused: _Wanted | None = None
        self._pressed: dict[int, NoteOn] = {}  # keys held before there is a model
        self._rigs: list[Any] = []  # the last two, kept so that no memory is freed in the rendering thread

    def handle(self, message: Message) -> None:
        """Take a message from the app."""
        with self._lock:
            if isinstance(message, SetPatch):
                self._set_patch(message)
            elif self._model is None:
                self._hold_back(message)
            else:
                self._inbox.put(message)

    def expect(self, path: str, quality: str) -> None:
        """Load a model before its first sound is known; nothing is told of it until that comes."""
        with self._lock:
            if self._model is None:
                self._begin_thread((path, quality))

    def flush(self) -> None:
        """Hand on what did not fit into the inbox before."""
        with self._lock:
            self._inbox.flush()

    def _set_patch(self, message: SetPatch) -> None:
        wanted = _wanted(message.patch)
        if wanted != self._refused:
            self._refused = None
        if wanted == self._model:
            self._next = None
            self._inbox.put(message)
        elif wanted != self._refused:
            self._next = message.patch
            self._begin_thread()

    def _begin_thread(self, expected: _Wanted | None = None) -> None:
        """Have one thread load; the caller holds the lock."""
        if not self._loading:
            self._loading = True
            threading.Thread(target=self._load, args=(expected,), name="model-loader", daemon=True).start()

    def _hold_back(self, message: Message) -> None:
        if isinstance(message, NoteOn):
            self._pressed[message.note] = message
        elif isinstance(message, NoteOff):
            self._pressed.pop(message.note, None)
        elif isinstance(message, Panic):
            self._pressed.clear()

    def _load(self, expected: _Wanted | None) -> None:
        """Load what is expected, then what is wanted until nothing waits any more."""
        self._begin_loading()
        if expected is not None:
            with contextlib.suppress(Exception):  # it fails again, and is refused, when it is wanted
                self._prepare_ahead(*expected)
        while True:
            with self._lock:
                if self._next is None:
                    self._loading = False
                    return
                wanted = _wanted(self._next)
            start = time.monotonic()
            try:
                instrument = self._prepare_instrument(*wanted)
            except UserError as error:
                logger.warning("model refused: %s", error)
                self._refuse(wanted, str(error))
            except Exception as error:  # a defect must not end the loader: the model before plays on
                logger.exception("model %s cannot be loaded", wanted[0])
                self._refuse(wanted, f"{wanted[0]} cannot be loaded: {type(error).__name__}: {error}")
            else:
                logger.info("model %s ready in quality %s after %.2f s", *wanted, time.monotonic() - start)
                self._install(wanted, instrument)

    def _install(self, wanted: _Wanted, instrument: Any) -> None:
        with self._lock:
            if self._next is None or _wanted(self._next) != wanted:
                return  # something else is wanted by now
            self._inbox.put(Install(instrument, self._next))
            for note in self._pressed.values():
                self._inbox.put(note)
            self._pressed.clear()
            self._model, self._next = wanted, None
            self._rigs = [*self._rigs[-1:], instrument]
        self._report(ModelLoaded(wanted[0]))

    def _refuse(self, wanted: _Wanted, problem: str) -> None:
        with self._lock:
            if self._next is not None and _wanted(self._next) == wanted:
                self._next = None
                self._refused = wanted
        self._report(ModelRefused(wanted[0], problem))


def _wanted(patch: Patch) -> _Wanted:
    return patch.model, patch.quality
