"""Places of notes between left and right."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth_app.engine.voices.stereo_places import free_side


def _chord(notes: int, first_serial: int = 0) -> list[float]:
    places: list[float] = []
    for i in range(notes):
        places.append(free_side(np.array(places, np.float32), first_serial + i))
    return places


@given(st.integers(0, 10_000))
def test_the_first_note_is_in_the_middle_and_further_ones_come_in_pairs(serial: int) -> None:
    places = _chord(9, serial)
    assert places[0] == 0.0
    for i in (1, 3, 5, 7):
        assert places[i] == -places[i + 1] != 0.0
    assert len(set(places)) == 9


def test_which_side_comes_first_alternates() -> None:
    assert np.sign(_chord(2, 0)[1]) != np.sign(_chord(2, 1)[1])


@given(st.integers(0, 10_000))
def test_a_place_that_is_free_again_is_taken(serial: int) -> None:
    assert free_side(np.array([0.6, -0.6], np.float32), serial) == 0.0
    assert free_side(np.array([0.0, 0.6], np.float32), serial) == -0.6


def test_many_notes_are_spread_evenly() -> None:
    places = np.array(_chord(64))
    assert np.abs(places).max() <= 1.0
    assert abs(places.mean()) < 0.05
    assert 0.45 < places.std() < 0.75
