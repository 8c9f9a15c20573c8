"""Client of the audio process: sends commands, receives reports, and replaces a process that died or hangs."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from synth_app.audio.client.process_handle import ProcessHandle
from synth_app.audio.client.restart_state import RestartState
from synth_app.audio.protocol.messages import (
    Begin,
    DeviceSettings,
    GaveUp,
    ListDevices,
    ModelLoaded,
    OpenDevice,
    Ping,
    Play,
    PlaySample,
    Pong,
    Preload,
    Quit,
    Ready,
    Report,
    Restarted,
    SampleState,
    SetMidi,
    StopSample,
    SwitchSample,
    Warm,
)
from synth_app.audio.protocol.telemetry import Telemetry
from synth_app.midi import MidiSettings
from synth_app.patch import Message, NoteOn
from synth_app.support.early_process import ENGINE, MIDI, EarlyProcess, start_audio_process
from synth_app.support.logging import ForwardedRecord, log_level

logger = logging.getLogger(__name__)

_PINGS = 5  # heartbeats sent within hang_seconds; this many unanswered ones mean that the process hangs
# The client gives up after so many exits within this time, or so many in a row before Ready.
_MAX_EXITS, _EXITS_WITHIN_S = 3, 10.0
_QUIT_S = 4.0
_PRELOAD_AFTER_S = 1.5  # delay, so that the spare does not load while the playing process changes its model
_REMEDY = "start it again in the audio settings, or restart the program"


class AudioClient:
    """The audio process and a spare one, which has its kernels and the model loaded and can replace the first.

    Starting a process takes seconds, mostly to load compiled kernels. The spare one takes over in a fraction of a
    second.

    One background thread calls ``on_report``, one report at a time; ``play_sample`` calls it too while no process runs.
    ``on_report`` must not call ``close``. All methods may be called from any thread. None of them blocks, except
    ``close``.
    """

    def __init__(
        self,
        on_report: Callable[[Report], None],
        *,
        engine: str = ENGINE,
        midi: str = MIDI,
        early: EarlyProcess | None = None,
        hang_seconds: float = 5.0,
        spare_after: float | None = 5.0,
    ) -> None:
        """Create the telemetry; no process runs yet.

        Args:
            on_report: receives all reports of the process except heartbeats and log records.
            engine: dotted name of the engine's module.
            midi: dotted name of the MIDI ports' module.
            early: a process that was started before; used first if it runs these modules.
            hang_seconds: a process that answers nothing for this long is replaced.
            spare_after: seconds of playing after which the spare process is started; None for no spare.
        """
        self.telemetry = Telemetry()
        self._on_report = on_report
        self._modules = (engine, midi)
        self._early = early
        self._hang_s = hang_seconds
        self._spare_after = spare_after
        self._lock = threading.Lock()  # guards the restart state and both processes, so that they agree
        self._restart_state = RestartState()
        self._current: ProcessHandle | None = None
        self._spare: ProcessHandle | None = None
        self._spare_at: float | None = None  # when to start the next spare process
        self._preload_at: float | None = None  # when the spare process loads the present model
        self._reports: queue.SimpleQueue[tuple[ProcessHandle, Report | None] | None] = queue.SimpleQueue()
        self._watcher: threading.Thread | None = None
        self._exits: list[float] = []
        self._failed_starts = 0
        self._ready = self._closing = False
        self._pings = self._unanswered = 0

    def __enter__(self) -> "AudioClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the audio process; None while there is none."""
        process = self._current
        return None if process is None else process.pid

    @property
    def spare_pid(self) -> int | None:
        """Process id of the spare process; None until it is warm."""
        spare = self._spare
        return None if spare is None or not spare.warm else spare.pid

    def kill(self) -> None:
        """Kill the audio process, as a crash would end it; the spare one takes over. It is for measurements."""
        process = self._current
        if process is not None:
            process.kill()

    def start(self, settings: DeviceSettings | None = None, expected: tuple[str, str] | None = None) -> None:
        """Start the process and open a device, also again after ``GaveUp``. Does nothing while a process runs.

        Args:
            settings: the device; None for the previous one.
            expected: path and quality of the model that the first patch needs; the process loads it meanwhile.
        """
        with self._lock:
            if self._current is not None or self._closing:
                return
            if settings is not None:
                self._restart_state.settings = settings
            self._exits.clear()
            self._failed_starts = 0
            process = self._spawn()
            self._activate(process)
            if expected is not None:
                process.outbox.put(Preload(*expected))
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="audio-watcher", daemon=True)
            self._watcher.start()

    def send(self, message: Message) -> None:
        """Send a message to the engine. Held keys and the patch are also stored for the next process."""
        if isinstance(message, NoteOn):
            self.telemetry.key_latency.key_sent(time.perf_counter())
        with self._lock:
            self._restart_state.on_sent(message)
            if self._current is not None:
                self._current.outbox.put(Play(message))

    def open_device(self, settings: DeviceSettings) -> None:
        """Open another output; the process answers with a DeviceState."""
        with self._lock:
            self._restart_state.settings = settings
            if self._current is not None:
                self._current.outbox.put(OpenDevice(settings))

    def set_midi(self, settings: MidiSettings) -> None:
        """Select MIDI inputs, or scan for them again; the process answers with a MidiState."""
        with self._lock:
            self._restart_state.midi = settings
            if self._current is not None:
                self._current.outbox.put(SetMidi(settings))

    def request_devices(self) -> None:
        """Request a DeviceList."""
        with self._lock:
            if self._current is not None:
                self._current.outbox.put(ListDevices())

    def play_sample(self, request: PlaySample) -> None:
        """Play raw sounds beside the engine; the process answers with a SampleState, and the client without one."""
        if not self._put(request):
            self._on_report(SampleState(request.number, playing=False, problem=f"no audio process runs; {_REMEDY}"))

    def switch_sample(self, which: int) -> None:
        """Hear another one of the raw sounds."""
        self._put(SwitchSample(which))

    def stop_sample(self) -> None:
        """Fade the raw sound out."""
        self._put(StopSample())

    def _put(self, command: PlaySample | SwitchSample | StopSample) -> bool:
        """Send a command; return whether a process is there to receive it."""
        with self._lock:
            if self._current is not None:
                self._current.outbox.put(command)
            return self._current is not None

    def close(self) -> None:
        """End both processes and remove the telemetry; blocks for a few seconds at most."""
        with self._lock:
            self._closing = True
            processes = [process for process in (self._current, self._spare) if process is not None]
        for process in processes:
            process.outbox.put(Quit())
        self._reports.put(None)
        if self._watcher is not None:
            self._watcher.join()
        for process in processes:
            process.end(_QUIT_S if process.warm else 0.0)
        self.telemetry.close()

    def _spawn(self) -> ProcessHandle:
        early = self._early.take(self._modules) if self._early is not None else None
        process = ProcessHandle(
            early or start_audio_process(self._modules), lambda process, report: self._reports.put((process, report))
        )
        logger.info("audio process %d started", process.pid)
        return process

    def _activate(self, process: ProcessHandle) -> None:
        """Let a process play and send it the present state; the caller holds the lock."""
        self._ready = False
        self._unanswered = 0
        process.outbox.put(Begin(time.monotonic(), self.telemetry.name, log_level()))
        for command in self._restart_state.commands():
            process.outbox.put(command)
        self._current = process

    def _watch(self) -> None:
        """Pass reports on, send heartbeats, replace a dead or hung process (body of the watcher thread)."""
        ping_at = 0.0
        while True:
            now = time.monotonic()
            if now >= ping_at:
                ping_at = now + self._hang_s / _PINGS
                self._ping()
            if self._spare_at is not None and now >= self._spare_at:
                self._start_spare()
            if self._preload_at is not None and now >= self._preload_at:
                self._preload()
            due = min(at for at in (ping_at, self._spare_at, self._preload_at) if at is not None)
            try:
                entry = self._reports.get(timeout=max(due - now, 0.0))
            except queue.Empty:
                continue
            if entry is None:
                return
            if not self._closing:
                self._handle(*entry)

    def _handle(self, process: ProcessHandle, report: Report | None) -> None:
        if isinstance(report, ForwardedRecord):
            report.emit()
        elif isinstance(report, Warm):
            process.warm = True
        elif process is self._spare:
            if report is None:  # no new spare until the next restart: this one may fail again
                logger.warning("spare audio process %d ended: %s", process.pid, process.reason())
                self._spare = None
                process.release()
        elif process is self._current:
            if report is None:
                self._replace(process)
            else:
                self._dispatch(report)

    def _ping(self) -> None:
        """Send a heartbeat; kill a process that left too many unanswered.

        Unanswered heartbeats are counted, not seconds: a pause of the app itself is no sign of a hung process.
        """
        process = self._current
        if process is None or not process.warm or self._closing:
            return
        if self._unanswered >= _PINGS:
            logger.error("audio process %d does not answer heartbeats; it is killed", process.pid)
            process.kill()  # its reader thread then reports the end
        self._pings += 1
        self._unanswered += 1
        process.outbox.put(Ping(self._pings))

    def _start_spare(self) -> None:
        self._spare_at = None
        with self._lock:
            if self._closing or self._spare is not None:
                return
            self._spare = self._spawn()
        self._preload()

    def _preload(self) -> None:
        """Let the spare process load the present model."""
        self._preload_at = None
        with self._lock:
            needed = self._restart_state.model_and_quality
            if self._spare is not None and needed is not None:
                self._spare.outbox.put(Preload(*needed))

    def _dispatch(self, report: Report) -> None:
        self._unanswered = 0  # any report shows that the process runs
        if isinstance(report, Pong):
            return
        if isinstance(report, Ready):
            self._ready = True
            self._failed_starts = 0
            logger.info("audio process %d plays, %.2f s after it was requested", report.pid, report.startup_seconds)
            if self._spare_after is not None:
                self._spare_at = time.monotonic() + self._spare_after
        with self._lock:
            self._restart_state.on_report(report)
        if isinstance(report, ModelLoaded):
            self._preload_at = time.monotonic() + _PRELOAD_AFTER_S
        self._on_report(report)

    def _replace(self, process: ProcessHandle) -> None:
        now = time.monotonic()
        self._exits = [*(at for at in self._exits if now - at < _EXITS_WITHIN_S), now]
        self._failed_starts += not self._ready
        reason = process.reason()
        give_up = len(self._exits) >= _MAX_EXITS or self._failed_starts >= _MAX_EXITS
        with self._lock:
            if self._closing:
                return
            self._current = None
            spare, self._spare, self._spare_at = self._spare, None, None
            if not give_up:
                self._activate(spare or self._spawn())
        process.release()
        if give_up:
            if spare is not None:
                spare.end(0.0)
            logger.error("audio process %d: %s; not started again after %d failures", process.pid, reason, _MAX_EXITS)
            self._on_report(GaveUp(f"the audio process ended {_MAX_EXITS} times, {reason}; {_REMEDY}"))
        else:
            logger.warning("audio process %d: %s; replaced", process.pid, reason)
            self._on_report(Restarted(f"the audio process was started again: {reason}"))
