"""The export dialog: note, length and format. Another process renders; the dialog shows progress and can cancel."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.export import formats
from synth_app.export.audio_format import AudioFormat
from synth_app.export.formats import (
    DEFAULT_FORMAT,
    file_filter,
    filter_of,
    format_names,
    format_of,
    suggested_format,
    with_filter_ending,
)
from synth_app.export.request import MAX_SECONDS, RATES, RenderRequest
from synth_app.patch import Patch
from synth_app.support.errors import UserError
from synth_app.ui.base.boxes import DecimalBox, Picker, WholeBox
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.base.question import ask
from synth_app.ui.files.export_target import export_path
from synth_app.ui.ports.audio_port import RenderJobPort, Services
from synth_app.ui.ports.shell import Messages
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight
from synth_app.ui.widgets.value_format import note_name

_POLL_MS = 60
RUNNING = "An export is running. Cancel it?"


class ExportDialog(QDialog):
    """Exports the patch as it is when Export is pressed.

    Attributes:
        ended: signal; a render has ended, or was cancelled.
    """

    ended = Signal()

    def __init__(
        self,
        patch: Callable[[], Patch],
        services: Services,
        messages: Messages,
        pitch: int = 60,
    ) -> None:
        super().__init__(messages.as_widget())
        self._patch, self._services, self._messages = patch, services, messages
        self._job: RenderJobPort | None = None
        self.setWindowTitle(f"Export {format_names()}")
        self.setMinimumWidth(px(460))
        self._target = Path()
        self._confirmed: Path | None = None  # an existing file that the file dialog has asked about
        self.question: QMessageBox | None = None  # the last one asked
        self._cancel_question: QMessageBox | None = None  # in sight now
        self._shown_format: AudioFormat | None = None  # whose bit depths are offered
        self._make_fields(pitch)
        self._make_buttons()
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._lay_out()

    @property
    def running(self) -> bool:
        """Whether a render is running."""
        return self._job is not None

    def request(self) -> RenderRequest:
        """Return the request that the fields describe. Raises UserError if the file cannot be written."""
        path = export_path(self.path.text(), self._services.music_folder)
        return RenderRequest(
            patch=self._patch(),
            path=path,
            note=self.note.currentData(),
            velocity=self.velocity.value(),
            seconds=self.seconds.value(),
            tail_seconds=self.tail.value(),
            rate=self.rate.currentData(),
            bits=self.bits.currentData(),
            channels=self.channels.currentData(),
            format=format_of(path),
        )

    def start(self) -> None:
        """Start to render; ask before a file is replaced."""
        if self._job is not None:
            return
        try:
            request = self.request()
        except UserError as error:
            self.problem.setText(sentence(str(error)))
            return
        if request.path.exists() and request.path != self._confirmed:
            self._ask(f"{request.path.name} already exists in {request.path.parent}. Replace it?", "Replace", request)
        else:
            self._render(request)

    def abort(self) -> None:
        """Cancel a running render; no file is written."""
        if self._job is not None:
            self._job.cancel()
            self._end()
            self.problem.setText("Cancelled; no file was written.")

    def _ask(self, question: str, yes: str, request: RenderRequest) -> None:
        self.question = ask(self, question, yes, "Cancel", lambda: self._render(request))

    def _ask_to_cancel(self) -> None:
        if self._cancel_question is None:
            self.question = ask(self, RUNNING, "Cancel the export", "Go on", self._abort_and_close)
            self.question.finished.connect(self._forget_question)
            self._cancel_question = self.question

    def _forget_question(self) -> None:
        self._cancel_question = None

    def _abort_and_close(self) -> None:
        self.abort()
        self.close()

    def _render(self, request: RenderRequest) -> None:
        self._confirmed = None  # the answer counted for this export
        try:
            if request.path.parent == self._services.music_folder:
                request.path.parent.mkdir(parents=True, exist_ok=True)
            job = self._services.make_render_job(request)
            job.start()
        except (UserError, OSError) as error:
            self.problem.setText(sentence(str(error)))
            return
        self._job, self._target = job, request.path
        self.problem.setText("")
        self._show_running()
        self._timer.start()

    def reject(self) -> None:
        """Close the dialog; ask if a render is running."""
        if self._job is None:
            super().reject()
        else:
            self._ask_to_cancel()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if a render is running."""
        if self._job is not None:
            event.ignore()
            self._ask_to_cancel()
        else:
            super().closeEvent(event)

    def _press_cancel(self) -> None:
        if self._job is not None:
            self.abort()
        else:
            self.reject()

    def _make_fields(self, pitch: int) -> None:
        self.note = Picker()
        for midi in range(128):
            self.note.addItem(f"{note_name(midi)}  ({midi})", midi)
        self.note.setCurrentIndex(pitch)
        self.velocity = WholeBox(1, 127, 100)
        self.seconds = _seconds(0.05, 2.0)
        self.tail = _seconds(0.0, 1.0)
        self.format, self.rate, self.bits, self.channels = Picker(), Picker(), Picker(), Picker()
        for audio_format in formats.FORMATS.values():
            self.format.addItem(audio_format.name, audio_format.suffix)
        for rate in RATES:
            self.rate.addItem(f"{rate / 1000:g} kHz", rate)
        self.channels.addItem("Stereo", 2)
        self.channels.addItem("Mono", 1)
        self.rate.setCurrentIndex(self.rate.findData(48_000))
        self.path = QLineEdit(
            str(
                self._services.music_folder
                / f"synth_app {datetime.now():%Y-%m-%d %H.%M.%S} note{DEFAULT_FORMAT.suffix}"
            )
        )
        self.path.textChanged.connect(self._show_format)
        self.format.activated.connect(self._set_ending)  # by the user only
        self._show_format()
        self.browse = QToolButton()
        self.browse.setText("…")
        self.browse.setAccessibleName("Choose the file")
        self.browse.clicked.connect(self._browse)

    def _show_format(self) -> None:
        """Show the format that the file's suffix chooses, and its bit depths; keep the present one if it is there."""
        audio_format = suggested_format(Path(self.path.text().strip()))
        if audio_format == self._shown_format:
            return
        self._shown_format, chosen = audio_format, self.bits.currentData()
        self.format.setCurrentIndex(self.format.findData(audio_format.suffix))
        self.bits.clear()
        for depth in audio_format.depths:
            self.bits.addItem(depth.label, depth.bits)
        self.bits.setCurrentIndex(
            self.bits.findData(chosen if chosen in audio_format.bits else audio_format.default_bits)
        )

    def _set_ending(self) -> None:
        """Give the file's name the suffix of the chosen format."""
        typed, suffix = self.path.text().rstrip(), self.format.currentData()
        before = Path(typed).suffix
        if before.lower() != suffix:
            self.path.setText((typed.removesuffix(before) if before.lower() in formats.FORMATS else typed) + suffix)

    def _make_buttons(self) -> None:
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Progress")
        self.problem = label("", "problem")
        self.problem.setWordWrap(True)
        self.problem.setMinimumHeight(px(32))
        self.export = QPushButton("Export")
        self.export.setProperty("kind", "primary")
        self.export.setDefault(True)
        self.export.clicked.connect(self.start)
        self.cancel = QPushButton("Close")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self._press_cancel)

    def _poll(self) -> None:
        job = self._job
        if job is None:
            return
        self.progress.setValue(round(1000 * job.progress()))
        if not job.done():
            return
        error = job.error()
        self._end()
        if error:
            self.problem.setText(sentence(error))
            return
        folder = QUrl.fromLocalFile(str(self._target.parent))
        self._messages.offer_file(
            f"Exported: {self._target}", self._target, "Open folder", lambda: QDesktopServices.openUrl(folder)
        )
        self.accept()

    def _end(self) -> None:
        self._timer.stop()
        self._job = None
        if self._cancel_question is not None:  # there is nothing left to cancel
            self._cancel_question.reject()
        self._show_running()
        self.ended.emit()

    def _show_running(self) -> None:
        running = self._job is not None
        self.export.setEnabled(not running)
        self.cancel.setText("Cancel" if running else "Close")
        self.progress.setVisible(running)
        self.progress.setValue(0)

    def _browse(self) -> None:
        shown = self.path.text()
        name, chosen = QFileDialog.getSaveFileName(
            self, self.windowTitle(), shown, file_filter(), filter_of(Path(shown.strip()))
        )
        if name:
            self.path.setText(str(with_filter_ending(Path(name), chosen)))
            self._confirmed = Path(name)

    def _lay_out(self) -> None:
        form = form_layout()
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(self.browse)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Note", self.note),
            ("Velocity", self.velocity),
            ("Key held", self.seconds),
            ("Tail", self.tail),
            ("Format", self.format),
            ("Sample rate", self.rate),
            ("Resolution", self.bits),
            ("Channels", self.channels),
        )
        for text, field in fields:
            field.setAccessibleName(text)
            form_row(form, text, field)
        self.path.setAccessibleName("File")
        form_row(form, "File", file_row)
        buttons = QHBoxLayout()
        buttons.addWidget(self.progress, 1)
        buttons.addStretch(0)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.export)
        box = QVBoxLayout(self)
        tight(box, 2 * GRID, 2 * GRID)
        box.addLayout(form)
        box.addWidget(self.problem)
        box.addLayout(buttons)
        self._show_running()


def _seconds(low: float, value: float) -> DecimalBox:
    box = DecimalBox(low, MAX_SECONDS, value)
    box.setSingleStep(0.1)
    box.setSuffix(" s")
    return box
