"""One more effect from outside the package has a card on the effects page."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from synth_app.params import EffectSpec, ParamSpec, register_effect, unregister_effect
from synth_app.session import SessionStore
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.window.effect_cards import EffectCard, effect_cards


@pytest.fixture
def dummy() -> Iterator[EffectSpec]:
    """An effect with one knob, registered."""
    effect = EffectSpec(
        "dummy",
        "nowhere:Dummy",  # the window never loads processors
        (
            ParamSpec("dummy_on", "Dummy", "", 0, 1, 0, "steps", 20, "effects", "Nothing.", ("Off", "On")),
            ParamSpec("dummy_amount", "Amount", "", 0, 1, 0.5, "linear", 20, "effects", "Nothing."),
        ),
    )
    register_effect(effect)
    yield effect
    unregister_effect(effect)


@pytest.mark.usefixtures("dummy")
def test_an_effect_from_outside_has_a_card_bound_to_the_store(qtbot: QtBot) -> None:
    store = SessionStore()
    subscriptions = Subscriptions(store)
    cards = effect_cards(subscriptions)
    for each, _ in cards:
        qtbot.addWidget(each)
    card, width = cards[-1]
    assert isinstance(card, EffectCard)
    assert (list(card.controls), width) == (["dummy_on", "dummy_amount"], 1)
    store.set_param("dummy_on", 1.0)
    store.set_param("dummy_amount", 0.25)
    assert card.switch.on
    assert card.knobs["dummy_amount"].value == 0.25
    subscriptions.end()
