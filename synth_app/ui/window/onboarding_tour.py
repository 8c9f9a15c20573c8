"""The first-run tour: five steps that point at the real controls, which stay usable."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeySequence, QPainter, QPaintEvent, QPen, QRegion, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from synth_app.session import PresetLibrary
from synth_app.ui.keyboard.key_positions import OCTAVE_KEYS, PLAY_KEYS, VELOCITY_KEYS, KeyLetters
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.shell import Messages
from synth_app.ui.theme.theme import GRID, RADIUS, px, qcolor
from synth_app.ui.widgets.panel import Panel, label, tight
from synth_app.ui.window.workspace import Workspace

_CARD_WIDTH = 340
_SHADE = 165  # of 255
_UPDATE_MS = 50  # after the window changed: its layouts settle first


class TourHost(Messages, Protocol):
    """The window that the tour runs over.

    ``rebuilt`` is emitted after the workspace was created again.
    """

    rebuilt: SignalInstance

    @property
    def work(self) -> Workspace:
        """The current workspace."""
        ...

    @property
    def qwerty(self) -> QwertyKeys:
        """The computer keyboard that plays."""
        ...


@dataclass(frozen=True)
class TourStep:
    """One step of the tour.

    Attributes:
        title: heading of the card.
        text: body of the card; ``{play}``, ``{octave}`` and ``{velocity}`` stand for the letters of those keys.
        controls: returns the widgets to point at.
        page: page of the deck that the step needs; "" for any.
    """

    title: str
    text: str
    controls: Callable[[Workspace], tuple[QWidget, ...]]
    page: str = ""


STEPS = (
    TourStep(
        "Choose a sound",
        "The arrows step through the presets. The name between them opens the browser with search, tags and "
        "favourites. The list to the left selects the model: the learned space that its sounds come from.",
        lambda work: (work.bar.picker, work.bar.presets),
    ),
    TourStep(
        "Play",
        "Play {play} on your keyboard, click the piano, or plug in a MIDI keyboard. "
        "{octave} change the octave, {velocity} the velocity. Try it now: the keys play during this tour.",
        lambda work: (work.play,),
    ),
    TourStep(
        "Move through the sound",
        "Hold a key and drag a slider: each one changes one property and holds the others. Every point on the pad is a "
        "note: click it to hear it, or drag to move between notes. A double-click resets a slider.",
        lambda work: (work.latent, work.pad),
    ),
    TourStep(
        "Morph",
        "Choose a second sound in slot B and drag the fader: attack, sustain and release morph from A to B. "
        "The Time page records your moves as automation that plays with every key.",
        lambda work: (work.morph,),
        "sound",
    ),
    TourStep(
        "Keep it",
        "Ctrl+S saves the sound as a preset. Record writes what you play into a file, Export renders one note, and "
        "the handle beside it can be dragged into a folder. Ctrl+Z undoes any change. F1 lists all shortcuts.",
        lambda work: (work.bar.record, work.bar.export, work.bar.handle),
    ),
)


class OnboardingTour(QWidget):
    """An overlay on the window with a hole over the controls of the step; ``ended`` is emitted when it closes."""

    ended = Signal()

    def __init__(self, host: TourHost) -> None:
        window = host.as_widget()
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Tour")
        self._host, self._window, self.step = host, window, 0
        self._hole = QRect()
        self._shortcuts = [self._shortcut("Esc", self.close), self._shortcut("Return", self.forward)]
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.timeout.connect(self.update_geometry)
        self._make_card()
        window.installEventFilter(self)
        host.rebuilt.connect(self._rebuild_card)
        self.show()
        self._show_step(0)

    # ---- navigation

    def forward(self) -> None:
        """Show the next step; close after the last one."""
        if self.step + 1 < len(STEPS):
            self._show_step(self.step + 1)
        else:
            self.close()

    def back(self) -> None:
        """Show the previous step."""
        self._show_step(max(self.step - 1, 0))

    @property
    def hole(self) -> QRect:
        """Rectangle around the controls of the step, in window coordinates."""
        return self._hole

    def update_geometry(self) -> None:
        """Cover the window and move the hole and the card to match the current layout."""
        self.setGeometry(self._window.rect())
        controls = STEPS[self.step].controls(self._host.work)
        parts = [QRect(part.mapTo(self._window, QPoint(0, 0)), part.size()) for part in controls]
        around = QRect()
        for part in parts:
            around = around.united(part)
        margin = px(4)
        self._hole = around.adjusted(-margin, -margin, margin, margin).intersected(self.rect())
        self.setMask(QRegion(self.rect()) - QRegion(self._hole) + QRegion(self._move_card()))
        self.raise_()
        self.update()
        for control in controls:  # Qt does not repaint opaque widgets under a new mask, so they would stay shaded
            for widget in (control, *control.findChildren(QWidget)):
                QWidget.update(widget)  # list views hide it behind an update of one item

    # ---- Qt events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shade everything except the hole, and draw a frame around the hole."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), qcolor("#05070a", _SHADE))
        painter.setPen(QPen(qcolor("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self._hole.adjusted(-1, -1, 1, 1), px(RADIUS), px(RADIUS))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
            self._settle.start(_UPDATE_MS)
        return False

    def closeEvent(self, event: QEvent) -> None:
        """Disable the shortcuts and give the focus back to the workspace."""
        self._window.removeEventFilter(self)
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
        self.ended.emit()
        self._host.work.setFocus()

    # ---- internal

    def _shortcut(self, keys: str, act: Callable[[], object]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.activated.connect(act)
        self.destroyed.connect(shortcut.deleteLater)
        return shortcut

    def _rebuild_card(self) -> None:
        """Create the card again after a change of zoom or theme."""
        self._card.deleteLater()
        self._make_card()
        self._card.show()
        self._show_step(self.step)
        self._settle.start(_UPDATE_MS)

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
        self._skip.setToolTip("End the tour (Esc); the menu starts it again")
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
            self._host.work.deck.show_page(step.page)
        self._card.title.setText(step.title)
        self._count.setText(f"{index + 1} of {len(STEPS)}")
        letters = self._host.qwerty.letters
        words = step.text.format(
            play=letters.row(PLAY_KEYS), octave=_pair(letters, OCTAVE_KEYS), velocity=_pair(letters, VELOCITY_KEYS)
        )
        self._words.setText(words)
        self._back.setEnabled(index > 0)
        last = index == len(STEPS) - 1
        self._skip.setVisible(not last)
        self._next.setText("Done" if last else "Next")
        self._next.setAccessibleName("Tour: done" if last else "Tour: next")
        self._card.setAccessibleName(f"Tour, step {index + 1} of {len(STEPS)}: {step.title}")
        self._card.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleEvent(self._card, QAccessible.Event.Alert))
        self._next.setFocus()
        self.update_geometry()

    def _move_card(self) -> QRect:
        """Move the card beside the hole, inside the window: below, above, right or left, where it fits first."""
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


class TourControl:
    """Starts the tour, and remembers in the user's settings that it was seen.

    Attributes:
        current: the running tour; None while none runs.
    """

    def __init__(self, host: TourHost, library: PresetLibrary) -> None:
        self._host, self._library = host, library
        self.current: OnboardingTour | None = None

    def open(self) -> OnboardingTour:
        """Start the tour from its first step."""
        if self.current is not None:
            self.current.close()
        self.current = tour = OnboardingTour(self._host)
        tour.ended.connect(self._remember)
        return tour

    def offer(self) -> None:
        """Start the tour unless the user has finished or closed it once."""
        settings = try_action(self._host, self._library.settings)
        if settings is not None and not settings.toured:
            self.open()

    def _remember(self) -> None:
        self.current = None
        try_action(self._host, lambda: self._library.change_settings(toured=True))


def _pair(letters: KeyLetters, positions: str) -> str:
    return " and ".join(map(letters.of, positions))
