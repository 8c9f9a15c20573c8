"""The bottom strip: octave and velocity of the computer keyboard, and the piano."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from synth_app.ui.keyboard.key_positions import OCTAVE_KEYS, VELOCITY_KEYS
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.piano import Piano
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight


class PlayStrip(QFrame):
    """The piano, with the settings of the computer keyboard on its left."""

    def __init__(self, notes: NotePlayer, qwerty: QwertyKeys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._qwerty = qwerty
        self.piano = Piano(notes, qwerty, self)
        row = QHBoxLayout(self)
        tight(row, GRID, GRID)
        row.addLayout(self._settings())
        row.addWidget(self.piano, 1)
        qwerty.changed.connect(self._show)
        self._show()

    def _settings(self) -> QGridLayout:
        grid = QGridLayout()
        tight(grid, 0, 4)
        self.octave = label("", "body")
        self.velocity = label("", "body")
        self._steppers: list[tuple[QToolButton, str, str]] = []  # button, what it does, and the position of its key
        rows = (
            ("Octave", self.octave, self._qwerty.step_octave, OCTAVE_KEYS),
            ("Velocity", self.velocity, self._qwerty.step_velocity, VELOCITY_KEYS),
        )
        for i, (name, value, step, positions) in enumerate(rows):
            down, up = tuple(positions)
            value.setAlignment(Qt.AlignmentFlag.AlignCenter)
            value.setMinimumWidth(px(28))
            grid.addWidget(label(name, "caption"), i, 0)
            grid.addWidget(self._stepper("−", f"{name} down", down, partial(step, -1)), i, 1)
            grid.addWidget(value, i, 2)
            grid.addWidget(self._stepper("+", f"{name} up", up, partial(step, 1)), i, 3)
        return grid

    def _stepper(self, text: str, what: str, position: str, act: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setProperty("kind", "quiet")
        button.setAutoRepeat(True)
        button.clicked.connect(lambda: act())  # without the state of the button that ``clicked`` passes
        self._steppers.append((button, what, position))
        return button

    def _show(self) -> None:
        _set_text(self.octave, f"C{self._qwerty.octave}")
        _set_text(self.velocity, str(self._qwerty.velocity))
        for button, what, position in self._steppers:
            name = f"{what} ({self._qwerty.letters.of(position)})"
            if button.accessibleName() != name:
                button.setAccessibleName(name)
                button.setToolTip(name)


def _set_text(target: QLabel, text: str) -> None:
    if target.text() != text:
        target.setText(text)
