"""MIDI in the audio process: opens ports as they come, gives notes to the engine and news to the app."""

import importlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from synth_app.audio.process.midi_ports import OpenPort, PortModule, device_name
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.protocol.messages import MidiPlayed, MidiState
from synth_app.midi import ControllerMoved, MidiSettings, Translator
from synth_app.patch import Message
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

_FETCH_EVERY_S = 0.001  # while a port is open
_LOOK_EVERY_S = 1.0  # for ports that came or went
_LOOK_AGAIN_S = 10.0  # where the system has no MIDI at all
_FETCHES = 5  # between two looks at everything else
_NEWS_EVERY_S = 0.01  # at most; what comes faster is told as where it stands then
_PAUSE_S = 1.0  # after it a port's clock is set anew
_BATCH = 256  # most messages fetched from a port before the others have their turn


@dataclass
class _Heard:
    """A port being listened to."""

    port: OpenPort
    translator: Translator
    time_s: float = 0.0  # when its last message came

    def came(self, now_s: float, since_last_s: float) -> float:
        """When a message came: the port's own distances, but never later than now, which keeps both clocks together."""
        expected = self.time_s + since_last_s
        self.time_s = now_s if since_last_s > _PAUSE_S or self.time_s == 0.0 else min(expected, now_s)
        return self.time_s


class MidiInput:
    """One thread does it all; nothing here is ever waited for by the one that renders.

    Args:
        module: dotted name of the module of the ports, imported with the first ``set``.
        queue: where notes and controllers go, with the time at which they came.
        report: told MidiState and MidiPlayed.
    """

    def __init__(self, module: str, queue: MidiQueue, report: Callable[[object], None]) -> None:
        """Listen to nothing until ``set``."""
        self._module = module
        self._queue = queue
        self._report = report
        self._open: dict[str, _Heard] = {}  # by name
        self._controllers: dict[tuple[int, int], int] = {}  # moved since the last news, by channel and number
        self._news, self._told_at = False, 0.0
        self._wake = threading.Event()
        self._request: MidiSettings | None = None
        self._settings = MidiSettings(port="")
        self._told: MidiState | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    def set(self, settings: MidiSettings) -> None:
        """Listen to these inputs from now on; returns at once."""
        self._request = settings
        self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Close every port."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        ports = cast(PortModule, importlib.import_module(self._module))
        look_at = 0.0
        while not self._stopping:
            if not self._open:
                self._wake.wait(_NEWS_EVERY_S if self._news else max(look_at - time.monotonic(), 0.0))
            self._wake.clear()
            request, self._request = self._request, None
            if request is not None:
                self._change(request)
            if request is not None or time.monotonic() >= look_at:
                look_at = time.monotonic() + (_LOOK_EVERY_S if self._look(ports) else _LOOK_AGAIN_S)
            if self._open:
                self._fetch_for_a_while()
            self._tell_news()
        self._close(list(self._open))

    def _fetch_for_a_while(self) -> None:
        """Take what the ports receive until news are due; most of the time nothing comes, so this must cost little."""
        ports = tuple(self._open.values())
        for _ in range(_FETCHES):
            for heard in ports:
                message = heard.port.read()
                if message is not None:
                    self._take(heard, message)
            time.sleep(_FETCH_EVERY_S)

    def _take(self, heard: _Heard, message: tuple[Sequence[int], float] | None) -> None:
        """Take this message and those that wait behind it."""
        now = time.perf_counter()
        for _ in range(_BATCH):
            if message is None:
                break
            data, since_last_s = message
            time_s = heard.came(now, since_last_s)
            self._pass_on(heard.translator.feed(data, time_s), time_s)
            message = heard.port.read()

    def _pass_on(self, messages: Iterable[Message | ControllerMoved], time_s: float) -> None:
        for message in messages:
            self._news = True
            if isinstance(message, ControllerMoved):
                self._controllers[message.channel, message.number] = message.value
            else:
                self._queue.put(time_s, message)

    def _change(self, settings: MidiSettings) -> None:
        """Understand channels in another way from now on: what is held is let go of first."""
        self._told = None  # a request is always answered
        if (settings.mode, settings.channel) != (self._settings.mode, self._settings.channel):
            self._close(list(self._open))
            self._pass_on((Translator(settings).zones,), time.perf_counter())
        self._settings = settings

    def _look(self, ports: PortModule) -> bool:
        """Open what came, forget what went; whether the system has MIDI."""
        try:
            names = () if self._settings.port == "" else ports.list_ports()
        except UserError as error:
            self._close(list(self._open))
            self._tell((), str(error))
            return False
        wanted = [name for name in names if self._wants(name)]
        self._close([name for name in self._open if name not in wanted])
        problem = f"{self._settings.port} is not connected; it will play as soon as it is"
        problem = "" if wanted or not self._settings.port else problem
        for name in wanted:
            if name not in self._open:
                try:
                    self._open[name] = _Heard(ports.open_port(name), Translator(self._settings))
                except UserError as error:
                    problem = str(error)
        self._tell(names, problem)
        return True

    def _wants(self, name: str) -> bool:
        chosen = self._settings.port
        return chosen is None or device_name(name) == device_name(chosen)

    def _close(self, names: Iterable[str]) -> None:
        for name in names:
            heard = self._open.pop(name)
            heard.port.close()
            self._pass_on(heard.translator.release_all(), time.perf_counter())

    def _tell(self, names: Sequence[str], problem: str) -> None:
        state = MidiState(self._settings, tuple(names), tuple(self._open), problem)
        if state != self._told:
            self._told = state
            logger.info("MIDI inputs open: %s of %s; %s", list(state.open), list(state.ports), problem or "no problem")
            self._report(state)

    def _tell_news(self) -> None:
        if not self._news or time.monotonic() - self._told_at < _NEWS_EVERY_S:
            return
        self._news, self._told_at = False, time.monotonic()
        moved = tuple(ControllerMoved(*key, value) for key, value in self._controllers.items())
        self._controllers.clear()
        held = frozenset(note for heard in self._open.values() for _, note in heard.translator.held)
        self._report(MidiPlayed(moved, held))
