"""The application, which connects window, session and audio process."""

import contextlib
import logging
import os
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from synth_app.audio import AudioClient, Compiling, GaveUp, ModelLoaded, ModelRefused
from synth_app.audio.input.input_client import InputClient
from synth_app.audio.protocol.messages import Report
from synth_app.export import RenderJob
from synth_app.export.sounds.worker import SoundWorker
from synth_app.modelfile.catalog import DEFAULT_MODEL, find_model
from synth_app.session import (
    MidiLearn,
    PresetLibrary,
    SavedMidi,
    SavedSession,
    SessionStore,
    load_midi,
    load_session,
    midi_path,
    save_midi,
    session_path,
)
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.session.state.json_files import config_path, set_aside
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.early_process import EarlyProcess
from synth_app.support.errors import UserError
from synth_app.support.file_names import is_file
from synth_app.support.resources import user_folder
from synth_app.ui.files.cut_off_recordings import save_cut_off_recordings
from synth_app.ui.files.instance_lock import InstanceLock
from synth_app.ui.files.session_autosave import SessionAutosave
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.window.appearance import fitted_to_screen
from synth_app.ui.window.application import ReportBridge, make_application
from synth_app.ui.window.demo.demo_script import DemoScript
from synth_app.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from synth_app.audio.process.recorder import Recorder

logger = logging.getLogger(__name__)

_DEMO_START_MS = 60_000  # from the start, or from the last sign that the kernels are being compiled
_DEMO_SIZE = (1280, 720)
_SECOND = (
    "synth_app already runs in another window, which saves its session and MIDI settings; those of this window are "
    "not saved. Save your sound as a preset"
)


def run(argv: list[str], early: EarlyProcess | None = None) -> int:
    """Open the window and run until it is closed; return the exit status.

    Args:
        argv: options of Qt.
        early: an audio process that was started already.

    Raises:
        UserError: there is no display.
    """
    require_display()
    with BlasThreadLimit():  # more are slower for one frame, and take cores from the audio process
        return _run_window(argv, early)


def _run_window(argv: list[str], early: EarlyProcess | None) -> int:
    app = make_application(argv)
    saved, problem = load_session(session_path())
    saved_midi, midi_problem = load_midi(midi_path())
    window = fitted_to_screen(saved.window, app.primaryScreen().availableSize())
    saved = saved.model_copy(update={"window": window})
    application, refused = open_application(saved, saved_midi, early)
    lock = InstanceLock(config_path("running.lock"))
    autosave = autosave_session(application, session_path()) if lock.first else None
    if lock.first:
        save_midi_changes(application, midi_path())
    hook = sys.excepthook
    sys.excepthook = application.show_exception
    _close_on_signals(application.window)
    application.start_audio(saved.model)
    application.show(maximized=saved.window.maximized)
    app.processEvents()  # show the window before anything else starts
    application.start(saved.model)
    application.window.tour.offer()
    if lock.first:  # those of another window still run
        save_cut_off_recordings(application.window, application.window.services.music_folder)
    for each in (problem, refused, midi_problem, application.presets.settings_problem, "" if lock.first else _SECOND):
        if each:
            application.window.show_problem(each)
    try:
        return app.exec()
    finally:
        sys.excepthook = hook
        if autosave is not None:
            autosave.stop()
        application.close()
        lock.release()


def open_application(
    saved: SavedSession, midi: SavedMidi, early: EarlyProcess | None = None
) -> tuple["Application", str]:
    """Create the application from the saved session, or from the defaults if the session cannot be restored.

    Returns:
        the application, and "" or one line for the user; the session's file is then set aside.
    """
    try:
        return Application(saved, midi, early), ""
    except Exception as error:
        logger.exception("the session cannot be restored")
        application = Application(None, midi, early)  # if this fails too, the session is not at fault and stays
        return application, set_aside(session_path(), "The last session", f"{type(error).__name__}: {error}")


def require_display() -> None:
    """Check that Qt has a display; without one it would abort.

    Raises:
        UserError: Linux without X or Wayland, and without QT_QPA_PLATFORM.
    """
    variables = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in variables):
        raise UserError(
            "no display: DISPLAY and WAYLAND_DISPLAY are not set; run `synth-app demo` to hear the program without one"
        )


class Application:
    """Session store, audio process and window, connected to each other."""

    def __init__(
        self, saved: SavedSession | None = None, midi: SavedMidi | None = None, early: EarlyProcess | None = None
    ) -> None:
        """Create the parts; nothing runs yet."""
        self.store = SessionStore(saved)
        self.bridge = ReportBridge()
        self.client = AudioClient(self.bridge.report.emit, early=early)
        self.presets, self.sounds = PresetLibrary(), SoundLibrary()
        services = Services(
            audio=self.client,
            make_recorder=self.make_recorder,
            make_render_job=RenderJob,
            music_folder=user_folder("music"),
            presets=self.presets,
            sounds=self.sounds,
            make_input=InputClient,
            make_sound_worker=lambda: SoundWorker(self.sounds.folder),
        )
        self.midi = MidiLearn(self.store, midi)
        self.window = MainWindow(self.store, services, saved.window if saved else None, self.midi)
        self._logs_problems = True
        self.window.problem.connect(self._log_problem)
        self.bridge.report.connect(self.window.handle_report, Qt.ConnectionType.QueuedConnection)

    def make_recorder(self) -> "Recorder":
        """Create a recorder of the output of the audio process."""
        from synth_app.audio.process.recorder import Recorder  # loads libsndfile: not needed before the first recording

        return Recorder(self.client.telemetry)

    def show(self, *, maximized: bool = False) -> None:
        """Show the window."""
        if maximized:
            self.window.showMaximized()
        else:
            self.window.show()

    def start_audio(self, model: str = "") -> None:
        """Start the audio process and let it load the model that ``start`` will request, while the window is built."""
        state, expected = self.store.state, None
        with contextlib.suppress(UserError):  # no default model: the window loads another one or shows a problem
            path = model if is_file(model) else str(find_model(DEFAULT_MODEL))
            expected = (path, state.patch.quality)
        self.client.start(state.device, expected)

    def start(self, model: str = "") -> None:
        """Start the audio process and load a model: a path, or "" for the default."""
        self.client.start(self.store.state.device)
        self.window.start(model)

    def close(self) -> None:
        """Close the window and end the audio process."""
        self.window.close_at_once()
        self.client.close()

    def show_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:  # as sys.excepthook
        """Print an unexpected error to the terminal, log it, and show it in the window in one line.

        Ctrl+C is no error: it closes the window.
        """
        if isinstance(error, KeyboardInterrupt):
            self.window.close_at_once()
            return
        traceback.print_exception(kind, error, trace)
        logger.error("shown to the user: %r", error, exc_info=(kind, error, trace))
        problem = str(error)
        if not isinstance(error, UserError):
            problem = f"unexpected error: {error!r}; the sound continues; details are in the log"
        self._logs_problems = False  # it is in the log with its traceback
        try:
            self.window.show_problem(problem)
        finally:
            self._logs_problems = True

    def _log_problem(self, problem: str) -> None:
        if self._logs_problems:
            logger.warning("shown to the user: %s", problem)


def autosave_session(application: Application, path: Path) -> SessionAutosave:
    """Save the session into ``path`` while the window is open and when it closes."""
    window = application.window
    earlier = window.auditions.earlier_state
    autosave = SessionAutosave(application.store, window.window_settings, path, window, earlier)
    autosave.failed.connect(window.show_problem)
    window.closing.connect(autosave.finish)
    return autosave


def save_midi_changes(application: Application, path: Path) -> None:
    """Save learned controllers and MIDI settings whenever they change, which is rare."""
    written = application.midi.saved()

    def save() -> None:
        nonlocal written
        now = application.midi.saved()
        if now == written:
            return
        written = now  # also after an error, so that it is shown once
        try:
            save_midi(path, now)
        except UserError as error:
            application.window.show_problem(str(error))

    application.midi.subscribe(save)


def run_demo(out_dir: Path) -> int:
    """Run a scripted demo of the real program without a screen; write ``demo.wav`` and ``demo.png`` into ``out_dir``.

    Raises:
        UserError: there is no model, the audio process does not start, or a file cannot be written.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = make_application([])
    if app.platformName() != "offscreen":
        raise UserError(f"the demo runs offscreen, but Qt already uses {app.platformName()}; run it in a new process")
    with BlasThreadLimit():  # more are slower for one frame, and take cores from the audio process
        demo = Demo(app, out_dir)
        try:
            return demo.run()
        finally:
            demo.close()


class Demo(QObject):
    """Waits until the model is loaded, records the demo script, and takes a picture of the window."""

    def __init__(self, app: QApplication, out_dir: Path) -> None:
        super().__init__()
        self._app, self._out_dir = app, out_dir
        self._application = Application()
        self._recorder = self._application.make_recorder()
        self._problem = "the audio process did not start in time; run `synth-app devices` to see whether audio works"
        self._application.bridge.report.connect(self._handle_report, Qt.ConnectionType.QueuedConnection)
        self._application.window.problem.connect(self._fail)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._give_up)
        self._shown_tenths = -1  # of the compilation
        self._picture = QPixmap()
        self._script = DemoScript(self._application.window, self._snap, self._finish)

    def run(self) -> int:
        """Play the demo; return 0 when both files are written. Raises UserError otherwise."""
        window = self._application.window
        window.resize(*_DEMO_SIZE)
        self._application.show()
        self._application.start()
        self._patience.start(_DEMO_START_MS)
        print("demo: loading the default model and starting the audio process", flush=True)
        self._app.exec()
        if self._problem:
            raise UserError(self._problem)
        return 0

    def close(self) -> None:
        """End the recording, the audio process and the window."""
        self._recorder.discard()
        self._application.close()

    def _handle_report(self, report: Report) -> None:
        match report:
            case Compiling(fraction):
                self._show_compiling(fraction)
            case ModelLoaded() if not self._recorder.running:
                self._record()
            case ModelRefused(problem=problem) | GaveUp(problem):
                self._fail(problem)

    def _show_compiling(self, fraction: float) -> None:
        """Print every tenth, and wait on: a slow computer needs minutes."""
        self._patience.start(_DEMO_START_MS)
        tenths = int(10 * fraction)
        if tenths > self._shown_tenths:
            self._shown_tenths = tenths
            print(f"demo: compiling the sound engine (once after an update): {10 * tenths} %", flush=True)

    def _record(self) -> None:
        print("demo: a melody, sliders, morph and pad, recorded as they sound (about 20 s)", flush=True)
        try:
            self._out_dir.mkdir(parents=True, exist_ok=True)
            self._recorder.start(self._out_dir / "demo.wav")
        except (OSError, UserError) as error:
            self._fail(str(error))
        else:
            self._script.start()

    def _snap(self) -> None:
        self._picture = self._application.window.grab()

    def _finish(self) -> None:
        picture = self._out_dir / "demo.png"
        try:
            seconds = self._recorder.stop()
        except UserError as error:
            self._fail(str(error))
            return
        if not self._picture.save(str(picture)):
            self._fail(f"cannot write {picture}; choose a writable folder")
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
    """Close the window on SIGINT and SIGTERM, as its button does."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close_at_once())
