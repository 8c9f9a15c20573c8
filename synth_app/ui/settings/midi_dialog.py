"""The MIDI settings: input, channels, activity, and the learned controllers."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from synth_app.audio.process.midi_ports import device_name, port_title
from synth_app.audio.protocol.messages import MidiState
from synth_app.midi import MidiMode, MidiSettings
from synth_app.session.edit.midi_learn import MidiLearn
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.theme.theme import GRID, px, qcolor
from synth_app.ui.widgets.panel import form_layout, form_row, label, rich_label, tight

_ALL, _NONE = "All inputs", "None"
_FLASH_MS = 120
_CHANNELS: tuple[tuple[str, MidiMode, int], ...] = (
    ("All channels", "all", 0),
    ("MPE (one note per channel)", "mpe", 0),
    *((f"Channel {number}", "channel", number - 1) for number in range(1, 17)),
)


class MidiDialog(QDialog):
    """A non-modal dialog: devices can be played while it is open. Every choice applies at once."""

    def __init__(self, learn: MidiLearn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._learn = learn
        self._state: MidiState | None = None
        self.setWindowTitle("MIDI settings")
        self.setMinimumWidth(px(440))
        self.port = self._combo("MIDI input")
        self.channels = self._combo("MIDI channels")
        for text, mode, channel in _CHANNELS:
            self.channels.addItem(text, (mode, channel))
        self.light = rich_label("")
        self.light.setAccessibleName("MIDI activity")
        self.state_line = label("")
        self.state_line.setWordWrap(True)
        self.state_line.setAccessibleName("State of the MIDI inputs")
        self.state_line.setMinimumHeight(px(34))
        self.state_line.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.learned = QListWidget()
        self.learned.setAccessibleName("Learned controllers")
        self.learned.setMinimumHeight(px(120))
        self.learned.itemSelectionChanged.connect(self._selected)
        self.search = _button("Search inputs again")
        self.panic = _button("Panic")
        self.remove = _button("Remove")
        self.remove_all = _button("Remove all")
        self.remove.clicked.connect(self._remove)
        self.remove_all.clicked.connect(lambda: self._learn.forget(*self._learn.learned))
        self._dark = QTimer(self)
        self._dark.setSingleShot(True)
        self._dark.timeout.connect(lambda: self._light(on=False))
        self._lay_out()
        self._light(on=False)
        self._end = learn.subscribe(self._show_learned)
        self.finished.connect(lambda _: self._end())
        self._show_learned()

    def show_state(self, state: MidiState) -> None:
        """Show which inputs are open."""
        self._state = state
        self._fill_ports()
        if state.problem:
            text = f"{sentence(state.problem)}."
        elif state.open:
            text = f"Listening to {', '.join(map(port_title, state.open))}."
        elif state.settings.port == "":
            text = "MIDI is off."
        else:
            text = "No MIDI input is connected. A device plays as soon as it is plugged in."
        self.state_line.setText(text)
        self.state_line.setProperty("role", "problem" if state.problem else "muted")
        self.state_line.style().unpolish(self.state_line)
        self.state_line.style().polish(self.state_line)

    def flash(self) -> None:
        """Light the activity indicator for a moment."""
        self._light(on=True)
        self._dark.start(_FLASH_MS)

    def settings(self) -> MidiSettings:
        """Return the settings of the boxes."""
        mode, channel = self.channels.currentData()
        return MidiSettings(self.port.currentData(), mode, channel)

    def _show_learned(self) -> None:
        """Show the chosen settings and the learned controllers."""
        settings = self._learn.settings
        self._fill_ports()
        wanted = (settings.mode, settings.channel if settings.mode == "channel" else 0)
        rows = [self.channels.itemData(row) for row in range(self.channels.count())]
        self.channels.setCurrentIndex(rows.index(wanted))
        self.learned.clear()
        for target, controller in self._learn.learned.items():
            item = QListWidgetItem(f"{controller.title}  →  {self._learn.title(target)}")
            item.setData(Qt.ItemDataRole.UserRole, target)
            self.learned.addItem(item)
        if not self._learn.learned:
            hint = QListWidgetItem("Right-click any control and choose Learn MIDI")
            hint.setFlags(Qt.ItemFlag.NoItemFlags)
            self.learned.addItem(hint)
        self.remove_all.setEnabled(bool(self._learn.learned))
        self._selected()

    def _fill_ports(self) -> None:
        chosen = self._learn.settings.port
        ports = self._state.ports if self._state else ()
        self.port.clear()
        self.port.addItem(_ALL, None)
        for name in ports:
            self.port.addItem(port_title(name), name)
            self.port.setItemData(self.port.count() - 1, name, Qt.ItemDataRole.ToolTipRole)
        known = next((name for name in ports if chosen and device_name(name) == device_name(chosen)), chosen)
        if known and known not in ports:
            self.port.addItem(f"{port_title(known)} (not connected)", known)
        self.port.addItem(_NONE, "")
        rows = [self.port.itemData(row) for row in range(self.port.count())]
        self.port.setCurrentIndex(rows.index(known))

    def _selected(self) -> None:
        self.remove.setEnabled(self._target() is not None)

    def _target(self) -> str | None:
        items = self.learned.selectedItems()
        target: str | None = items[0].data(Qt.ItemDataRole.UserRole) if items else None
        return target

    def _remove(self) -> None:
        target = self._target()
        if target is not None:
            self._learn.forget(target)

    def _light(self, *, on: bool) -> None:
        color = qcolor("good" if on else "disabled").name()
        self.light.setText(f'<span style="color:{color}">●</span> {"Receiving" if on else "Quiet"}')

    def _combo(self, name: str) -> Picker:
        box = Picker()
        box.setAccessibleName(name)
        box.activated.connect(lambda _: self._learn.set_settings(self.settings()))
        return box

    def _lay_out(self) -> None:
        form = form_layout()
        form_row(form, "Input", self.port)
        form_row(form, "Channels", self.channels)
        form_row(form, "Activity", self.light)
        close = QPushButton("Close")
        close.setProperty("kind", "primary")
        close.clicked.connect(self.accept)
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(label("Learned controllers", "title"))
        head.addStretch(1)
        head.addWidget(self.remove)
        head.addWidget(self.remove_all)
        foot.addWidget(self.search)
        foot.addWidget(self.panic)
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        tight(column, 2 * GRID, 2 * GRID)
        column.addLayout(form)
        column.addWidget(self.state_line)
        column.addLayout(head)
        column.addWidget(self.learned, 1)
        column.addWidget(label("A control moves once its controller has reached its value.", "caption"))
        column.addLayout(foot)


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    return button
