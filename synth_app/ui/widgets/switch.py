"""A switch for a parameter that is off or on."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.control import ValueControl

_WIDTH, _HEIGHT, _HANDLE = 30, 16, 10
_MARGIN = 4  # for the focus ring


class Switch(ValueControl):
    """Off (0) on the left, on (1) on the right. A click or Space changes it."""

    def __init__(self, spec: ParamSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec, parent)
        self.setFixedSize(self.sizeHint())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """The pill and the ring around it."""
        return QSize(px(_WIDTH + 2 * _MARGIN), px(_HEIGHT + 2 * _MARGIN))

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self.value > 0.5

    def toggle(self) -> None:
        """What a click does."""
        self.change(0.0 if self.on else 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Change at once."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing to drag."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two clicks."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter change it, arrows choose a side, Delete resets."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def drag_normalized(self, delta: QPointF) -> float:
        """It cannot be dragged."""
        return 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a pill with its handle on the side of its state."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(px(_MARGIN), px(_MARGIN), px(_WIDTH), px(_HEIGHT)).adjusted(0.5, 0.5, -0.5, -0.5)
        hot = self.hot()
        painter.setPen(QPen(qcolor("accent" if self.on else "border"), 1))
        painter.setBrush(qcolor(("accent_hover" if hot else "accent") if self.on else "hover" if hot else "track"))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        inset = (pill.height() - px(_HANDLE)) / 2
        left = pill.right() - inset - px(_HANDLE) if self.on else pill.left() + inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor("on_accent" if self.on else "muted"))
        painter.drawEllipse(QRectF(left, pill.top() + inset, px(_HANDLE), px(_HANDLE)))
        self.paint_focus(painter, QRectF(self.rect()), px(_HEIGHT / 2 + _MARGIN))
