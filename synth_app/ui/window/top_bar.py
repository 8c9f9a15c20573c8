"""The top bar: model, presets, own sounds, record, export, panic, audio settings and the menu."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.settings.model_picker import ModelPicker
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import colors, px
from synth_app.ui.widgets.panel import rich_label, tight

_PRESETS_STRETCH = 8  # against 1 of the empty space


class TopBar(QWidget):
    """The row of buttons at the top; requests are emitted as signals."""

    export_requested = Signal()
    panic_requested = Signal()
    audio_requested = Signal()
    sounds_requested = Signal()

    def __init__(
        self,
        record: RecordButton,
        menu_groups: tuple[tuple[QAction | QMenu, ...], ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.picker = ModelPicker()
        self.record = record
        self.sounds = _button("", "waves", "Your sounds: drop or record, and play them (Ctrl+U)")
        self.sounds.setAccessibleName("Your sounds")
        self.sounds.setFixedWidth(px(34))
        self.sounds.clicked.connect(self.sounds_requested.emit)
        self.export = _button("Export…", "export", "Render one note of this patch to a file (Ctrl+E)")
        self.panic = _button("Panic", "panic", "Silence all notes at once (Ctrl+.)")
        self.audio = _button("", "settings", "Output device, rate and block size (Ctrl+,)")
        self.audio.setAccessibleName("Audio settings")
        self.audio.setFixedWidth(px(34))
        self.export.clicked.connect(self.export_requested.emit)
        self.panic.clicked.connect(self.panic_requested.emit)
        self.audio.clicked.connect(self.audio_requested.emit)
        self.menu_button = QToolButton()
        self.menu_button.setIcon(icon("menu"))
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setToolTip("Menu")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(_grouped_menu(self.menu_button, menu_groups))
        row = QHBoxLayout(self)
        tight(row, 0)
        row.addWidget(rich_label(f'synth<span style="color:{colors().accent}">_</span>app', "heading"))
        row.addSpacing(px(8))
        row.addWidget(self.picker)
        row.addStretch(1)
        for widget in (self.sounds, self.record, self.export, self.panic, self.audio, self.menu_button):
            row.addWidget(widget)
        self.presets: QWidget = self.picker
        self.handle: QWidget = self.export
        self._row = row
        self.setFixedHeight(px(36))

    def add_presets(self, presets: QWidget) -> None:
        """Insert the preset row after the model picker."""
        self.presets = presets
        self._row.insertWidget(self._row.indexOf(self.picker) + 1, presets, _PRESETS_STRETCH)

    def add_handle(self, handle: QWidget) -> None:
        """Insert the drag handle after Export."""
        self.handle = handle
        self._row.insertWidget(self._row.indexOf(self.export) + 1, handle)


def _grouped_menu(button: QToolButton, groups: tuple[tuple[QAction | QMenu, ...], ...]) -> QMenu:
    menu = QMenu(button)
    for group in groups:
        if not menu.isEmpty():
            menu.addSeparator()
        for item in group:
            if isinstance(item, QMenu):
                menu.addMenu(item)
            else:
                menu.addAction(item)
    return menu


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(icon(name), text)
    button.setIconSize(QSize(px(16), px(16)))
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tip)
    if not text:
        button.setStyleSheet("padding: 0;")
    return button
