"""The app's end of the audio process: sends, listens, and puts another in its place when it dies."""

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
    Pong,
    Preload,
    Quit,
    Ready,
    Report,
    Restarted,
    SetMidi,
    Warm,
)
from synth_app.audio.protocol.telemetry import Telemetry
from synth_app.midi import MidiSettings
from synth_app.patch import Message, NoteOn
from synth_app.support.early_process import ENGINE, MIDI, EarlyProcess, start_audio_process
from synth_app.support.logging import ForwardedRecord, log_level

logger = logging.getLogger(__name__)

_PINGS = 5  # heartbeats sent within hang_seconds
_DEATHS, _WITHIN_S = 3, 10.0  # so many deaths within this time, or in a row before it was ready, and we give up
_QUIT_S = 4.0
_PRELOAD_AFTER_S = 1.5  # loading once more in the spare must not add to the work of the change itself
_REMEDY = "start it again from the audio settings, or restart the program"


class AudioClient:
    """Runs the audio process, and a second one that waits, warm and with the model loaded, to take its place.

    A start takes seconds, mostly for loading compiled kernels; taking over takes a fraction of one.

    ``on_report`` is called in one background thread, never twice at a time; it must not call ``close``.
    Everything else may be called from any thread and never waits, but for ``close``.
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
        """Make the telemetry; no process runs yet.

        Args:
            on_report: receives all that the process reports, but for heartbeats.
            engine: dotted name of the engine's module.
            midi: dotted name of the module of the MIDI ports.
            early: a process started before, to be used first if it runs these modules.
            hang_seconds: a process silent for this long is replaced.
            spare_after: seconds of playing after which the waiting process is started; None for none.
        """
        self.telemetry = Telemetry()
        self._on_report = on_report
        self._modules = (engine, midi)
        self._early = early
        self._hang_s = hang_seconds
        self._spare_after = spare_after
        self._lock = threading.Lock()  # over the memory and both children, so that they agree
        self._memory = RestartState()
        self._child: ProcessHandle | None = None
        self._spare: ProcessHandle | None = None
        self._spare_at: float | None = None  # when the next spare is due
        self._preload_at: float | None = None  # when it is to load the present model
        self._reports: queue.SimpleQueue[tuple[ProcessHandle, Report | None] | None] = queue.SimpleQueue()
        self._watcher: threading.Thread | None = None
        self._deaths: list[float] = []
        self._failed_starts = 0
        self._ready = self._closing = False
        self._pings = self._unanswered = 0

    def __enter__(self) -> "AudioClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the audio process, None while there is none."""
        child = self._child
        return None if child is None else child.pid

    @property
    def spare_pid(self) -> int | None:
        """Process id of the waiting process once it is warm, None before."""
        spare = self._spare
        return None if spare is None or not spare.warm else spare.pid

    def start(self, settings: DeviceSettings | None = None, expected: tuple[str, str] | None = None) -> None:
        """Start the process and open a device; after ``GaveUp``, try again. Does nothing while it runs.

        Args:
            settings: the device; None for the one before.
            expected: path and quality of the model that the first sound will need, to be loaded meanwhile.
        """
        with self._lock:
            if self._child is not None or self._closing:
                return
            if settings is not None:
                self._memory.settings = settings
            self._deaths.clear()
            self._failed_starts = 0
            child = self._spawn()
            self._put_in_place(child)
            if expected is not None:
                child.outbox.put(Preload(*expected))
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="audio-watcher", daemon=True)
            self._watcher.start()

    def send(self, message: Message) -> None:
        """Have the engine told; while the process is away, keys and sound are remembered for the next one."""
        if isinstance(message, NoteOn):
            self.telemetry.key_latency.sent(time.perf_counter())
        with self._lock:
            self._memory.sent(message)
            if self._child is not None:
                self._child.outbox.put(Play(message))

    def open_device(self, settings: DeviceSettings) -> None:
        """Change the output; answered by a DeviceState."""
        with self._lock:
            self._memory.settings = settings
            if self._child is not None:
                self._child.outbox.put(OpenDevice(settings))

    def set_midi(self, settings: MidiSettings) -> None:
        """Listen to other MIDI inputs, or look for them again; answered by a MidiState."""
        with self._lock:
            self._memory.midi = settings
            if self._child is not None:
                self._child.outbox.put(SetMidi(settings))

    def request_devices(self) -> None:
        """Ask for a DeviceList."""
        with self._lock:
            if self._child is not None:
                self._child.outbox.put(ListDevices())

    def close(self) -> None:
        """End both processes and remove the telemetry; waits a few seconds at most."""
        with self._lock:
            self._closing = True
            children = [child for child in (self._child, self._spare) if child is not None]
        for child in children:
            child.outbox.put(Quit())
        self._reports.put(None)
        if self._watcher is not None:
            self._watcher.join()
        for child in children:
            _end(child, _QUIT_S if child.warm else 0.0)
        self.telemetry.close()

    def _spawn(self) -> ProcessHandle:
        process = self._early.take(self._modules) if self._early is not None else None
        child = ProcessHandle(
            process or start_audio_process(self._modules), lambda child, report: self._reports.put((child, report))
        )
        logger.info("audio process %d started", child.pid)
        return child

    def _put_in_place(self, child: ProcessHandle) -> None:
        """Let a process play from the present state on; the caller holds the lock."""
        self._ready = False
        self._unanswered = 0
        child.outbox.put(Begin(time.monotonic(), self.telemetry.name, log_level()))
        for command in self._memory.commands():
            child.outbox.put(command)
        self._child = child

    def _watch(self) -> None:
        """Body of the watcher: passes reports on, sends pings, replaces a dead or hung process."""
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

    def _handle(self, child: ProcessHandle, report: Report | None) -> None:
        if isinstance(report, ForwardedRecord):
            report.emit()
        elif isinstance(report, Warm):
            child.warm = True
        elif child is self._spare:
            if report is None:  # it died while waiting: the next one is started after the next restart
                logger.warning("spare audio process %d ended: %s", child.pid, child.reason())
                self._spare = None
                child.release()
        elif child is self._child:
            if report is None:
                self._replace(child)
            else:
                self._dispatch(report)

    def _ping(self) -> None:
        """Send a heartbeat. Pings are counted, not seconds: after a pause of the app itself nothing is hung."""
        child = self._child
        if child is None or not child.warm or self._closing:
            return
        if self._unanswered >= _PINGS:
            logger.error("audio process %d answers no heartbeat; it is killed", child.pid)
            child.kill()  # its reader then tells that it ended
        self._pings += 1
        self._unanswered += 1
        child.outbox.put(Ping(self._pings))

    def _start_spare(self) -> None:
        self._spare_at = None
        with self._lock:
            if self._closing or self._spare is not None:
                return
            self._spare = self._spawn()
        self._preload()

    def _preload(self) -> None:
        """Let the spare have the present model at hand."""
        self._preload_at = None
        with self._lock:
            instrument = self._memory.instrument
            if self._spare is not None and instrument is not None:
                self._spare.outbox.put(Preload(*instrument))

    def _dispatch(self, report: Report) -> None:
        self._unanswered = 0  # any report is a sign of life
        if isinstance(report, Pong):
            return
        if isinstance(report, Ready):
            self._ready = True
            self._failed_starts = 0
            logger.info("audio process %d plays, %.2f s after it was requested", report.pid, report.startup_seconds)
            if self._spare_after is not None:
                self._spare_at = time.monotonic() + self._spare_after
        with self._lock:
            self._memory.heard(report)
        if isinstance(report, ModelLoaded):
            self._preload_at = time.monotonic() + _PRELOAD_AFTER_S
        self._on_report(report)

    def _replace(self, child: ProcessHandle) -> None:
        now = time.monotonic()
        self._deaths = [*(at for at in self._deaths if now - at < _WITHIN_S), now]
        self._failed_starts += not self._ready
        reason = child.reason()
        give_up = len(self._deaths) >= _DEATHS or self._failed_starts >= _DEATHS
        with self._lock:
            if self._closing:
                return
            self._child = None
            spare, self._spare, self._spare_at = self._spare, None, None
            if not give_up:
                self._put_in_place(spare or self._spawn())
        child.release()
        if give_up:
            if spare is not None:
                _end(spare, 0.0)
            logger.error("audio process %d: %s; not started again after %d failures", child.pid, reason, _DEATHS)
            self._on_report(GaveUp(f"the audio process ended {_DEATHS} times, {reason}; {_REMEDY}"))
        else:
            logger.warning("audio process %d: %s; replaced", child.pid, reason)
            self._on_report(Restarted(f"the audio process was started again: {reason}"))


def _end(child: ProcessHandle, patience_s: float) -> None:
    """Wait for a process to end, kill it if it does not, and free what it held."""
    if not child.wait(patience_s):
        child.kill()
    child.release()
