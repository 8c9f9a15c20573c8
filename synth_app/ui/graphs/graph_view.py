"""The base of all graphs: a plot in the window's look that zooms and pans, by mouse and by keyboard."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGraphicsSceneWheelEvent, QMenu, QWidget

from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.theme.theme import RADIUS, px, qcolor

_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_ZOOM_STEP = 0.8
Range = tuple[float, float]


class ZoomBox(pg.ViewBox):
    """The area of the curves. The wheel zooms time, with Ctrl the height."""

    def wheelEvent(self, event: QGraphicsSceneWheelEvent, axis: int | None = None) -> None:
        """Zoom one axis at the mouse."""
        upright = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        super().wheelEvent(event, axis if axis is not None else int(upright))


class GraphView(pg.PlotWidget):
    """A focusable plot with two axes.

    Args:
        name: accessible name.
        bottom, left: its axes.
        hint: one sentence with the keys and gestures, for the tooltip and screen readers.

    Attributes:
        box: the area of the curves.
        shows_all: whether the user has not zoomed or panned since all was shown.
        menu_extras: functions that add entries to the context menu.
    """

    def __init__(self, name: str, bottom: GraphAxis, left: GraphAxis, hint: str) -> None:
        self.box = ZoomBox(enableMenu=False)
        super().__init__(
            background=qcolor("well"), viewBox=self.box, axisItems={"bottom": bottom, "left": left}, enableMenu=False
        )
        self.bottom, self.left = bottom, left
        self.menu_extras: list[Callable[[QMenu], None]] = []
        self.focus_visible = False
        self._fit: tuple[Range, Range] = ((0.0, 1.0), (0.0, 1.0))
        self.shows_all = True
        self.box.sigRangeChangedManually.connect(lambda _: self._zoomed_by_mouse())
        self.plotItem.hideButtons()
        self.plotItem.layout.setContentsMargins(px(4), px(8), px(12), px(2))
        self.box.setDefaultPadding(0.0)
        self.setAccessibleName(name)
        self.setAccessibleDescription(hint)
        self.viewport().setToolTip(hint)
        self.setMinimumSize(px(320), px(160))

    def sizeHint(self) -> QSize:
        """Prefer a wide area."""
        return QSize(px(720), px(320))

    def set_extent(self, x: Range, y: Range) -> None:
        """Set how far the graph can be panned; a graph that shows all goes on showing all.

        Args:
            x, y: lowest and highest value.
        """
        if (x, y) == self._fit:
            return
        self._fit = (x, y)
        margin_y = 0.06 * (y[1] - y[0])
        margin_x = 0.02 * (x[1] - x[0])
        self.box.setLimits(
            xMin=x[0] - margin_x, xMax=x[1] + margin_x, yMin=y[0] - margin_y, yMax=y[1] + margin_y,
            minXRange=(x[1] - x[0]) * 1e-3, minYRange=(y[1] - y[0]) * 1e-2,
        )  # fmt: skip
        if self.shows_all:
            self.fit()

    def extent(self) -> tuple[Range, Range]:
        """Return the ends that ``set_extent`` set: (left, right), (bottom, top)."""
        return self._fit

    def fit(self) -> None:
        """Show all."""
        (left, right), (low, high) = self._fit
        margin_x, margin_y = 0.02 * (right - left), 0.06 * (high - low)
        area = QRectF(left - margin_x, low - margin_y, right - left + 2 * margin_x, high - low + 2 * margin_y)
        self.box.setRange(area, padding=0.0)
        self.shows_all = True

    def zoom(self, factor: float) -> None:
        """Zoom time about the middle of the view; below 1 shows less."""
        self.box.scaleBy((factor, 1.0))
        self.shows_all = False

    def _zoomed_by_mouse(self) -> None:
        self.shows_all = False

    def visible_range(self) -> tuple[Range, Range]:
        """Return the values at the edges of the view: (left, right), (bottom, top)."""
        (left, right), (low, high) = self.box.viewRange()
        return (float(left), float(right)), (float(low), float(high))

    def value_at(self, position: QPointF | QPoint) -> QPointF:
        """Return the values at a position in the viewport."""
        return self.box.mapSceneToView(self.mapToScene(QPointF(position).toPoint()))

    def position_of(self, x: float, y: float) -> QPointF:
        """Return the position of values in the viewport."""
        return QPointF(self.mapFromScene(self.box.mapViewToScene(QPointF(x, y))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus zoom, 0 fits."""
        match event.text():
            case "+" | "=":
                self.zoom(_ZOOM_STEP)
            case "-":
                self.zoom(1.0 / _ZOOM_STEP)
            case "0":
                self.fit()
            case _:
                QWidget.keyPressEvent(self, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu."""
        self.menu(QPointF(event.pos())).exec(event.globalPos())

    def menu(self, position: QPointF) -> QMenu:
        """Return the context menu at a position in the viewport."""
        menu = QMenu(self)
        menu.addAction("Show all\t0").triggered.connect(self.fit)
        menu.addAction("Zoom in\t+").triggered.connect(lambda: self.zoom(_ZOOM_STEP))
        menu.addAction("Zoom out\t−").triggered.connect(lambda: self.zoom(1.0 / _ZOOM_STEP))
        for extend in self.menu_extras:
            extend(menu)
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring if the keyboard set the focus."""
        self.focus_visible = event.reason() in _KEYBOARD
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self.focus_visible = False
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the graph, and the focus ring above it."""
        super().paintEvent(event)
        if self.focus_visible:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(qcolor("focus"), 2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), px(RADIUS), px(RADIUS))
