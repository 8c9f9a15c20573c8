"""Switches models: decides which one plays, loads the next one, and passes the app's messages to the engine."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from synth_app.audio.process.instrument_memory import InstrumentMemory
from synth_app.audio.process.player import Inbox, Install
from synth_app.audio.protocol.messages import ModelLoaded, ModelRefused
from synth_app.patch import Message, NoteOff, NoteOn, Panic, Patch, SetPatch, SoundOff
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

_ModelKey = tuple[str, str]  # path of a model, quality


class ModelSwitcher:
    """Routes messages to the inbox and loads models in a thread of their own, so that notes never wait for one.

    While a model loads, its newest patch waits; a patch for another model replaces it. Before the first model, pressed
    keys wait too. A refused model is not tried again until another one was requested. The same model in another
    quality is loaded like another model.
    """

    def __init__(
        self,
        inbox: Inbox,
        prepare_instrument: Callable[[str, str], Any],
        report: Callable[[object], None],
        begin_loading: Callable[[], None] = lambda: None,
        prefetch: Callable[[str, str], None] = lambda path, quality: None,
    ) -> None:
        """Start without a model.

        Args:
            inbox: of the engine.
            prepare_instrument: loads a model (path, quality).
            report: sends a report to the app.
            begin_loading: called first in every thread that loads.
            prefetch: prepares a model in advance for ``prepare_instrument``.
        """
        self._begin_loading, self._prefetch = begin_loading, prefetch
        self._inbox = inbox
        self._prepare_instrument = prepare_instrument
        self._report = report
        self._lock = threading.Lock()  # never locked by the rendering thread
        self._model: _ModelKey | None = None  # installed, or in the inbox
        self._instrument: Any = None  # of this model
        self._loading = False
        self._next: Patch | None = None  # waits for its model
        self._refused: _ModelKey | None = None
        self._pressed: dict[int, NoteOn] = {}  # keys held before the first model
        self._memory = InstrumentMemory()

    def handle(self, message: Message) -> None:
        """Handle a message from the app, in the one thread that gets them.

        A patch's notes are packed here, so that the rendering thread need not. The keys after it keep their order.
        """
        if isinstance(message, SetPatch):
            self._handle_patch(message)
            return
        with self._lock:
            if self._model is None:
                self._store_key(message)
            else:
                self._inbox.put(message)

    def _handle_patch(self, message: SetPatch) -> None:
        """Pack a patch's notes, and pass it on; do both again if another instrument was installed meanwhile."""
        while True:
            with self._lock:
                model, instrument = self._model, self._instrument
            prepared = instrument.prepared(message) if model == _model_key(message.patch) else message
            with self._lock:
                if instrument is self._instrument:
                    self._set_patch(prepared)
                    return

    def expect(self, path: str, quality: str) -> None:
        """Load a model before its first patch arrives. It is reported only when that patch arrives."""
        with self._lock:
            if self._model is None:
                self._start_thread((path, quality))

    def flush(self) -> None:
        """Pass on messages that did not fit into the inbox before."""
        with self._lock:
            self._inbox.flush()

    def free_memory(self) -> None:
        """Free replaced instruments that the garbage collector has found."""
        self._memory.free()

    def _set_patch(self, message: SetPatch) -> None:
        key = _model_key(message.patch)
        if key != self._refused:
            self._refused = None
        if key == self._model:
            self._next = None
            self._inbox.put(message)
        elif key != self._refused:
            self._next = message.patch
            self._start_thread()

    def _start_thread(self, expected: _ModelKey | None = None) -> None:
        """Start the loading thread unless it runs; the caller holds the lock."""
        if not self._loading:
            self._loading = True
            threading.Thread(target=self._load, args=(expected,), name="model-loader", daemon=True).start()

    def _store_key(self, message: Message) -> None:
        if isinstance(message, NoteOn):
            self._pressed[message.note] = message
        elif isinstance(message, NoteOff):
            self._pressed.pop(message.note, None)
        elif isinstance(message, SoundOff):
            self._pressed = {n: pressed for n, pressed in self._pressed.items() if pressed.channel != message.channel}
        elif isinstance(message, Panic):
            self._pressed.clear()

    def _load(self, expected: _ModelKey | None) -> None:
        """Load the expected model, then every requested one until none waits."""
        self._begin_loading()
        if expected is not None:
            with contextlib.suppress(Exception):  # it fails again, and is refused, when it is requested
                self._prefetch(*expected)
        while True:
            with self._lock:
                if self._next is None:
                    self._loading = False
                    return
                key = _model_key(self._next)
            start = time.monotonic()
            try:
                instrument = self._prepare_instrument(*key)
                self._memory.keep(instrument)
            except UserError as error:
                logger.warning("model refused: %s", error)
                self._refuse(key, str(error))
            except Exception as error:  # a defect must not end the thread: the previous model keeps playing
                logger.exception("model %s cannot be loaded", key[0])
                self._refuse(key, f"{key[0]} cannot be loaded: {type(error).__name__}: {error}")
            else:
                logger.info("model %s ready in quality %s after %.2f s", *key, time.monotonic() - start)
                self._install(key, instrument)

    def _install(self, key: _ModelKey, instrument: Any) -> None:
        prepared: Patch | None = None
        while True:
            with self._lock:
                patch = self._next
                if patch is None or _model_key(patch) != key:
                    return  # another model was requested meanwhile
                if patch is prepared:
                    self._put(key, instrument, patch)
                    break
            instrument.prepared(SetPatch(patch))  # kept by the instrument, so that the rendering thread need not pack
            prepared = patch
        self._report(ModelLoaded(key[0]))

    def _put(self, key: _ModelKey, instrument: Any, patch: Patch) -> None:
        """Install an instrument, and press the keys that waited; the caller holds the lock."""
        self._inbox.put(Install(instrument, patch))
        for note in self._pressed.values():
            self._inbox.put(note)
        self._pressed.clear()
        self._model, self._next, self._instrument = key, None, instrument

    def _refuse(self, key: _ModelKey, problem: str) -> None:
        with self._lock:
            if self._next is not None and _model_key(self._next) == key:
                self._next = None
                self._refused = key
        self._report(ModelRefused(key[0], problem))


def _model_key(patch: Patch) -> _ModelKey:
    return patch.model, patch.quality
