"""The legend of instrument families, presets and own sounds: mark and name of each; a click hides or shows them."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from synth_app.ui.theme.family_colors import OWN_SOUNDS, PRESETS, family_look, family_title, shape_path
from synth_app.ui.theme.theme import font, px, qcolor

_ROW_HEIGHT = 18  # design px
_KINDS = (PRESETS, OWN_SOUNDS)


class FamilyLegend(QWidget):
    """A click hides or shows a family; a double-click shows it alone, a second one shows all.

    The cells wrap into as many rows as they need.

    Attributes:
        hidden: families whose notes are hidden.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_bank: tuple[str, ...] = ()
        self._families: tuple[str, ...] = ()  # the entries: families, and on the map presets and own sounds
        self.hidden: frozenset[str] = frozenset()
        self._current = 0
        self._focus_visible = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Families")
        self.setToolTip(
            "Click an entry to hide or show its points; double-click to show it alone. A sound of yours is on the map "
            "once this model has played it"
        )

    def set_families(self, families: tuple[str, ...]) -> None:
        """Show other families; forget hidden ones that are not among them."""
        kinds = self._families[len(self._of_bank) :]
        self._of_bank, self._families = families, families + kinds
        self._current = 0
        self._set_hidden(self.hidden & {*families, *_KINDS})
        self._wrap()

    def show_kinds(self, *, shown: bool) -> None:
        """Show entries for presets and own sounds too, or only the families. What is hidden stays hidden."""
        entries = self._of_bank + (_KINDS if shown else ())
        if entries != self._families:
            self._families, self._current = entries, 0
            self._describe()
            self._wrap()

    def toggle(self, family: str) -> None:
        """Hide a family, or show it again."""
        self._set_hidden(self.hidden ^ {family})

    def solo(self, family: str) -> None:
        """Show one family alone; if it is alone already, show all."""
        others = (self.hidden - set(self._families)) | (frozenset(self._families) - {family})
        self._set_hidden(self.hidden - set(self._families) if self.hidden == others else others)

    def sizeHint(self) -> QSize:
        """Prefer the height of the wrapped rows."""
        return QSize(px(300), self.minimumHeight())

    def resizeEvent(self, event: object) -> None:
        """Wrap the cells again."""
        self._wrap()

    def cells(self) -> list[QRect]:
        """Return the rectangle of each family's cell."""
        metrics, x, y, out = self.fontMetrics(), 0, 0, []
        height = px(_ROW_HEIGHT)
        for family in self._families:
            width = metrics.horizontalAdvance(family_title(family)) + px(26)
            if x and x + width > self.width() + px(10):  # the last cell's gap may stick out
                x, y = 0, y + height
            out.append(QRect(x, y, width, height))
            x += width
        return out

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Toggle the family under the mouse."""
        found = self._at(event)
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = found
            self.toggle(self._families[found])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show one family alone. The first click has toggled it, so toggle it back before."""
        found = self._at(event)
        if found is not None:
            self.toggle(self._families[found])
            self.solo(self._families[found])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose a family, Space hides or shows it, Enter shows it alone."""
        if not self._families:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._current = (self._current + step) % len(self._families)
            self._describe()
            self.update()
        elif event.key() == Qt.Key.Key_Space:
            self.toggle(self._families[self._current])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.solo(self._families[self._current])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring, unless the mouse set the focus."""
        self._focus_visible = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self._focus_visible = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells; a hidden family has a hollow mark and a struck-through name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, (family, cell) in enumerate(zip(self._families, self.cells(), strict=True)):
            look, middle, off = family_look(family), QRectF(cell).center().y(), family in self.hidden
            text = font("caption")
            text.setStrikeOut(off)
            painter.setFont(text)
            painter.setPen(QPen(QColor(look.color) if off else qcolor("panel"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush if off else QColor(look.color))
            painter.drawPath(shape_path(look.shape, QPointF(cell.left() + px(6), middle), px(4.5)))
            painter.setPen(qcolor("muted"))
            painter.drawText(cell.adjusted(px(15), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, family_title(family))
            text.setStrikeOut(False)
            if self._focus_visible and i == self._current:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(qcolor("focus"), 2))
                painter.drawRoundedRect(QRectF(cell).adjusted(0, 1, -px(6), -1), px(4), px(4))

    def _at(self, event: QMouseEvent) -> int | None:
        point = event.position().toPoint()
        return next((i for i, cell in enumerate(self.cells()) if cell.contains(point)), None)

    def _set_hidden(self, hidden: frozenset[str]) -> None:
        if hidden != self.hidden:
            self.hidden = hidden
            self.changed.emit()
        self._describe()
        self.update()

    def _describe(self) -> None:
        names = [f"{family_title(family)}{' hidden' if family in self.hidden else ''}" for family in self._families]
        current = f"{names[self._current]}; " if names else ""
        self.setAccessibleDescription(current + ", ".join(names))

    def _wrap(self) -> None:
        self.setFont(font("caption"))
        cells = self.cells()
        self.setFixedHeight(cells[-1].bottom() + 1 if cells else px(_ROW_HEIGHT))
        self.update()
