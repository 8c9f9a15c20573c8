"""A switch for a parameter that is either off or on."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.control import ValueControl

_WIDTH, _HEIGHT, _HANDLE = 30, 16, 10
_MARGIN = 4  # for the focus ring


class Switch(ValueControl):
    """Off (0) is on the left, on (1) on the right. A click or Space toggles it."""

    accessible_role = QAccessible.Role.CheckBox

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self.setFixedSize(self.sizeHint())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Prefer the size of the pill and the focus ring around it."""
        return QSize(px(_WIDTH + 2 * _MARGIN), px(_HEIGHT + 2 * _MARGIN))

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self.value > 0.5

    def toggle(self) -> None:
        """Change to the other state."""
        self.change(0.0 if self.on else 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle at once."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ignore drags."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Handle the second of two clicks as a click."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter toggle, arrows choose a side, Delete resets."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def drag_normalized(self, delta: QPointF) -> float:
        """Return 0: a switch cannot be dragged."""
        return 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a pill with its handle on the side of its state."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(px(_MARGIN), px(_MARGIN), px(_WIDTH), px(_HEIGHT)).adjusted(0.5, 0.5, -0.5, -0.5)
        active = self.is_active()
        painter.setPen(QPen(qcolor("accent" if self.on else "border"), 1))
        painter.setBrush(
            qcolor(("accent_hover" if active else "accent") if self.on else "hover" if active else "track")
        )
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        inset = (pill.height() - px(_HANDLE)) / 2
        left = pill.right() - inset - px(_HANDLE) if self.on else pill.left() + inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("on_accent" if self.on else "muted"))
        painter.drawEllipse(QRectF(left, pill.top() + inset, px(_HANDLE), px(_HANDLE)))
        self.paint_focus(painter, QRectF(self.rect()), px(_HEIGHT / 2 + _MARGIN))
