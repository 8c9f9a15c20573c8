"""A slot's card names the note that it holds, its velocity too."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from synth_app.ui.pad.slot_card import SlotCard
from tests.modelfile.conftest import small_model


def test_the_tooltip_follows_the_velocity(qtbot: QtBot) -> None:
    card = SlotCard("a")
    qtbot.addWidget(card)
    note = replace(small_model().bank[0], velocity=100)
    card.show_note(note)
    assert f"{note.instrument}, velocity 100" in card.toolTip()
    card.show_note(replace(note, velocity=40))
    assert f"{note.instrument}, velocity 40" in card.toolTip()
    card.show_note(None)
    assert "Empty" in card.toolTip()
