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
_HEAR_X = "Hear X before you answer"
_SOUND_HEIGHT = 48  # design px, without the border
_HEARD = {"a": "A", "b": "B", "x": "X"}
_ANSWERS = {"a": ("Answer that X is A", "1"), "b": ("Answer that X is B", "2")}


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
        self.result, self.marks = label(""), label("")
        self.order = label("", "caption")
        self.hint = label(_HINT, "muted")
        for text in (self.models, self.result, self.marks, self.hint):
            text.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Trials answered")
        self.sounds = {
            side: self._button(name, f"Hear {name}", name, partial(self.play_requested.emit, side))
            for side, name in _HEARD.items()
        }
        self.answers = {
            side: self._button(f"X is {_HEARD[side]}", tip, key, partial(self.answered.emit, side))
            for side, (tip, key) in _ANSWERS.items()
        }
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
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # the keys play after a click beside the buttons
        self._lay_out()

    def show_test(self, test: AbxTest, heard: str, *, x_heard: bool, ended: bool, seed: int) -> None:
        """Show the present trial, or the result, which needs an answer.

        Args:
            test: as it is.
            heard: which of "a", "b" and "x" sounds now; "" for none.
            x_heard: whether X was played in this trial; before that it cannot be answered.
            ended: whether the result is shown.
            seed: of the order, shown with the result.
        """
        done, total = len(test.answers), len(test.hidden)
        self.heading.setText(test.result().score if ended else f"Trial {test.trial} of {total}")
        self.progress.setVisible(not ended)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        for side, button in self.sounds.items():
            button.setProperty("kind", "primary" if side == heard else "")
            button.style().unpolish(button)
            button.style().polish(button)
            button.setVisible(not ended or side != "x")
        self._show_answers(allowed=x_heard, ended=ended)
        self.hint.setVisible(not ended)
        self.end.setVisible(not ended)
        self.end.setEnabled(done > 0)
        self.again.setVisible(ended)
        for text in (self.result, self.marks, self.order):
            text.setVisible(ended)
        if ended:
            self._show_result(test, seed)

    def _show_result(self, test: AbxTest, seed: int) -> None:
        self.result.setText(test.result().meaning())
        self.marks.setText(test.marks())
        self.order.setText(f"Order of X: number {seed}")
        self.again.setFocus(Qt.FocusReason.OtherFocusReason)  # the buttons of the trial are gone

    def _show_answers(self, *, allowed: bool, ended: bool) -> None:
        if not allowed and self.focusWidget() in self.answers.values():
            self.sounds["a"].setFocus()  # Qt would choose the next button, which ends the test
        for side, button in self.answers.items():
            tip, key = _ANSWERS[side]
            button.setVisible(not ended)
            button.setEnabled(allowed)
            _explain(button, tip if allowed else _HEAR_X, key)
        self.hint.setText(_HINT if allowed else f"{_HEAR_X}. {_HINT}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the button of a key, once however long the key is held."""
        button = self._keys.get(event.text().lower())
        if event.isAutoRepeat() and button is not None:
            event.accept()
        elif button is not None and button.isVisible() and button.isEnabled():
            button.click()
        else:
            super().keyPressEvent(event)

    def _button(self, text: str, tip: str, key: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        _explain(button, tip, key)
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
        box.addWidget(self.result)
        box.addWidget(self.marks)
        box.addLayout(sounds)
        box.addLayout(answers)
        box.addWidget(self.hint)
        box.addWidget(self.order)
        box.addStretch(1)
        box.addLayout(buttons)


def _explain(button: QPushButton, tip: str, key: str) -> None:
    button.setToolTip(f"{tip} ({key})")
    button.setAccessibleDescription(f"{tip}. Key {key}")
