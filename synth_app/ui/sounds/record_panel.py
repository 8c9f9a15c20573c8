"""The recorder of the page: where from, level, monitoring, record and stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from synth_app.audio.input.messages import InputDevice, OpenInput
from synth_app.session import SessionStore
from synth_app.session.sounds.user_sound import MAX_SOURCE_SECONDS
from synth_app.support.file_names import free_path
from synth_app.support.files import reason
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.sounds.level_bar import LevelBar
from synth_app.ui.sounds.take_sources import InputSource, OutputSource, TakeSource, device_text
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight

OWN_OUTPUT = "This program's output"
_DEFAULT = "System default input"


@dataclass(frozen=True)
class Takes:
    """What takes are made for.

    Attributes:
        folder: returns where they are kept.
        most_seconds: of one take, which then ends by itself.
        purpose: what happens to a take that has ended.
    """

    folder: Callable[[], Path]
    most_seconds: float = MAX_SOURCE_SECONDS
    purpose: str = "it becomes a sound"


class RecordPanel(QFrame):
    """Records takes. The device is open only while the panel is shown.

    Signals:
        starting: a take starts next.
        recorded: the file of a take.

    Args:
        services: input, recorder and folder.
        store: whose device settings say where the input is monitored.
        feed: meters of the output.
        takes: what they are made for; None for sounds, in the user's music folder.
    """

    starting = Signal()
    recorded = Signal(Path)

    def __init__(
        self, services: Services, store: SessionStore, feed: TelemetryFeed, takes: Takes | None = None
    ) -> None:
        super().__init__()
        self._services, self._store, self._feed = services, store, feed
        self._takes = takes or Takes(lambda: services.music_folder)
        self._source: TakeSource | None = None
        self._devices: tuple[InputDevice | None, ...] = (None,)  # of the picker's rows from the second one on
        self.recording = False
        self.setProperty("well", True)
        self.setAccessibleName("Recorder")
        self.source = Picker()
        self.source.setAccessibleName("Record from")
        self.source.setMinimumWidth(px(160))
        self.source.activated.connect(lambda _: self._open())
        self.monitor = QCheckBox("Monitor")
        self.monitor.setToolTip("Hear the input. Use headphones: a loudspeaker near the microphone howls")
        self.monitor.toggled.connect(lambda _: self._open())
        self.level = LevelBar()
        self.record = QPushButton()
        self.record.setProperty("kind", "primary")
        self.record.setMinimumWidth(px(92))
        self.record.clicked.connect(self.toggle)
        self.time = label("", "muted")
        self.problem = label("", "problem")
        self.problem.setWordWrap(True)
        self._fill()
        self._lay_out()
        self._show_state(0.0)
        self.hide()

    def open(self, *, own_output: bool = False) -> None:
        """Show the panel and open the input, or the program's own output."""
        self.source.setCurrentIndex(0 if own_output else max(self.source.currentIndex(), 1))
        self.show()
        self._open()
        self.record.setFocus()

    def close_source(self) -> None:
        """Release the device and hide; a running take is kept."""
        source, self._source = self._source, None
        if source is not None:
            source.close()
            source.deleteLater()
        self.recording = False
        self.hide()

    def toggle(self) -> None:
        """Start a take, or end it."""
        if self._source is None:
            return
        if self.recording:
            self._source.stop()
            return
        folder = self._takes.folder()
        self.problem.setText("")
        self.level.clear()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._show_problem(f"cannot make the folder {folder}: {reason(error)}")
            return
        path = free_path(folder / f"Take {datetime.now():%Y-%m-%d %H.%M.%S}.wav")
        self.starting.emit()
        self._source.start(path, self._takes.most_seconds)

    # ---- internal

    @property
    def _from_output(self) -> bool:
        return self.source.currentIndex() == 0

    def _open(self) -> None:
        """Open what is chosen."""
        self.problem.setText("")
        self.level.clear()
        self.monitor.setEnabled(not self._from_output)
        if self._from_output:
            if not isinstance(self._source, OutputSource):
                self._use(OutputSource(self._services.make_recorder, self._feed.meters, self))
            self.record.setEnabled(True)
            return
        source = self._source
        if not isinstance(source, InputSource):
            source = InputSource(self._services.make_input(), self)
            source.listed.connect(self._show_devices)
            source.opened.connect(self._opened)
            self._use(source)
            source.list_devices()
        device, output = self._devices[self.source.currentIndex() - 1], self._store.state.device
        name, host_api = (None, None) if device is None else (device.name, device.host_api)
        source.open(OpenInput(name, host_api, self.monitor.isChecked(), output.device or None, output.host_api))

    def _use(self, source: TakeSource) -> None:
        before, self._source = self._source, source
        if before is not None:
            before.close()
            before.deleteLater()
        self.recording = False
        source.level.connect(self.level.show_peaks)
        source.length.connect(self._show_state)
        source.started.connect(self._started)
        source.ended.connect(self._ended)
        self._show_state(0.0)

    def _opened(self, name: str, problem: str) -> None:
        self.record.setEnabled(bool(name))
        self._show_problem(problem)

    def _started(self) -> None:
        self.recording = True
        self._show_state(0.0)

    def _ended(self, path: Path, problem: str) -> None:
        self.recording = False
        self._show_state(0.0)
        self._show_problem(problem)
        if path != Path():
            self.recorded.emit(path)

    def _show_devices(self, devices: tuple[InputDevice, ...]) -> None:
        chosen = self._devices[self.source.currentIndex() - 1] if not self._from_output else None
        own_output = self._from_output
        self._devices = (None, *devices)
        self._fill()
        self.source.setCurrentIndex(0 if own_output else 1 + (self._devices.index(chosen) if chosen in devices else 0))

    def _fill(self) -> None:
        default = next((each for each in self._devices if each is not None and each.is_default), None)
        named = default is not None and default.name.casefold() != "default"  # ALSA's says nothing
        self.source.clear()
        self.source.addItem(OWN_OUTPUT)
        for each in self._devices:
            text = f"{_DEFAULT}: {default.name}" if default is not None and named else _DEFAULT
            self.source.addItem(text if each is None else device_text(each))

    def _show_state(self, seconds: float) -> None:
        most = _clock(self._takes.most_seconds)
        text = f"{_clock(seconds)} / {most}"
        if text != self.time.text():
            self.time.setText(text)
        word = "Stop" if self.recording else "Record"
        if self.record.text() != word:
            self.record.setText(word)
            self.record.setIcon(icon("stop" if self.recording else "record", "on_accent"))
            self.record.setToolTip(
                f"End the take; {self._takes.purpose}" if self.recording else f"Record a take; it ends at {most}"
            )
        self.source.setEnabled(not self.recording)
        self.monitor.setEnabled(not self.recording and not self._from_output)

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(sentence(problem))
        self.problem.setVisible(bool(problem))

    def _lay_out(self) -> None:
        close = QPushButton("Close")
        close.setProperty("kind", "quiet")
        close.setToolTip("Close the recorder; a running take is kept")
        close.clicked.connect(self._close)
        row = QHBoxLayout()
        tight(row, 0, GRID)
        for widget, stretch in (
            (self.record, 0), (self.time, 0), (self.level, 2), (self.source, 3), (self.monitor, 0), (close, 0)
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        tight(column, GRID, 4)
        column.addLayout(row)
        column.addWidget(self.problem)
        self.problem.hide()

    def _close(self) -> None:
        if self.recording and self._source is not None:
            self._source.stop()
        self.close_source()


def _clock(seconds: float) -> str:
    """Return whole minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
