"""The preset row of the top bar: name, previous and next, save, favourite, and versions 1 and 2."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from synth_app.ui.base.plain_text import plain
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.panel import tight

_NAME_WIDTH, _BUTTON = 150, 40


class NameButton(QPushButton):
    """Shows the preset name, elided if too long, with a dot while the patch differs from the preset."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._modified = "", False
        self.setMinimumWidth(px(_NAME_WIDTH))
        self.setMaximumWidth(px(2 * _NAME_WIDTH))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def name(self) -> str:
        """The full name."""
        return self._name

    @property
    def modified(self) -> bool:
        """Whether the patch is shown as modified."""
        return self._modified

    def show_preset(self, name: str, *, modified: bool) -> None:
        """Show the name and the modified mark."""
        self._name, self._modified = name, modified
        self.setAccessibleName(f"Preset: {name}{', modified' if modified else ''}")
        self.setToolTip(f"<b>{plain(name)}</b>{' (modified)' if modified else ''}<br>Open the preset browser (Ctrl+B)")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a width that fits most names."""
        return QSize(px(_NAME_WIDTH), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button in its style, then the name."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("strong"))
        painter.setPen(qcolor("text"))
        area = self.rect().adjusted(px(12), 0, -px(26), 0)
        shown = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        if self._modified:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor("accent"))
            painter.drawEllipse(QPoint(self.width() - px(15), self.height() // 2), px(4), px(4))


class PresetBar(QWidget):
    """A row of buttons around the preset name. ``browse_requested`` is emitted by a click on the name."""

    browse_requested = Signal()

    def __init__(self, presets: PresetControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = presets.state
        self.previous = _tool("previous", "Previous preset", "Previous preset (Alt+Left)")
        self.name = NameButton()
        self.next = _tool("next", "Next preset", "Next preset (Alt+Right)")
        self.save = _tool("save", "Save preset", "Save (Ctrl+S); a factory preset is saved as a copy")
        self.heart = _tool("heart", "Favourite", "Favourite (Ctrl+D)")
        self.heart.setCheckable(True)
        self.version = QToolButton()
        self.version.setText("V1")
        self.previous.clicked.connect(lambda: presets.playback.step(-1))
        self.next.clicked.connect(lambda: presets.playback.step(1))
        self.name.clicked.connect(self.browse_requested.emit)
        self.save.clicked.connect(presets.dialogs.save)
        self.heart.clicked.connect(lambda: presets.library.toggle_favourite())
        self.version.clicked.connect(presets.variation.switch_version)
        self.version.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        row = QHBoxLayout(self)
        tight(row, 0, 4)
        for widget in (self.previous, self.name, self.next, self.save, self.heart, self.version):
            row.addWidget(widget, 1 if widget is self.name else 0)
        self.setMaximumWidth(px(2 * _NAME_WIDTH) + 5 * px(_BUTTON))
        copy = self.version.addAction("Copy this version to the other")
        copy.triggered.connect(presets.variation.copy_version)
        self._state.changed.connect(self.show_state)
        self._state.library_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show the state of the presets; emits nothing."""
        state, service, ready = self._state, self._state.service, self._state.store.model is not None
        self.name.show_preset(state.title() if ready else "No model loaded", modified=service.modified)
        for widget in (self.previous, self.next, self.save, self.version):
            widget.setEnabled(ready)
        favourite = state.is_favourite(state.current_key())
        self.heart.setEnabled(state.current is not None)
        self.heart.setChecked(favourite)
        self.heart.setIcon(icon("heart_full", "accent") if favourite else icon("heart"))
        self.heart.setAccessibleDescription("yes" if favourite else "no")
        name, other = service.versions.name, service.versions.other
        self.version.setText(f"V{name}")
        self.version.setAccessibleName(f"Version {name}, compare with {other}")
        self.version.setToolTip(
            f"<b>Compare</b>: version {name} of the patch is active; click for version {other} (Ctrl+T)."
            "<br>Right-click to copy this version to the other."
        )


def _tool(name: str, title: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setAccessibleName(title)
    button.setToolTip(tip)
    return button
