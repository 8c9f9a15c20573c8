"""Making new sounds from the present one: chance with locks, and a morph between two presets."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from synth_app.params import PARAMS, ParamSpec
from synth_app.patch.target import Target
from synth_app.session import ModelChanged
from synth_app.session.presets.patch_variation import NOTES
from synth_app.session.store.modulation_variation import MODULATION
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.theme.theme import COLORS, GRID, px
from synth_app.ui.widgets.fader import MorphFader
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import label, tight

_AMOUNT = ParamSpec("amount", "Amount", "", 0, 1, 0.4, "linear", 0, "vary",
                    "How far chance goes from the present sound.")  # fmt: skip
_SHARE = ParamSpec("preset_morph", "Morph between presets", "", 0, 1, 0, "linear", 0, "vary",
                   "From the first preset to the second; notes, code and settings all move.")  # fmt: skip


class LockPopup(QFrame):
    """A check box per part of the sound; what is checked, chance leaves alone."""

    def __init__(self, control: PresetControl, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Locks")
        self._control = control
        self.boxes: dict[str, QCheckBox] = {}
        body = QWidget()
        column = QVBoxLayout(body)
        tight(column, GRID, 4)
        column.addWidget(label("Locked parts stay as they are", "muted"))
        self._section(column, "Notes", [(NOTES, "Notes in the slots")])
        self._section(column, "Modulation", [(MODULATION, "LFOs, envelopes, connections")])
        model = control.store.model
        axes = model.card.axis_names if model else ()
        self._section(column, "Latent code", [(str(Target.latent(i)), name) for i, name in enumerate(axes)])
        for group in dict.fromkeys(spec.group for spec in PARAMS):
            specs = [(spec.name, spec.label) for spec in PARAMS if spec.group == group]
            self._section(column, group[:1].upper() + group[1:], specs)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        box = QVBoxLayout(self)
        tight(box, 4)
        box.addWidget(area)
        self.setObjectName("locks")
        self.setStyleSheet(f"#locks {{ border: 1px solid {COLORS.border}; border-radius: 0; }}")
        self.resize(px(300), px(380))
        control.changed.connect(self.show_state)

    def open_at(self, anchor: QWidget) -> None:
        """Open beside ``anchor``, inside the screen."""
        corner, screen = anchor.mapToGlobal(QPoint(0, anchor.height() + px(4))), anchor.screen().availableGeometry()
        x = min(max(corner.x(), screen.left()), screen.right() - self.width())
        y = min(max(corner.y(), screen.top()), screen.bottom() - self.height())
        self.move(x, y)
        self.show()

    def show_state(self) -> None:
        """Check what is locked; asks for nothing."""
        for name, box in self.boxes.items():
            box.setChecked(self._control.desk.variations.locked(name))

    def _section(self, column: QVBoxLayout, title: str, names: list[tuple[str, str]]) -> None:
        head = QHBoxLayout()
        head.addWidget(label(title, "title"), 1)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setSpacing(px(4))
        for i, (name, text) in enumerate(names):
            box = QCheckBox(text)
            box.setAccessibleName(f"Lock {text}")
            box.setChecked(self._control.desk.variations.locked(name))
            box.clicked.connect(lambda on, name=name: self._control.set_lock([name], locked=on))
            grid.addWidget(box, i // 2, i % 2)
            self.boxes[name] = box
        if len(names) > 1:
            for text, on in (("All", True), ("None", False)):
                button = QPushButton(text)
                button.setProperty("kind", "quiet")
                button.setAccessibleName(f"{'Lock' if on else 'Unlock'} all of {title}")
                every = [name for name, _ in names]
                button.clicked.connect(lambda _=False, on=on, every=every: self._control.set_lock(every, locked=on))
                head.addWidget(button)
        column.addLayout(grid)


class PresetTools(QWidget):
    """The browser's right column below the preset's own buttons."""

    def __init__(self, control: PresetControl, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._ends = ["", ""]
        self.amount = Knob(_AMOUNT)
        self.randomize = _button("Randomise", "Towards a random sound, as far as the amount says (Ctrl+Shift+R)")
        self.mutate = _button("Mutate", "On to a close relative of this sound (Ctrl+Shift+M)")
        self.locks = _button("Locks…", "What chance must leave alone")
        self.randomize.clicked.connect(lambda: control.randomize(self.amount.value))
        self.mutate.clicked.connect(lambda: control.mutate(self.amount.value))
        self.locks.clicked.connect(self.open_locks)
        self.first = _button("1  Choose", "Morph from the preset that plays now")
        self.second = _button("2  Choose", "Morph to the preset that plays now")
        self.first.clicked.connect(lambda: self.take_end(0))
        self.second.clicked.connect(lambda: self.take_end(1))
        self.fader = MorphFader(_SHARE, ends=("1", "2"))
        self.fader.setEnabled(False)
        self.fader.moved.connect(control.set_morph)
        self._lay_out()
        subscriptions.on(ModelChanged, lambda _: self.forget())

    def open_locks(self) -> LockPopup:
        """The list of what can be locked."""
        popup = LockPopup(self._control, self)
        popup.open_at(self.locks)
        return popup

    def take_end(self, end: int) -> None:
        """Let the preset that plays now be one end of the morph."""
        current = self._control.desk.current
        if current is None:
            return
        self._ends[end] = current.key
        (self.first, self.second)[end].setText(f"{end + 1}  {current.name}")
        if all(self._ends) and self._control.begin_morph(*self._ends):
            self.fader.setEnabled(True)
            self.fader.set_value(float(end))

    def forget(self) -> None:
        """Another model: the ends are to be fitted anew."""
        if all(self._ends):
            self.fader.setEnabled(self._control.begin_morph(*self._ends))

    def _lay_out(self) -> None:
        chance = QHBoxLayout()
        tight(chance, 0, GRID)
        chance.addWidget(self.amount)
        buttons = QVBoxLayout()
        buttons.setSpacing(px(4))
        for button in (self.randomize, self.mutate, self.locks):
            buttons.addWidget(button)
        chance.addLayout(buttons, 1)
        ends = QHBoxLayout()
        tight(ends, 0, 4)
        ends.addWidget(self.first, 1)
        ends.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        tight(column, 0, 4)
        column.addWidget(label("Chance", "title"))
        column.addLayout(chance)
        heading = label("Morph between presets", "title")
        heading.setMinimumHeight(px(22))
        column.addWidget(heading)
        column.addLayout(ends)
        column.addWidget(self.fader)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text.rstrip("…"))
    button.setMinimumWidth(px(60))
    return button
