"""The present preset in the top bar: its name, its neighbours, save, favourite, and two versions to compare."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import font, px, qcolor
from synth_app.ui.widgets.panel import tight

_NAME_WIDTH, _BUTTON = 150, 40


class NameButton(QPushButton):
    """The name, shortened where it does not fit, with a dot while the sound differs from the preset."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._modified = "", False
        self.setMinimumWidth(px(_NAME_WIDTH))
        self.setMaximumWidth(px(2 * _NAME_WIDTH))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def name(self) -> str:
        """The name shown."""
        return self._name

    @property
    def modified(self) -> bool:
        """Whether the dot is shown."""
        return self._modified

    def show_preset(self, name: str, *, modified: bool) -> None:
        """Show another preset."""
        self._name, self._modified = name, modified
        self.setAccessibleName(f"Preset: {name}{', modified' if modified else ''}")
        self.setToolTip(f"<b>{name}</b>{' (modified)' if modified else ''}<br>Open the preset browser (Ctrl+B)")
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for most names."""
        return QSize(px(_NAME_WIDTH), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The button as the style draws it, then the name."""
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
    """A row of small buttons around the name; follows the control."""

    def __init__(self, control: PresetControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.previous = _tool("previous", "Previous preset", "Previous preset (Alt+Left)")
        self.name = NameButton()
        self.next = _tool("next", "Next preset", "Next preset (Alt+Right)")
        self.save = _tool("save", "Save preset", "Save (Ctrl+S); what ships is saved as a copy")
        self.heart = _tool("heart", "Favourite", "Favourite (Ctrl+D)")
        self.heart.setCheckable(True)
        self.version = QToolButton()
        self.version.setText("A")
        self.previous.clicked.connect(lambda: control.step(-1))
        self.next.clicked.connect(lambda: control.step(1))
        self.name.clicked.connect(control.browse_requested.emit)
        self.save.clicked.connect(control.save)
        self.heart.clicked.connect(lambda: control.toggle_favourite())
        self.version.clicked.connect(control.switch_version)
        self.version.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        row = QHBoxLayout(self)
        tight(row, 0, 4)
        for widget in (self.previous, self.name, self.next, self.save, self.heart, self.version):
            row.addWidget(widget, 1 if widget is self.name else 0)
        self.setMaximumWidth(px(2 * _NAME_WIDTH) + 5 * px(_BUTTON))
        copy = self.version.addAction("Copy this version to the other")
        copy.triggered.connect(control.copy_version)
        control.changed.connect(self.show_state)
        control.listed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show the desk's state; emits nothing."""
        desk, ready = self._control.desk, self._control.store.model is not None
        self.name.show_preset(self._control.title() if ready else "No sound yet", modified=desk.modified)
        for widget in (self.previous, self.next, self.save, self.version):
            widget.setEnabled(ready)
        favourite = desk.current is not None and self._control.is_favourite(desk.current.key)
        self.heart.setEnabled(desk.current is not None)
        self.heart.setChecked(favourite)
        self.heart.setIcon(icon("heart_full", "accent") if favourite else icon("heart"))
        self.heart.setAccessibleDescription("yes" if favourite else "no")
        other = "B" if desk.versions.name == "A" else "A"
        self.version.setText(desk.versions.name)
        self.version.setAccessibleName(f"Version {desk.versions.name}, compare with {other}")
        self.version.setToolTip(
            f"<b>Compare</b>: you hear version {desk.versions.name} of the sound; click for {other} (Ctrl+T)."
            "<br>Right-click to copy this version to the other."
        )


def _tool(name: str, title: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setAccessibleName(title)
    button.setToolTip(tip)
    return button
