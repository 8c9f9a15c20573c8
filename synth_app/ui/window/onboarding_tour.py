"""The first-run tour: five steps that point at the real controls, which can be used meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeySequence, QPainter, QPaintEvent, QPen, QRegion, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from synth_app.ui.theme.theme import GRID, RADIUS, px, qcolor
from synth_app.ui.widgets.panel import Panel, label, tight

if TYPE_CHECKING:
    from synth_app.ui.window.main_window import MainWindow
    from synth_app.ui.window.workspace import Workspace

_CARD_WIDTH = 340
_SHADE = 165  # of 255
_PLACE_MS = 50  # after the window changed: its layouts settle first


@dataclass(frozen=True)
class TourStep:
    """One step: a heading, what to do, where it is, and the page of the deck that must be in sight for it."""

    title: str
    text: str
    where: Callable[["Workspace"], tuple[QWidget, ...]]
    page: str = ""


STEPS = (
    TourStep(
        "Choose a sound",
        "The arrows go through the presets, the name between them opens the browser: search, tags, favourites. "
        "On the left of it stands the model, the learned space that all sounds of it live in.",
        lambda work: (work.bar.picker, work.bar.presets),
    ),
    TourStep(
        "Play",
        "Play A W S E D F T G Y H U J K on your keyboard, click the piano, or plug in a MIDI keyboard. "
        "Z and X change the octave, C and V the velocity. Try it now: the keys sound during this tour.",
        lambda work: (work.play,),
    ),
    TourStep(
        "Move through the sound",
        "Hold a key and drag a slider: each is one direction of the learned space. On the pad every point is a note: "
        "click one to hear it, drag to go anywhere between. Double-click puts a slider back.",
        lambda work: (work.latent, work.pad),
    ),
    TourStep(
        "Morph",
        "Choose a second sound in slot B and pull the fader: attack, sustain and release go over from A to B. "
        "The Time page records your moves as a gesture that plays with every key.",
        lambda work: (work.morph,),
        "sound",
    ),
    TourStep(
        "Keep it",
        "Ctrl+S saves the sound as a preset of yours. Record keeps what you play from now on, Export makes a file of "
        "one note, and the handle beside it can be dragged into a folder. Ctrl+Z takes anything back. F1: all keys.",
        lambda work: (work.bar.record, work.bar.export, work.bar.handle),
    ),
)


class OnboardingTour(QWidget):
    """Lies over the window with a hole where the step's controls are. ``ended`` once it is closed, in any way."""

    ended = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Tour")
        self._window, self.step = window, 0
        self._hole = QRect()
        self._shortcuts = [self._shortcut("Esc", self.close), self._shortcut("Return", self.forward)]
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self.place)
        self._make_card()
        window.installEventFilter(self)
        window.built.connect(self._rebuilt)
        self.show()
        self._show_step(0)

    # ---- going through it

    def forward(self) -> None:
        """The next step; after the last one the end."""
        if self.step + 1 < len(STEPS):
            self._show_step(self.step + 1)
        else:
            self.close()

    def back(self) -> None:
        """The step before."""
        self._show_step(max(self.step - 1, 0))

    @property
    def hole(self) -> QRect:
        """Where the step's controls are, in the window's coordinates."""
        return self._hole

    def place(self) -> None:
        """Lie over the whole window, with the hole and the card where they belong now."""
        self.setGeometry(self._window.rect())
        parts = [
            QRect(part.mapTo(self._window, QPoint(0, 0)), part.size())
            for part in STEPS[self.step].where(self._window.work)
        ]
        around = QRect()
        for part in parts:
            around = around.united(part)
        margin = px(4)
        self._hole = around.adjusted(-margin, -margin, margin, margin).intersected(self.rect())
        self.setMask(QRegion(self.rect()) - QRegion(self._hole) + QRegion(self._place_card()))
        self.raise_()
        self.update()

    # ---- as a widget

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shade everything but the hole, and frame that."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), qcolor("#05070a", _SHADE))
        painter.setPen(QPen(qcolor("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self._hole.adjusted(-1, -1, 1, 1), px(RADIUS), px(RADIUS))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
            self._settle.start(_PLACE_MS)
        return False

    def closeEvent(self, event: QEvent) -> None:
        """Leave the keys to the window."""
        self._window.removeEventFilter(self)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
        self.ended.emit()
        self._window.work.setFocus()

    # ---- inside

    def _shortcut(self, keys: str, act: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.activated.connect(act)
        self.destroyed.connect(shortcut.deleteLater)
        return shortcut

    def _rebuilt(self) -> None:
        """The window's content is new, at another zoom or in another theme: so must be the card."""
        self._card.deleteLater()
        self._make_card()
        self._card.show()
        self._show_step(self.step)
        self._settle.start(_PLACE_MS)

    def _make_card(self) -> None:
        self._card = Panel("Tour", self)
        self._card.setStyleSheet(f"Panel {{ border: 1px solid {qcolor('border').name()}; }}")
        self._card.setFixedWidth(px(_CARD_WIDTH))
        self._count = label("", "caption")
        self._card.header.addWidget(self._count)
        self._words = label("")
        self._words.setWordWrap(True)
        self._card.box.addWidget(self._words)
        self._skip, self._back, self._next = QPushButton("Skip"), QPushButton("Back"), QPushButton("Next")
        self._skip.setProperty("kind", "quiet")
        self._skip.setToolTip("End the tour (Esc); the menu has it again")
        self._next.setProperty("kind", "primary")
        for button, act in ((self._skip, self.close), (self._back, self.back), (self._next, self.forward)):
            button.clicked.connect(act)
            button.setAccessibleName(f"Tour: {button.text().lower()}")
        row = QHBoxLayout()
        tight(row, 0, GRID)
        row.addWidget(self._skip)
        row.addStretch(1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        box: QVBoxLayout = self._card.box
        box.addSpacing(px(GRID))
        box.addLayout(row)
        box.setContentsMargins(px(2 * GRID), px(GRID), px(2 * GRID), px(2 * GRID))

    def _show_step(self, index: int) -> None:
        self.step = index
        step = STEPS[index]
        if step.page:
            self._window.work.deck.show_page(step.page)
        self._card.title.setText(step.title)
        self._count.setText(f"{index + 1} of {len(STEPS)}")
        self._words.setText(step.text)
        self._back.setEnabled(index > 0)
        last = index == len(STEPS) - 1
        self._skip.setVisible(not last)
        self._next.setText("Done" if last else "Next")
        self._next.setAccessibleName("Tour: done" if last else "Tour: next")
        self._card.setAccessibleName(f"Tour, step {index + 1} of {len(STEPS)}: {step.title}")
        self._card.setAccessibleDescription(step.text)
        QAccessible.updateAccessibility(QAccessibleEvent(self._card, QAccessible.Event.Alert))
        self._next.setFocus()
        self.place()

    def _place_card(self) -> QRect:
        """Beside the hole, where there is most room; never outside the window."""
        self._card.adjustSize()
        size, hole, room, gap = self._card.size(), self._hole, self.rect(), px(2 * GRID)
        below, above = room.bottom() - hole.bottom(), hole.top()
        right, left = room.right() - hole.right(), hole.left()
        x = min(max(hole.center().x() - size.width() // 2, gap), room.width() - size.width() - gap)
        y = min(max(hole.center().y() - size.height() // 2, gap), room.height() - size.height() - gap)
        if below >= size.height() + gap:
            y = hole.bottom() + gap
        elif above >= size.height() + gap:
            y = hole.top() - gap - size.height()
        elif right >= size.width() + gap:
            x = hole.right() + gap
        elif left >= size.width() + gap:
            x = hole.left() - gap - size.width()
        self._card.move(x, y)
        return self._card.geometry()
