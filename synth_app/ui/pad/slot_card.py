"""The card of a slot: the note it holds; a click chooses another one."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from synth_app.modelfile import BankNote
from synth_app.session import Slot
from synth_app.ui.base.plain_text import plain
from synth_app.ui.drawing.cached_background import CachedBackground
from synth_app.ui.theme.family_colors import family_title
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, RADIUS, font, px, qcolor
from synth_app.ui.widgets.value_format import note_name


def _same_look(note: BankNote | None, other: BankNote | None) -> bool:
    """Return whether the card looks the same for both notes."""
    named = [(each.instrument, each.family, each.pitch, each.velocity) for each in (note, other) if each]
    return len(named) == 2 and named[0] == named[1]


class LetterCard(QAbstractButton):
    """A button with a letter and two lines of text.

    Args:
        letter: of the slot. token: colour of its badge.
    """

    def __init__(self, letter: str, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter, self._token = letter, token
        self._title, self._detail, self._held = "", "", ""
        self._background = CachedBackground(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(px(42))
        self.setMinimumWidth(px(128))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Prefer the size of two lines of text."""
        return QSize(px(190), px(42))

    def show_texts(self, title: str, detail: str, held: str = "") -> None:
        """Show two lines; ``held`` is what the tooltip says instead of the title."""
        if self.accessibleName() and (title, detail, held) == (self._title, self._detail, self._held):
            return
        self._title, self._detail, self._held = title, detail, held
        self.setAccessibleName(f"Slot {self.letter}: {title}, {detail}")
        self.setToolTip(f"<b>Slot {self.letter}</b>: {plain(held or title)}<br>Click to choose another one.")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        state = "pressed" if self.isDown() else "hover" if self.underMouse() else "raised"
        look = (state, self.hasFocus(), self.isEnabled(), self._title, self._detail)
        self._background.paint(QPainter(self), look, lambda inner: self._paint(inner, state))

    def _paint(self, painter: QPainter, state: str) -> None:
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(qcolor(state))
        painter.setPen(QPen(qcolor("focus"), 2) if self.hasFocus() else QPen(qcolor("line"), 1))
        painter.drawRoundedRect(rect, px(RADIUS), px(RADIUS))
        badge = QRectF(px(GRID), (self.height() - px(24)) / 2, px(24), px(24))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(self._token if self.isEnabled() else "hover"))
        painter.drawRoundedRect(badge, px(5), px(5))
        painter.setPen(qcolor("well"))
        painter.setFont(font("title"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self.letter)
        left = badge.right() + px(GRID)
        width = self.width() - left - px(26)
        for text, role, color, top in (
            (self._title, "strong", "text", 5.0),
            (self._detail, "caption", "muted", 21.0),
        ):
            painter.setFont(font(role))
            painter.setPen(qcolor(color))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
            painter.drawText(QRectF(left, px(top), width, px(16)), Qt.AlignmentFlag.AlignVCenter, shown)
        side = px(14)
        at = QRectF(self.width() - side - px(6), (self.height() - side) / 2, side, side)
        icon("down", "muted").paint(painter, at.toRect())


class SlotCard(LetterCard):
    """The card of slot A or B: the instrument, its family and its pitch."""

    def __init__(self, slot: Slot, parent: QWidget | None = None) -> None:
        super().__init__(slot.upper(), "slot_a" if slot == "a" else "slot_b", parent)
        self.slot = slot
        self._note: BankNote | None = None
        self.show_note(None)

    def show_note(self, note: BankNote | None) -> None:
        """Show the note that the slot holds; None for an empty slot."""
        if self.accessibleName() and (note is self._note or _same_look(note, self._note)):
            return
        self._note = note
        if note is None:
            self.show_texts("Empty", "–")
            return
        detail = f"{family_title(note.family) or 'Mix'} · {note_name(note.pitch)}"
        self.show_texts(note.instrument, detail, f"{note.instrument}, velocity {note.velocity}")
