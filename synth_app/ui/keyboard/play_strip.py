"""The bottom strip: octave and velocity of the computer keyboard, and the piano."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.piano import Piano
from synth_app.ui.keyboard.qwerty import QwertyKeys
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import label, tight

_VELOCITY_STEP = 10


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
        rows = (
            ("Octave", self.octave, lambda by: self._qwerty.set_octave(self._qwerty.octave + by), "Z", "X"),
            ("Velocity", self.velocity, self._step_velocity, "C", "V"),
        )
        for i, (name, value, step, down, up) in enumerate(rows):
            value.setAlignment(Qt.AlignmentFlag.AlignCenter)
            value.setMinimumWidth(px(28))
            grid.addWidget(label(name, "caption"), i, 0)
            grid.addWidget(_stepper("−", f"{name} down ({down})", lambda step=step: step(-1)), i, 1)
            grid.addWidget(value, i, 2)
            grid.addWidget(_stepper("+", f"{name} up ({up})", lambda step=step: step(1)), i, 3)
        return grid

    def _step_velocity(self, by: int) -> None:
        self._qwerty.set_velocity(self._qwerty.velocity + by * _VELOCITY_STEP)

    def _show(self) -> None:
        _set_text(self.octave, f"C{self._qwerty.octave}")
        _set_text(self.velocity, str(self._qwerty.velocity))


def _set_text(target: QLabel, text: str) -> None:
    if target.text() != text:
        target.setText(text)


def _stepper(text: str, name: str, action: object) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setProperty("kind", "quiet")
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setAutoRepeat(True)
    button.clicked.connect(action)
    return button
