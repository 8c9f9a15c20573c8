"""The effects page: one card per effect with its switch and its knobs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth_app.params import EFFECTS, EffectSpec
from synth_app.session import PatchChanged
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.control import ValueControl
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel
from synth_app.ui.widgets.switch import Switch

_MARGIN = 8  # smaller than that of other panels: several cards share one row


class EffectCard(Panel):
    """The card of ``effect``, bound to the store both ways. Knobs of an effect that is off can be set but look dull."""

    def __init__(self, effect: EffectSpec, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        spec = effect.switch
        super().__init__(spec.label, parent)
        self.effect, self._store = effect, subscriptions.store
        self.switch = Switch(spec)
        self.header.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignVCenter)
        self.knobs = {each.name: Knob(each) for each in effect.knobs}
        self.controls: dict[str, ValueControl] = {spec.name: self.switch, **self.knobs}
        row = QHBoxLayout()
        row.setSpacing(0)
        for knob in self.knobs.values():
            row.addWidget(knob, 1, Qt.AlignmentFlag.AlignTop)
        for name, control in self.controls.items():
            control.moved.connect(lambda value, name=name: self._store.set_param(name, value))
        self.box.setContentsMargins(px(_MARGIN), px(6), px(_MARGIN), px(_MARGIN))
        self.box.addLayout(row)
        self.box.addStretch(1)
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    def _patch_changed(self, change: PatchChanged) -> None:
        if not change.params.isdisjoint(self.controls):
            self.show_state()

    def show_state(self) -> None:
        """Set the controls to the store's values."""
        for name, control in self.controls.items():
            control.set_value(self._store.patch.value(name))
        for name, knob in self.knobs.items():
            override = self.effect.overridden.get(name)
            knob.set_effective(self.switch.on and not (override and self._store.patch.value(override) > 0))


def effect_cards(subscriptions: Subscriptions) -> tuple[tuple[EffectCard, int], ...]:
    """Create all cards in the order of the effect chain, each with its stretch factor."""
    cards = [EffectCard(effect, subscriptions) for effect in EFFECTS]
    return tuple((card, len(card.knobs)) for card in cards)
