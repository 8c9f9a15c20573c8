"""The page of a blind comparison: hear A, B and X, say which X is, and read the result at the end."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from synth_app.evaluation.abx import AbxTest
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight

_HINT = "Keys: A, B and X play, 1 answers A, 2 answers B. The same key again plays from the start."
_SOUND_HEIGHT = 48  # design px, without the border
_HEARD = {"a": "A", "b": "B", "x": "X"}


class AbxPage(QWidget):
    """Shows one test; ``show_test`` is called after every change.

    Args:
        titles: of the models A and B.
    """

    play_requested = Signal(str)  # "a", "b" or "x"
    answered = Signal(str)  # "a" or "b"
    end_requested = Signal()
    again_requested = Signal()
    back_requested = Signal()

    def __init__(self, titles: tuple[str, str]) -> None:
        super().__init__()
        self._keys: dict[str, QPushButton] = {}
        self.heading = label("", "heading")
        self.models = label(f"A is {titles[0]}, B is {titles[1]}.", "muted")
        self.result = label("")
        self.hint = label(_HINT, "muted")
        for text in (self.models, self.result, self.hint):
            text.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Trials answered")
        self.sounds = {
            side: self._button(name, f"Hear {name}", name, partial(self.play_requested.emit, side))
            for side, name in _HEARD.items()
        }
        self.answers = {
            side: self._button(f"X is {_HEARD[side]}", f"Answer that X is {_HEARD[side]}", key,
                               partial(self.answered.emit, side))
            for side, key in (("a", "1"), ("b", "2"))
        }  # fmt: skip
        for button in self.sounds.values():
            button.setStyleSheet(f"min-height: {px(_SOUND_HEIGHT)}px")
        self.back = QPushButton("Back")
        self.back.clicked.connect(self.back_requested)
        self.end = QPushButton("End now")
        self.end.setToolTip("See the result of the trials so far")
        self.end.clicked.connect(self.end_requested)
        self.again = QPushButton("Test again")
        self.again.setToolTip("The same sounds in another order")
        self.again.clicked.connect(self.again_requested)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()

    def show_test(self, test: AbxTest, heard: str, *, ended: bool, seed: int) -> None:
        """Show the present trial, or the result.

        Args:
            test: as it is.
            heard: which of "a", "b" and "x" sounds now; "" for none.
            ended: whether the result is shown.
            seed: of the order, shown with the result.
        """
        done, total = len(test.answers), len(test.hidden)
        self.heading.setText("Result" if ended else f"Trial {test.trial} of {total}")
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        for side, button in self.sounds.items():
            button.setProperty("kind", "primary" if side == heard else "")
            button.style().unpolish(button)
            button.style().polish(button)
            button.setVisible(not ended or side != "x")
        for button in self.answers.values():
            button.setVisible(not ended)
        self.hint.setVisible(not ended)
        self.end.setVisible(not ended)
        self.end.setEnabled(done > 0)
        self.again.setVisible(ended)
        self.result.setVisible(ended)
        if ended:
            self.setFocus()  # its buttons are gone
            self.result.setText(f"{test.result().verdict()} The order of X was number {seed}.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button of a key."""
        button = self._keys.get(event.text().lower())
        if button is not None and button.isVisible() and button.isEnabled():
            button.click()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str, tip: str, key: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(f"{tip} ({key})")
        button.setAccessibleDescription(f"{tip}. Key {key}")
        button.clicked.connect(lambda: act())
        self._keys[key.lower()] = button
        return button

    def _lay_out(self) -> None:
        sounds, answers, buttons = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row, widgets in ((sounds, self.sounds), (answers, self.answers)):
            row.setSpacing(px(GRID))
            for button in widgets.values():
                row.addWidget(button, 1)
        buttons.addWidget(self.back)
        buttons.addStretch(1)
        buttons.addWidget(self.end)
        buttons.addWidget(self.again)
        box = QVBoxLayout(self)
        tight(box, 0, 2 * GRID)
        for widget in (self.heading, self.models, self.progress):
            box.addWidget(widget)
        box.addLayout(sounds)
        box.addLayout(answers)
        box.addWidget(self.hint)
        box.addWidget(self.result)
        box.addStretch(1)
        box.addLayout(buttons)
