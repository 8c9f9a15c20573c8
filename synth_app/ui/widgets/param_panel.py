"""One group of the parameter table as knobs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth_app.params import PARAMS
from synth_app.session import PatchChanged
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel


class ParamPanel(Panel):
    """A knob for each parameter of ``group``, bound to the store in both directions."""

    def __init__(self, title: str, group: str, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._store = subscriptions.store
        self.knobs = {spec.name: Knob(spec) for spec in PARAMS if spec.group == group}
        self.row = QHBoxLayout()
        self.row.setSpacing(px(4))
        for name, knob in self.knobs.items():
            knob.moved.connect(lambda value, name=name: self._store.set_param(name, value))
            self.row.addWidget(knob, 1, Qt.AlignmentFlag.AlignTop)
        self.box.addLayout(self.row)
        self.box.addStretch(1)
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    @property
    def controls(self) -> dict[str, ValueControl]:
        """The controls by the name of their parameter."""
        return dict(self.knobs)

    def _patch_changed(self, change: PatchChanged) -> None:
        if not change.params.isdisjoint(self.knobs):
            self.show_state()

    def show_state(self) -> None:
        """Set the knobs to the store's values."""
        for name, knob in self.knobs.items():
            knob.set_value(self._store.patch.value(name))
