"""The audio process: one engine, one clock that pulls it, and the commands of the app that started it."""

import argparse
import contextlib
import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Any, BinaryIO

from synth_app.audio.process.devices import list_devices_afresh
from synth_app.audio.process.dropout_log import DropoutLog
from synth_app.audio.process.midi_input import MidiInput
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.audio.process.model_switcher import ModelSwitcher
from synth_app.audio.process.output_supervisor import OutputSupervisor
from synth_app.audio.process.player import EngineModule, Inbox, Player, load_engine
from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.messages import (
    Begin,
    DeviceList,
    Fault,
    ListDevices,
    OpenDevice,
    Ping,
    Play,
    Pong,
    Preload,
    Quit,
    Ready,
    SetMidi,
    Warm,
)
from synth_app.audio.protocol.telemetry import TelemetryWriter
from synth_app.support.errors import UserError
from synth_app.support.logging import forward_logging, set_log_level

logger = logging.getLogger("synth_app.audio.process.main")  # __name__ is "__main__": this module is run with -m

_PING_TIMEOUT_S = 10.0
_QUIT_S = 3.0  # how long closing may take
_FAULT_EVERY_S = 1.0  # at most one report of failing blocks per this time
_COLLECT_EVERY_S = 10.0  # takes 0.3 ms, all that stays being frozen; rigs that were swapped out wait for it
_SWITCH_INTERVAL_S = 0.0005  # a thread that waits for the interpreter gets it after this, Python's default is 5 ms
_FIFO_PRIORITY, _FIFO_PRIORITY_OF_OTHERS = 10, 5
_NICE = -11  # what desktop sound servers use
_NICE_OF_LOADERS = -20
_NUMBAS_BLAS = "scipy.linalg.cython_blas"  # looked for at numba's first use, and with it half of SciPy


class AudioProcess:
    """The running parts and the reaction to every command."""

    def __init__(
        self, channel: Channel, telemetry_name: str, module: EngineModule, midi: str, shelf: ModelPrefetch
    ) -> None:
        """Make the parts; nothing renders yet."""
        self._channel = channel
        self._priority = _raise_priority()  # first: every later thread inherits it
        self._telemetry = TelemetryWriter(telemetry_name)
        inbox = Inbox()
        played = MidiQueue()
        self._player = Player(module.Engine(), inbox, self._telemetry, played)
        self._midi = MidiInput(midi, played, self._send)
        self._stage = ModelSwitcher(inbox, shelf.take, self._send, _leave_real_time, shelf.put)
        self._keeper = OutputSupervisor(self._player, self._send)
        self._last_ping = time.monotonic()
        self._dropouts = DropoutLog(self._telemetry)
        self._fault_told_at = self._collected_at = 0.0
        self._thread = threading.Thread(target=self._keep, name="output", daemon=True)

    def run(self, asked_at: float) -> None:
        """Play and obey until told to quit or the app is gone."""
        # Everything made so far stays: freeze it, so that the collections in _housekeep are short.
        gc.collect()
        gc.freeze()
        gc.disable()
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._thread.start()
        self._send(Ready(os.getpid(), time.monotonic() - asked_at))
        with contextlib.suppress(EOFError):
            while not isinstance(command := self._channel.receive(), Quit):
                self._obey(command)
        self._midi.stop()
        self._keeper.stop()
        self._thread.join(_QUIT_S)

    def _obey(self, command: object) -> None:
        match command:
            case Play(message):
                self._stage.handle(message)
            case Preload(path, quality):
                self._stage.expect(path, quality)
            case Ping(count):
                self._last_ping = time.monotonic()
                self._send(Pong(count))
            case OpenDevice(settings):
                self._keeper.open(settings)
            case SetMidi(settings):
                self._midi.set(settings)
            case ListDevices():
                threading.Thread(target=self._list_devices, name="list-devices", daemon=True).start()
            case _:
                self._send(Fault(f"unknown command {command!r}"))

    def _send(self, report: object) -> None:
        with contextlib.suppress(OSError):  # the app is gone: the reader notices
            self._channel.send(report)

    def _list_devices(self) -> None:
        try:
            self._send(DeviceList(list_devices_afresh()))
        except UserError as error:
            self._send(Fault(str(error)))

    def _keep(self) -> None:
        """Body of the output thread; the threads that render are its children and inherit its priority."""
        priority = _ask_real_time(self._priority)
        self._telemetry.set_priority(priority)
        logger.info("priority of the output thread: %s", priority)
        try:
            self._keeper.run(self._housekeep)
        except Exception:  # without this thread there is no sound: end, the app starts a new process
            logger.exception("the output thread failed; the audio process ends")
            self._send(Fault(f"the audio process failed: {traceback.format_exc(limit=-3)}"))
            os._exit(1)

    def _housekeep(self) -> None:
        now = time.monotonic()
        self._stage.flush()
        if now - self._last_ping > _PING_TIMEOUT_S:
            os._exit(0)  # the app hangs for good
        fault = self._player.fault
        if fault is not None and now - self._fault_told_at > _FAULT_EVERY_S:
            self._player.fault = None
            self._fault_told_at = now
            logger.error("a block of sound failed and was silent", exc_info=fault)
            where = "".join(traceback.format_exception(fault, limit=-3))
            self._send(Fault(f"a block of sound failed and was silent: {where}"))
        self._dropouts.check(now)
        if now - self._collected_at > _COLLECT_EVERY_S:
            gc.collect()
            self._collected_at = now


def audio_main(channel: Channel, engine: str, midi: str) -> None:
    """Warm the engine module of that dotted name, wait for ``Begin``, run until the end.

    Failures of the start are reported before the process ends.
    """
    forward_logging(channel.send)
    start = time.monotonic()
    try:
        with _without(_NUMBAS_BLAS):  # no kernel multiplies matrices with it: sound a quarter of a second earlier
            module = load_engine(engine)
            module.warm_kernels()
    except Exception as error:
        with contextlib.suppress(OSError):
            channel.send(Fault(f"the audio process cannot start: {type(error).__name__}: {error}"))
        raise
    logger.info("kernels of %s ready in %.2f s", engine, time.monotonic() - start)
    shelf = ModelPrefetch(module.prepare_instrument)
    with contextlib.suppress(EOFError, OSError):
        channel.send(Warm())
        begin = _wait_to_begin(channel, shelf)
        if begin is not None:
            set_log_level(begin.log_level)
            AudioProcess(channel, begin.telemetry, module, midi, shelf).run(begin.asked_at)


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    """Refuse the import of a module meanwhile, as ``None`` in ``sys.modules`` does by Python's own rules."""
    if module in sys.modules:
        yield
        return
    modules: dict[str, Any] = sys.modules
    modules[module] = None
    try:
        yield
    finally:
        del modules[module]


def _wait_to_begin(channel: Channel, shelf: ModelPrefetch) -> Begin | None:
    """Obey what a waiting process can; None when told to quit."""
    while True:
        match channel.receive():
            case Begin() as begin:
                return begin
            case Quit():
                return None
            case Preload(path, quality):
                shelf.put(path, quality)
            case Ping(count):
                channel.send(Pong(count))


def _raise_priority() -> str:
    """Ask for a raised priority of this thread and its children; what was granted.

    All threads need it: the rendering one may wait for the interpreter, held by one of the others, which must not
    wait for a core meanwhile.
    """
    if _ask_real_time("", _FIFO_PRIORITY_OF_OTHERS):
        return "real-time"
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    except (AttributeError, OSError):
        return "normal"
    return "raised"


def _ask_real_time(granted: str, priority: int = _FIFO_PRIORITY) -> str:
    """Ask for real-time scheduling of this thread and its children; what was granted."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
    except (AttributeError, OSError):
        return granted
    return "real-time"


def _leave_real_time() -> None:
    """For a thread that works for long: in real time it would keep a core from the sound server.

    As far ahead of everything else as the system lets it, since the rendering thread may wait for the interpreter
    that it holds.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE_OF_LOADERS)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for the channel, and silence what C libraries print.

    PortAudio and ALSA print at every failed attempt to open a device; Python's own errors still reach the terminal.
    """
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1)
    faulthandler.enable(sys.stderr)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    sys.stdout = sys.stderr
    return incoming, outgoing


def main() -> None:
    """Entry point of ``python -m synth_app.audio.process.main``, which only ``AudioClient`` calls."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("midi")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the app, which then ends this process
    audio_main(Channel(*_private_pipes()), arguments.engine, arguments.midi)
    os._exit(0)  # not through PortAudio's exit handler, which may wait for a dead sound server


if __name__ == "__main__":
    main()
