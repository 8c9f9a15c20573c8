"""MIDI input of the audio process: opens ports, sends notes to the engine and reports to the app."""

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
from synth_app.support.priority import raise_thread

logger = logging.getLogger(__name__)

_FETCH_INTERVAL_S = 0.001  # between two reads of the open ports
_SCAN_INTERVAL_S = 1.0  # between two scans for new and removed ports
_NO_MIDI_INTERVAL_S = 10.0  # between two scans where the system has no MIDI
_FETCHES = 5  # reads of the ports between two checks of everything else
_ACTIVITY_INTERVAL_S = 0.01  # shortest time between two MidiPlayed; each has the latest values only
_PAUSE_S = 1.0  # after such a pause a port's clock is synchronized again
_BATCH = 256  # most messages read from a port before the next port is read


@dataclass
class _OpenInput:
    """An open port with its translator and clock."""

    port: OpenPort
    translator: Translator
    time_s: float = 0.0  # arrival of its last message

    def arrival_time(self, now_s: float, since_last_s: float) -> float:
        """Return when a message arrived: by the port's own clock, but never later than now.

        Args:
            now_s: time.perf_counter().
            since_last_s: distance to the previous message by the port's clock.
        """
        expected = self.time_s + since_last_s
        self.time_s = now_s if since_last_s > _PAUSE_S or self.time_s == 0.0 else min(expected, now_s)
        return self.time_s


class MidiInput:
    """Reads all ports in one thread. The rendering thread never waits for it.

    Args:
        module: dotted name of the MIDI ports' module, imported with the first ``set``.
        queue: receives notes and controllers with their arrival times.
        report: called with MidiState and MidiPlayed.
    """

    def __init__(self, module: str, queue: MidiQueue, report: Callable[[object], None]) -> None:
        """Open no port until ``set``."""
        self._module = module
        self._queue = queue
        self._report = report
        self._open: dict[str, _OpenInput] = {}  # by name
        self._controllers: dict[tuple[int, int], int] = {}  # (channel, number) -> value, since the last MidiPlayed
        self._activity, self._reported_at = False, 0.0
        self._wake = threading.Event()
        self._request: MidiSettings | None = None
        self._settings = MidiSettings(port="")
        self._reported: MidiState | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    def set(self, settings: MidiSettings) -> None:
        """Select the inputs; returns at once."""
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
        raise_thread()
        ports = cast(PortModule, importlib.import_module(self._module))
        scan_at = 0.0
        while not self._stopping:
            if not self._open:
                self._wake.wait(_ACTIVITY_INTERVAL_S if self._activity else max(scan_at - time.monotonic(), 0.0))
            self._wake.clear()
            request, self._request = self._request, None
            if request is not None:
                self._change(request)
            if request is not None or time.monotonic() >= scan_at:
                scan_at = time.monotonic() + (_SCAN_INTERVAL_S if self._scan_ports(ports) else _NO_MIDI_INTERVAL_S)
            if self._open:
                self._fetch_messages()
            self._report_activity()
        self._close(list(self._open))

    def _fetch_messages(self) -> None:
        """Read the ports for a few ms. Most of the time nothing arrives, so this must be cheap."""
        ports = tuple(self._open.values())
        for _ in range(_FETCHES):
            for source in ports:
                message = source.port.read()
                if message is not None:
                    self._read_all(source, message)
            time.sleep(_FETCH_INTERVAL_S)

    def _read_all(self, source: _OpenInput, message: tuple[Sequence[int], float] | None) -> None:
        """Translate this message and all that wait after it."""
        now = time.perf_counter()
        for _ in range(_BATCH):
            if message is None:
                break
            data, since_last_s = message
            time_s = source.arrival_time(now, since_last_s)
            self._forward(source.translator.feed(data, time_s), time_s)
            message = source.port.read()

    def _forward(self, messages: Iterable[Message | ControllerMoved], time_s: float) -> None:
        for message in messages:
            self._activity = True
            if isinstance(message, ControllerMoved):
                self._controllers[message.channel, message.number] = message.value
            else:
                self._queue.put(time_s, message)

    def _change(self, settings: MidiSettings) -> None:
        """Change the settings; if channels are interpreted in another way, release held keys first."""
        self._reported = None  # every request is answered
        if (settings.mode, settings.channel) != (self._settings.mode, self._settings.channel):
            self._close(list(self._open))
            self._forward((Translator(settings).zones,), time.perf_counter())
        self._settings = settings

    def _scan_ports(self, ports: PortModule) -> bool:
        """Open new ports, close removed ones; return whether the system has MIDI."""
        try:
            names = () if self._settings.port == "" else ports.list_ports()
        except UserError as error:
            self._close(list(self._open))
            self._report_state((), str(error))
            return False
        selected = [name for name in names if self._is_selected(name)]
        self._close([name for name in self._open if name not in selected])
        problem = f"{self._settings.port} is not connected; it can be played as soon as it is connected"
        problem = "" if selected or not self._settings.port else problem
        for name in selected:
            if name not in self._open:
                try:
                    self._open[name] = _OpenInput(ports.open_port(name), Translator(self._settings))
                except UserError as error:
                    problem = str(error)
        self._report_state(names, problem)
        return True

    def _is_selected(self, name: str) -> bool:
        chosen = self._settings.port
        return chosen is None or device_name(name) == device_name(chosen)

    def _close(self, names: Iterable[str]) -> None:
        for name in names:
            source = self._open.pop(name)
            source.port.close()
            self._forward(source.translator.release_all(), time.perf_counter())

    def _report_state(self, names: Sequence[str], problem: str) -> None:
        state = MidiState(self._settings, tuple(names), tuple(self._open), problem)
        if state != self._reported:
            self._reported = state
            logger.info("MIDI inputs open: %s of %s; %s", list(state.open), list(state.ports), problem or "no problem")
            self._report(state)

    def _report_activity(self) -> None:
        if not self._activity or time.monotonic() - self._reported_at < _ACTIVITY_INTERVAL_S:
            return
        self._activity, self._reported_at = False, time.monotonic()
        moved = tuple(ControllerMoved(*key, value) for key, value in self._controllers.items())
        self._controllers.clear()
        held = frozenset(note for source in self._open.values() for _, note in source.translator.held)
        runs = any(source.translator.running for source in self._open.values())
        self._report(MidiPlayed(moved, held, runs))
