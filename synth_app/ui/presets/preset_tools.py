"""Chance and morph: randomize and mutate with locks, and the morph between two presets."""

from collections.abc import Callable

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

from synth_app.handles import dimension_label
from synth_app.params import PARAMS, ParamSpec
from synth_app.patch.target import Target
from synth_app.session import ModelChanged
from synth_app.session.presets.patch_variation import NOTES
from synth_app.session.store.modulation_variation import MODULATION
from synth_app.session.store.param_title import param_title
from synth_app.ui.base.plain_text import plain, without_mnemonic
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.theme.theme import GRID, colors, px
from synth_app.ui.widgets.fader import MorphFader
from synth_app.ui.widgets.panel import label, tight

_MORPH = ParamSpec("preset_morph", "Morph between presets", "", 0, 1, 0, "linear", 0, "vary",
                   "From the first preset to the second: notes, latent vector and parameters.")  # fmt: skip


class LockPopup(QFrame):
    """One check box per part of the patch. Randomize, mutate and breeding do not change checked parts."""

    def __init__(self, presets: PresetControl, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName("Locks")
        self._presets = presets
        self.boxes: dict[str, QCheckBox] = {}
        body = QWidget()
        column = QVBoxLayout(body)
        tight(column, GRID, 4)
        column.addWidget(label("Locked parts do not change", "muted"))
        self._section(column, "Notes", [(NOTES, "Notes in the slots")])
        self._section(column, "Modulation", [(MODULATION, "LFOs, envelopes, connections")])
        model = presets.state.store.model
        axes = [dimension_label(model, dim) for dim in range(model.card.latent_size)] if model else []
        self._section(column, "Latent vector", [(str(Target.latent(i)), name) for i, name in enumerate(axes)])
        names = presets.state.store.patch.macro_names
        for group in dict.fromkeys(spec.group for spec in PARAMS):
            specs = [(spec.name, param_title(spec.name, names)) for spec in PARAMS if spec.group == group]
            self._section(column, group[:1].upper() + group[1:], specs)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(body)
        box = QVBoxLayout(self)
        tight(box, 4)
        box.addWidget(area)
        self.setObjectName("locks")
        self.setStyleSheet(f"#locks {{ border: 1px solid {colors().border}; border-radius: 0; }}")
        self.resize(px(300), px(380))
        presets.state.changed.connect(self.show_state)

    def open_at(self, anchor: QWidget) -> None:
        """Open below ``anchor``, moved so that the popup stays on the screen."""
        corner, screen = anchor.mapToGlobal(QPoint(0, anchor.height() + px(4))), anchor.screen().availableGeometry()
        x = min(max(corner.x(), screen.left()), screen.right() - self.width())
        y = min(max(corner.y(), screen.top()), screen.bottom() - self.height())
        self.move(x, y)
        self.show()

    def show_state(self) -> None:
        """Check the boxes of the locked parts; changes no lock."""
        for name, box in self.boxes.items():
            box.setChecked(self._presets.service.variations.locked(name))

    def _section(self, column: QVBoxLayout, title: str, names: list[tuple[str, str]]) -> None:
        set_lock = self._presets.variation.set_lock
        head = QHBoxLayout()
        head.addWidget(label(title, "title"), 1)
        column.addLayout(head)
        grid = QGridLayout()
        grid.setSpacing(px(4))
        for i, (name, text) in enumerate(names):
            box = QCheckBox(without_mnemonic(text))
            box.setAccessibleName(f"Lock {text}")
            box.setChecked(self._presets.service.variations.locked(name))
            box.clicked.connect(lambda on, name=name: set_lock([name], locked=on))
            grid.addWidget(box, i // 2, i % 2)
            self.boxes[name] = box
        if len(names) > 1:
            for text, on in (("All", True), ("None", False)):
                button = QPushButton(text)
                button.setProperty("kind", "quiet")
                button.setAccessibleName(f"{'Lock' if on else 'Unlock'} all of {title}")
                every = [name for name, _ in names]
                button.clicked.connect(
                    lambda _=False, on=on, every=every: self._presets.variation.set_lock(every, locked=on)
                )
                head.addWidget(button)
        column.addLayout(grid)


class PresetTools(QWidget):
    """Two rows of controls.

    Args:
        presets: the window's access to presets.
        subscriptions: of the widgets of the window.
        amount: returns how far Randomize and Mutate move away from the present patch, 0-1.
    """

    def __init__(self, presets: PresetControl, subscriptions: Subscriptions, amount: Callable[[], float]) -> None:
        super().__init__()
        self._presets = presets
        self._ends = ["", ""]
        self.randomize = _button("Randomize", "Move towards a random patch, by the step (Ctrl+Shift+R)")
        self.mutate = _button("Mutate", "Change the patch slightly, by the step (Ctrl+Shift+M)")
        self.locks = _button("Locks…", "Choose the parts that no variation changes")
        self.randomize.clicked.connect(lambda: presets.variation.randomize(amount()))
        self.mutate.clicked.connect(lambda: presets.variation.mutate(amount()))
        self.locks.clicked.connect(self.open_locks)
        self.first = _button("1  Choose", "Morph from the current preset")
        self.second = _button("2  Choose", "Morph to the current preset")
        self.first.clicked.connect(lambda: self.set_end(0))
        self.second.clicked.connect(lambda: self.set_end(1))
        self.fader = MorphFader(_MORPH, ends=("1", "2"))
        self.fader.setEnabled(False)
        self.fader.moved.connect(presets.variation.set_morph)
        self._lay_out()
        subscriptions.on(ModelChanged, lambda _: self.recapture_ends())

    def open_locks(self) -> LockPopup:
        """Open the list of parts that can be locked."""
        popup = LockPopup(self._presets, self)
        popup.open_at(self.locks)
        return popup

    def set_end(self, end: int) -> None:
        """Use the current preset as one end of the morph: 0 is the first, 1 the second."""
        current = self._presets.state.current
        if current is None:
            return
        self._ends[end] = current.key
        button = (self.first, self.second)[end]
        button.setText(without_mnemonic(f"{end + 1}  {current.name}"))
        button.setToolTip(f"{plain(current.name)}<br>Click to use the current preset instead")
        if all(self._ends) and self._presets.variation.begin_morph(*self._ends):
            self.fader.setEnabled(True)
            self.fader.set_value(float(end))

    def recapture_ends(self) -> None:
        """Transfer both ends to the loaded model."""
        if all(self._ends):
            self.fader.setEnabled(self._presets.variation.begin_morph(*self._ends))

    def _lay_out(self) -> None:
        chance, ends = QHBoxLayout(), QHBoxLayout()
        for row in (chance, ends):
            tight(row, 0, 4)
        for button in (self.randomize, self.mutate, self.locks):
            chance.addWidget(button, 1)
        ends.addWidget(self.first, 1)
        ends.addWidget(self.fader, 2)
        ends.addWidget(self.second, 1)
        column = QVBoxLayout(self)
        tight(column, 0, 4)
        column.addLayout(chance)
        column.addWidget(label("Morph between presets", "caption"))
        column.addLayout(ends)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text.rstrip("…"))
    button.setMinimumWidth(px(60))
    return button
