"""Lengths of note values, in both spellings."""

import pytest

from synth_app.params import param
from synth_app.params.note_values import DELAY_NOTE_VALUES, NOTE_BEATS, note_beats
from synth_app.patch.modulation_matrix import Lfo


@pytest.mark.parametrize(
    ("name", "beats"), [("1/4", 1.0), ("1/8D", 0.75), ("1/8.", 0.75), ("1/4T", 2 / 3), ("1/4t", 2 / 3), ("8/1", 32.0)]
)
def test_dotted_and_triplet_values_in_both_spellings(name: str, beats: float) -> None:
    assert note_beats(name) == pytest.approx(beats)


def test_the_delays_choices_rise() -> None:
    lengths = [note_beats(name) for name in DELAY_NOTE_VALUES]
    assert lengths == sorted(lengths)
    assert param("delay_sync").choices == ("Free", *DELAY_NOTE_VALUES)


def test_every_saved_name_of_an_lfos_note_value_loads() -> None:
    assert [Lfo(sync=name).sync for name in NOTE_BEATS] == list(NOTE_BEATS)
    assert {"8/1", "4/1", "2/1", "1/1", "1/32t", "1/16."} <= NOTE_BEATS.keys()


def test_unknown_note_values_are_refused() -> None:
    with pytest.raises(KeyError):
        note_beats("1/5")
