"""The audio process: one engine, one output that pulls samples from it, and the commands of the app."""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from functools import partial
from typing import Any

from synth_app.audio.process.devices import list_devices_in_new_process
from synth_app.audio.process.dropout_log import DropoutLog
from synth_app.audio.process.kernel_compiler import KernelCompiler
from synth_app.audio.process.midi_input import MidiInput
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.process.model_prefetch import ModelPrefetch
from synth_app.audio.process.model_switcher import ModelSwitcher
from synth_app.audio.process.output_supervisor import OutputSupervisor
from synth_app.audio.process.player import EngineModule, Inbox, Player, load_engine
from synth_app.audio.process.sample_player import SamplePlayer
from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.messages import (
    Begin,
    DeviceList,
    Fault,
    ListDevices,
    OpenDevice,
    Ping,
    Play,
    PlaySample,
    Pong,
    Preload,
    Quit,
    Ready,
    SetMidi,
    StopSample,
    SwitchSample,
    Warm,
)
from synth_app.audio.protocol.private_pipes import private_pipes
from synth_app.audio.protocol.telemetry import TelemetryWriter
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.support.logging import forward_logging, set_log_level
from synth_app.support.priority import leave_real_time, raise_process, request_real_time

logger = logging.getLogger("synth_app.audio.process.main")  # __name__ is "__main__": this module is run with -m

_PING_TIMEOUT_S = 10.0
_QUIT_S = 3.0  # how long closing may take
_FAULT_EVERY_S = 1.0  # shortest time between two reports of failed blocks
_COLLECT_EVERY_S = 10.0  # 0.2 ms each, because all lasting objects are frozen; finds replaced instruments
_SWITCH_INTERVAL_S = 0.0001  # a thread that waits for the GIL gets it after this; Python's default is 5 ms
_NUMBAS_BLAS = "scipy.linalg.cython_blas"  # numba imports it at its first use, and with it half of SciPy


class AudioProcess:
    """The parts of a running audio process, and the reaction to every command."""

    def __init__(
        self, channel: Channel, telemetry_name: str, module: EngineModule, midi: str, prefetch: ModelPrefetch
    ) -> None:
        """Create the parts; nothing renders yet."""
        self._channel = channel
        self._priority = raise_process()  # first, because every later thread inherits it
        self._telemetry = TelemetryWriter(telemetry_name)
        inbox = Inbox()
        midi_queue = MidiQueue()
        self._samples = SamplePlayer(self._send, leave_real_time)
        self._player = Player(module.Engine(), inbox, self._telemetry, midi_queue, self._samples)
        self._midi = MidiInput(midi, midi_queue, self._send)
        self._switcher = ModelSwitcher(inbox, prefetch.load, self._send, leave_real_time, prefetch.prefetch)
        self._supervisor = OutputSupervisor(self._player, self._send)
        self._last_ping = time.monotonic()
        self._dropouts = DropoutLog(self._telemetry)
        self._fault_reported_at = self._collected_at = 0.0
        self._thread = threading.Thread(target=self._run_output, name="output", daemon=True)

    def run(self, requested_at: float) -> None:
        """Render, and handle commands until Quit arrives or the app has ended.

        Args:
            requested_at: time.monotonic() at which the app requested the start.
        """
        # All objects so far stay: freeze them, so that the collections in _tick are short.
        gc.collect()
        gc.freeze()
        gc.disable()
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._thread.start()
        self._send(Ready(os.getpid(), time.monotonic() - requested_at))
        with contextlib.suppress(EOFError):
            while not isinstance(command := self._channel.receive(), Quit):
                self._handle(command)
        self._midi.stop()
        self._supervisor.stop()
        self._thread.join(_QUIT_S)

    def _handle(self, command: object) -> None:
        match command:
            case Play(message):
                self._switcher.handle(message)
            case Preload(path, quality):
                self._switcher.expect(path, quality)
            case Ping(count):
                self._last_ping = time.monotonic()
                self._send(Pong(count))
            case OpenDevice(settings):
                self._supervisor.open(settings)
            case SetMidi(settings):
                self._midi.set(settings)
            case PlaySample():
                self._samples.play(command)
            case SwitchSample(which):
                self._samples.switch(which)
            case StopSample():
                self._samples.stop()
            case ListDevices():
                threading.Thread(target=self._list_devices, name="list-devices", daemon=True).start()
            case _:
                self._send(Fault(f"unknown command {command!r}"))

    def _send(self, report: object) -> None:
        with contextlib.suppress(OSError):  # the app has ended; receive() then ends the process
            self._channel.send(report)

    def _list_devices(self) -> None:
        try:
            self._send(DeviceList(list_devices_in_new_process()))
        except UserError as error:
            self._send(Fault(str(error)))

    def _run_output(self) -> None:
        """Run the output (body of its thread). The threads that render are started here and inherit its priority."""
        priority = request_real_time(self._priority)
        self._telemetry.set_priority(priority)
        logger.info("priority of the output thread: %s", priority)
        try:
            self._supervisor.run(self._tick)
        except Exception:  # no sound without this thread: end, so that the app starts a new process
            logger.exception("the output thread failed; the audio process ends")
            self._send(Fault(f"the audio process failed: {traceback.format_exc(limit=-3)}"))
            os._exit(1)

    def _tick(self) -> None:
        now = time.monotonic()
        self._switcher.flush()
        if now - self._last_ping > _PING_TIMEOUT_S:
            os._exit(0)  # the app hangs
        fault = self._player.fault
        if fault is not None and now - self._fault_reported_at > _FAULT_EVERY_S:
            self._player.fault = None
            self._fault_reported_at = now
            logger.error("a block of sound failed and was silent", exc_info=fault)
            where = "".join(traceback.format_exception(fault, limit=-3))
            self._send(Fault(f"a block of sound failed and was silent: {where}"))
        self._samples.check()
        self._dropouts.check(now)
        if now - self._collected_at > _COLLECT_EVERY_S:
            gc.collect()
            self._switcher.free_memory()
            self._collected_at = now


def audio_main(channel: Channel, engine: str, midi: str) -> None:
    """Compile or load the kernels, wait for ``Begin``, then run until the end.

    A failure of the start is reported before the process ends.

    Args:
        channel: to the app.
        engine: dotted name of the engine's module.
        midi: dotted name of the MIDI ports' module.
    """
    log = forward_logging(channel.send)
    start = time.monotonic()
    try:
        with _without(_NUMBAS_BLAS):  # no kernel uses it; saves a quarter of a second
            module = load_engine(engine)
            kernels = KernelCompiler(module.WARM_UP, partial(_report, channel))
            kernels.compile_first()
            module.warm_kernels(kernels.qualities)
    except EOFError:  # the app was closed during the compilation
        return
    except Exception as error:
        with contextlib.suppress(OSError):
            channel.send(Fault(f"the audio process cannot start: {type(error).__name__}: {error}"))
        raise
    logger.info("kernels of %s ready in %.2f s", engine, time.monotonic() - start)

    def prepare_instrument(path: str, quality: str) -> Any:
        kernels.wait_for(quality)
        return module.prepare_instrument(path, quality)

    prefetch = ModelPrefetch(prepare_instrument)
    with BlasThreadLimit(), contextlib.suppress(EOFError, OSError), contextlib.closing(kernels):
        channel.send(Warm())
        begin = _wait_to_begin(channel, prefetch)
        if begin is not None:
            set_log_level(begin.log_level)
            kernels.start_rest()  # before the process raises its priority
            process = AudioProcess(channel, begin.telemetry, module, midi, prefetch)
            log.start()  # inherits the raised priority
            process.run(begin.requested_at)


def _report(channel: Channel, message: object) -> None:
    """Send a message. Raises EOFError if the app was closed."""
    try:
        channel.send(message)
    except OSError as error:
        raise EOFError("the app was closed") from error


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    """Block the import of a module: Python refuses to import a name that is ``None`` in ``sys.modules``."""
    if module in sys.modules:
        yield
        return
    modules: dict[str, Any] = sys.modules
    modules[module] = None
    try:
        yield
    finally:
        del modules[module]


def _wait_to_begin(channel: Channel, prefetch: ModelPrefetch) -> Begin | None:
    """Handle the commands that a spare process can handle; return Begin, or None for Quit."""
    while True:
        match channel.receive():
            case Begin() as begin:
                return begin
            case Quit():
                return None
            case Preload(path, quality):
                prefetch.prefetch(path, quality)
            case Ping(count):
                channel.send(Pong(count))


def main() -> None:
    """Run the process: entry point of ``python -m synth_app.audio.process.main``, see ``start_audio_process``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine")
    parser.add_argument("midi")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app, which then ends this process
    audio_main(Channel(*private_pipes()), arguments.engine, arguments.midi)
    os._exit(0)  # skips PortAudio's exit handler, which may wait for a dead sound server


if __name__ == "__main__":
    main()
