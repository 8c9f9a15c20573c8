"""The panels of the filter: its response with its knobs, and its envelope."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth_app.params import PARAMS, param
from synth_app.params.filter import CUTOFF_OCTAVES, ENVELOPE_GROUP, GROUP
from synth_app.session import PatchChanged
from synth_app.session.edit.filter_curve import CUTOFF, RESONANCE, filter_shape, top_of_envelope
from synth_app.ui.filter.response_canvas import ResponseCanvas
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel
from synth_app.ui.widgets.param_panel import ParamPanel
from synth_app.ui.widgets.switch import Switch

_SWITCH = "filter_on"
_NOTHING: Mapping[str, float] = {}
_MARGIN = 8  # as that of the effects' cards, which stand beside it


class FilterPanel(Panel):
    """Switch, response and knobs of the filter, bound to the store both ways.

    Knobs of a filter that is off can be set but look inactive.
    """

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("Filter", parent)
        self._store = subscriptions.store
        self.switch = Switch(param(_SWITCH))
        self.header.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        self.knobs = {spec.name: Knob(spec) for spec in PARAMS if spec.group == GROUP and spec.name != _SWITCH}
        self.controls: dict[str, ValueControl] = {_SWITCH: self.switch, **self.knobs}
        for name, control in self.controls.items():
            control.moved.connect(lambda value, name=name: self._store.set_param(name, value))
        self.canvas = ResponseCanvas()
        self.canvas.moved.connect(self._move)
        self.canvas.reset_requested.connect(lambda: self._set_both(CUTOFF.default, RESONANCE.default))
        row = QHBoxLayout()
        row.setSpacing(px(2))
        row.addWidget(self.canvas, 5)
        for knob in self.knobs.values():
            row.addWidget(knob, 1, Qt.AlignmentFlag.AlignTop)
        self.box.setContentsMargins(px(_MARGIN), px(6), px(_MARGIN), px(_MARGIN))
        self.box.addLayout(row, 1)
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    def show_state(self) -> None:
        """Show the store's values."""
        patch = self._store.patch
        for name, control in self.controls.items():
            control.set_value(patch.value(name))
        for knob in self.knobs.values():
            knob.set_effective(self.switch.on)
        shape, top = filter_shape(patch), top_of_envelope(patch)
        self.canvas.show_filter(shape, None if top == shape else top, on=self.switch.on)

    def modulation_scales(self) -> dict[str, tuple[Knob, float, bool]]:
        """Return by target the knob, its units per unit of a modulation amount, and whether these are normalized."""
        cutoff, resonance = self.knobs[CUTOFF.name], self.knobs[RESONANCE.name]
        return {CUTOFF.name: (cutoff, 1.0 / CUTOFF_OCTAVES, True), RESONANCE.name: (resonance, 1.0, False)}

    def _patch_changed(self, change: PatchChanged) -> None:
        if not change.params.isdisjoint((*self.controls, "filter_env_oct")):
            self.show_state()

    def _move(self, cutoff_hz: float, resonance_db: float) -> None:
        """Set both values and turn the filter on: who moves its curve wants to hear it."""
        self._set_both(cutoff_hz, resonance_db, {_SWITCH: 1.0})

    def _set_both(self, cutoff_hz: float, resonance_db: float, more: Mapping[str, float] = _NOTHING) -> None:
        patch = self._store.patch
        for name, value in {CUTOFF.name: cutoff_hz, RESONANCE.name: resonance_db, **more}.items():
            patch = patch.with_param(name, value)
        self._store.apply_patch(patch)


class FilterEnvelopePanel(ParamPanel):
    """The knobs of the filter's envelope. They look inactive while the filter is off."""

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("Filter envelope", ENVELOPE_GROUP, subscriptions, parent)
        self.box.setContentsMargins(px(_MARGIN), px(6), px(_MARGIN), px(_MARGIN))
        self.row.setSpacing(0)

    def show_state(self) -> None:
        """Show the store's values."""
        super().show_state()
        for knob in self.knobs.values():
            knob.set_effective(self._store.patch.value(_SWITCH) > 0.0)

    def _patch_changed(self, change: PatchChanged) -> None:
        if not change.params.isdisjoint((*self.knobs, _SWITCH)):
            self.show_state()
