"""The one place that joins window, session and audio."""

import contextlib
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import threadpoolctl
from platformdirs import user_music_path
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from synth_app.audio import AudioClient, GaveUp, ModelLoaded, ModelRefused
from synth_app.audio.protocol.messages import Report
from synth_app.export import RenderJob
from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model
from synth_app.session import (
    MidiLearn,
    PresetLibrary,
    SavedMidi,
    SavedSession,
    SessionState,
    SessionStore,
    WindowSettings,
    load_midi,
    load_session,
    midi_path,
    save_midi,
    session_path,
)
from synth_app.session.store.autosave import Autosaver
from synth_app.support.early_process import EarlyProcess
from synth_app.support.errors import UserError
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.window.application import ReportBridge, make_application
from synth_app.ui.window.demo_script import DemoScript
from synth_app.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from synth_app.audio.process.recorder import Recorder

logger = logging.getLogger(__name__)

_SAVE_EVERY_MS = 2_000
_DEMO_START_MS = 180_000  # compiling the kernels on a slow machine, the first time
_DEMO_SIZE = (1280, 720)


def run(argv: list[str], early: EarlyProcess | None = None) -> int:
    """Open the window; the exit status.

    Args:
        argv: Qt's own options; a model to begin with is remembered in the session.
        early: an audio process that was started already.

    Raises:
        UserError: there is no display.
    """
    require_display()
    one_blas_thread()
    app = make_application(argv)
    saved, problem = load_session(session_path())
    saved_midi, midi_problem = load_midi(midi_path())
    instrument = Application(saved, saved_midi, early)
    keep_midi(instrument, midi_path())
    keeper = SessionKeeper(instrument, session_path())
    hook = sys.excepthook
    sys.excepthook = instrument.show_exception
    _close_on_signals(instrument.window)
    instrument.get_ready(saved.model)
    instrument.show(maximized=saved.window.maximized)
    app.processEvents()  # the window is up before anything else begins
    instrument.begin(saved.model)
    instrument.window.offer_guide()
    if problem or midi_problem:
        instrument.window.say_problem(problem or midi_problem)
    try:
        return app.exec()
    finally:
        sys.excepthook = hook
        keeper.stop()
        instrument.close()


def one_blas_thread() -> None:
    """Decode one frame in one thread: more are slower for so little work, and would rob the audio process of a core."""
    threadpoolctl.threadpool_limits(1, user_api="blas")


def require_display() -> None:
    """Refuse to start Qt where it would only abort.

    Raises:
        UserError: Linux without X or Wayland, and no other Qt platform asked for.
    """
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named):
        raise UserError(
            "no display: DISPLAY and WAYLAND_DISPLAY are not set; run `synth-app demo` to hear the program without one"
        )


class Application:
    """Store, audio process and window, wired together."""

    def __init__(
        self, saved: SavedSession | None = None, midi: SavedMidi | None = None, early: EarlyProcess | None = None
    ) -> None:
        """Make them; nothing runs yet."""
        self.store = SessionStore(saved)
        self.bridge = ReportBridge()
        self.client = AudioClient(self.bridge.report.emit, early=early)
        services = Services(
            audio=self.client,
            make_recorder=self.make_recorder,
            make_render_job=RenderJob,
            music_folder=user_music_path() / "synth_app",
            presets=PresetLibrary(),
        )
        self.midi = MidiLearn(self.store, midi)
        self.window = MainWindow(self.store, services, saved.window if saved else None, self.midi)
        self.window.problem.connect(lambda problem: logger.warning("shown to the user: %s", problem))
        self.bridge.report.connect(self.window.take_report, Qt.ConnectionType.QueuedConnection)

    def make_recorder(self) -> "Recorder":
        """A recorder of what the audio process plays."""
        from synth_app.audio.process.recorder import Recorder  # libsndfile: not needed before the first recording

        return Recorder(self.client.telemetry)

    def show(self, *, maximized: bool = False) -> None:
        """Show the window."""
        if maximized:
            self.window.showMaximized()
        else:
            self.window.show()

    def get_ready(self, model: str = "") -> None:
        """Start the audio process with what ``begin`` will ask for, while the window gets ready."""
        state, expected = self.store.state, None
        with contextlib.suppress(UserError):  # no default model: the window loads another one, or says so
            path = model if Path(model).is_file() else str(find_model(DEFAULT_MODEL))
            expected = (path, state.patch.quality)
        self.client.start(state.device, expected)

    def begin(self, model: str = "") -> None:
        """Start the audio process and load a model (a path, or "" for the default)."""
        self.client.start(self.store.state.device)
        self.window.begin(model)

    def close(self) -> None:
        """End the audio process; the window is closed if it was not."""
        self.window.close()
        self.client.close()

    def show_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:  # as sys.excepthook
        """What nobody expected: into the terminal in full, into the window in one line."""
        traceback.print_exception(kind, error, trace)
        logger.error("shown to the user: %r", error, exc_info=error)
        if isinstance(error, KeyboardInterrupt):
            self.window.close()
        elif isinstance(error, UserError):
            self.window.say_problem(str(error))
        else:
            self.window.say_problem(f"unexpected error: {error!r}; the sound goes on, details are in the terminal")


def keep_midi(instrument: Application, path: Path) -> None:
    """Write what is learned and chosen about MIDI whenever that changes, which is seldom."""
    written = instrument.midi.saved()

    def save() -> None:
        nonlocal written
        now = instrument.midi.saved()
        if now == written:
            return
        written = now  # also when it fails: one message
        try:
            save_midi(path, now)
        except UserError as error:
            instrument.window.say_problem(str(error))

    instrument.midi.subscribe(save)


class SessionKeeper(QObject):
    """Has the session written when it changed, every few seconds and at the end."""

    _failed = Signal(str)  # from the writing thread

    def __init__(self, instrument: Application, path: Path) -> None:
        super().__init__()
        self._instrument = instrument
        self._saver: Autosaver | None = Autosaver(path, self._failed.emit)
        self._seen: tuple[SessionState | None, WindowSettings | None] = (None, None)
        self._failed.connect(instrument.window.say_problem, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.save)
        self._timer.start(_SAVE_EVERY_MS)
        instrument.window.closing.connect(self.finish)

    def save(self) -> None:
        """Have it written if it changed; returns before that is done."""
        state, settings = self._instrument.store.state, self._instrument.window.window_settings()
        if self._saver is None or (state is self._seen[0] and settings == self._seen[1]):
            return
        self._seen = (state, settings)
        self._saver.submit(self._instrument.store.saved(settings))

    def finish(self) -> None:
        """Have it written and wait until it is."""
        self.save()
        if self._saver is not None:
            self._saver.flush()

    def stop(self) -> None:
        """No more writing."""
        self._timer.stop()
        if self._saver is not None:
            self._saver.close()
            self._saver = None


def run_demo(out_dir: Path) -> int:
    """A tour of the real program without a screen: leaves ``demo.wav`` and ``demo.png`` in ``out_dir``.

    Raises:
        UserError: no model, no audio process, or a file cannot be written.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    one_blas_thread()
    app = make_application([])
    if app.platformName() != "offscreen":
        raise UserError(f"the demo runs offscreen, but Qt already uses {app.platformName()}; start it by itself")
    demo = Demo(app, out_dir)
    try:
        return demo.run()
    finally:
        demo.close()


class Demo(QObject):
    """Waits for the model to sound, records the tour, takes the picture."""

    def __init__(self, app: QApplication, out_dir: Path) -> None:
        super().__init__()
        self._app, self._out_dir = app, out_dir
        self._instrument = Application()
        self._recorder = self._instrument.make_recorder()
        self._problem = "the audio process did not start in time; run `synth-app devices` to see whether audio works"
        self._instrument.bridge.report.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._instrument.window.problem.connect(self._fail)
        self._picture = QPixmap()
        self._tour = DemoScript(self._instrument.window, self._snap, self._finish)

    def run(self) -> int:
        """Play; 0 when both files are written. Raises UserError otherwise."""
        window = self._instrument.window
        window.resize(*_DEMO_SIZE)
        self._instrument.show()
        self._instrument.begin()
        QTimer.singleShot(_DEMO_START_MS, self, self._give_up)
        print("demo: loading the default model and starting the audio process", flush=True)
        self._app.exec()
        if self._problem:
            raise UserError(self._problem)
        return 0

    def close(self) -> None:
        """End everything."""
        self._recorder.discard()
        self._instrument.close()

    def _take(self, report: Report) -> None:
        match report:
            case ModelLoaded() if not self._recorder.running:
                self._begin()
            case ModelRefused(problem=problem) | GaveUp(problem):
                self._fail(problem)

    def _begin(self) -> None:
        print("demo: a melody, sliders, morph and pad, recorded as they sound (about 20 s)", flush=True)
        try:
            self._out_dir.mkdir(parents=True, exist_ok=True)
            self._recorder.start(self._out_dir / "demo.wav")
        except (OSError, UserError) as error:
            self._fail(str(error))
        else:
            self._tour.start()

    def _snap(self) -> None:
        self._picture = self._instrument.window.grab()

    def _finish(self) -> None:
        picture = self._out_dir / "demo.png"
        try:
            seconds = self._recorder.stop()
        except UserError as error:
            self._fail(str(error))
            return
        if not self._picture.save(str(picture)):
            self._fail(f"cannot write {picture}; choose a folder that exists and may be written")
            return
        self._problem = ""
        print(f"demo: {seconds:.1f} s of sound in {self._out_dir / 'demo.wav'}, the window in {picture}", flush=True)
        self._app.quit()

    def _give_up(self) -> None:
        if not self._recorder.running:
            self._app.quit()

    def _fail(self, problem: str) -> None:
        self._problem = problem
        self._app.quit()


def _close_on_signals(window: MainWindow) -> None:
    """Ctrl+C and a polite kill close the window like its button does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
