"""The record button: one click starts a recording, the next one saves it."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton, QWidget

from synth_app.dataset.audio_files.text_chunk import add_text
from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import reason
from synth_app.ui.ports.audio_port import RecorderPort, Services
from synth_app.ui.ports.shell import Messages
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import px

logger = logging.getLogger(__name__)


class RecordButton(QPushButton):
    """Records the output into the user's music folder; the file name is the date and time.

    ``describe`` returns the text of the present patch for a name; the file keeps it, so that it can be dropped back.

    Attributes:
        starting: signal; a recording starts next.
    """

    starting = Signal()

    def __init__(
        self, services: Services, messages: Messages, describe: Callable[[str], str], parent: QWidget | None = None
    ) -> None:
        super().__init__("Record", parent)
        self._services, self._messages, self._describe = services, messages, describe
        self._recorder: RecorderPort | None = None
        self._path = Path()
        self.setCheckable(True)
        self.setAccessibleName("Record")
        self.setMinimumWidth(px(104))
        self.clicked.connect(self.toggle)
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._tick)
        self._show()

    @property
    def recording(self) -> bool:
        """Whether a recording is running."""
        return self._recorder is not None

    def toggle(self) -> None:
        """Start or finish a recording."""
        if self._recorder is None:
            self._start()
        else:
            self.finish()
        self._show()

    def finish(self) -> None:
        """Finish the recording and keep its file, unless it is empty; does nothing without a recording."""
        recorder, self._recorder = self._recorder, None
        self._clock.stop()
        if recorder is None:
            return
        try:
            seconds = recorder.stop()
        except UserError as error:
            self._messages.show_problem(str(error))
        else:
            self._show_result(seconds)
        self._show()

    def _show_result(self, seconds: float) -> None:
        if seconds > 0.0:
            self._keep_patch()
            folder = QUrl.fromLocalFile(str(self._path.parent))
            self._messages.offer_file(
                f"Recording saved: {self._path}", self._path, "Open folder", lambda: QDesktopServices.openUrl(folder)
            )
        else:
            self._path.unlink(missing_ok=True)
            self._messages.show_problem("nothing was recorded: no audio is running yet; record again once it runs")

    def _keep_patch(self) -> None:
        """Add the patch at the end of the recording to its file."""
        text = self._describe(self._path.stem)
        try:
            if text and not add_text(self._path, text):
                logger.warning("%s holds no patch: it is too large", self._path)
        except OSError as error:
            self._messages.show_problem(f"the recording is saved, but without its patch: {reason(error)}")

    def _start(self) -> None:
        folder = self._services.music_folder
        self._path = free_path(folder / f"synth_app {datetime.now():%Y-%m-%d %H.%M.%S}.wav")
        recorder = self._services.make_recorder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.starting.emit()
            recorder.start(self._path)
        except OSError as error:
            self._messages.show_problem(f"cannot record into {folder}: {error.strerror}; make the folder writable")
        except UserError as error:
            self._messages.show_problem(str(error))
        else:
            self._recorder = recorder
            self._clock.start()

    def _tick(self) -> None:
        if self._recorder is not None and self._recorder.problem:
            self.finish()
        else:
            self._show()

    def _show(self) -> None:
        on, seconds = self.recording, int(self._recorder.seconds) if self._recorder else 0
        self.setChecked(on)
        self.setIcon(icon("stop" if on else "record"))
        self.setText(f"{seconds // 60}:{seconds % 60:02d}" if on else "Record")
        self.setToolTip("Stop and save (Ctrl+R)" if on else "Record the output into your music folder (Ctrl+R)")
