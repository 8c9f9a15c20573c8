"""Keys between recordings morph them by the distance in pitch, velocities likewise; drums do not morph."""

import numpy as np
import pytest

from synth_app.engine.voices.nearest_recordings import KEYS, VELOCITIES, Blending, Choices, Place, fill_choices

FREELY = Blending(keys=True, velocities=True)
Found = tuple[tuple[int, int], tuple[int, int], float]  # key and velocity of both, and the morph


def chosen(places: list[Place], blending: Blending = FREELY) -> Choices:
    """Choices of slot B, whose rows lie behind three others."""
    shape = (2, KEYS, VELOCITIES)
    choices = Choices(np.full(shape, -1), np.full(shape, -1), np.full(shape, np.nan, np.float32))
    fill_choices(choices, 1, 3 + np.arange(len(places)), places, blending)
    assert (choices.low[0] == -1).all(), "slot A is another sound's"
    return choices


def found(places: list[Place], key: int, velocity: int = 100, blending: Blending = FREELY) -> Found:
    choices = chosen(places, blending)
    low, high = places[choices.low[1, key, velocity] - 3], places[choices.high[1, key, velocity] - 3]
    return tuple(low), tuple(high), round(float(choices.between[1, key, velocity]), 3)


@pytest.mark.parametrize(
    ("key", "low", "high", "morph"),
    [(40, 48, 48, 0.0), (48, 48, 48, 0.0), (51, 48, 60, 0.25), (60, 60, 60, 0.0), (66, 60, 72, 0.5), (90, 72, 72, 0.0)],
)
def test_keys_morph_the_nearest_two(key: int, low: int, high: int, morph: float) -> None:
    assert found([Place(60, 100), Place(48, 100), Place(72, 100)], key) == ((low, 100), (high, 100), morph)


@pytest.mark.parametrize(
    ("velocity", "soft", "loud", "morph"),
    [(10, 40, 40, 0.0), (40, 40, 40, 0.0), (60, 40, 80, 0.5), (100, 80, 120, 0.5), (127, 120, 120, 0.0)],
)
def test_velocities_of_a_pitch_morph(velocity: int, soft: int, loud: int, morph: float) -> None:
    places = [Place(60, 80), Place(60, 40), Place(60, 120)]
    for key in (0, 50, 60, 70, 127):
        assert found(places, key, velocity) == ((60, soft), (60, loud), morph)


def test_between_pitches_the_nearest_velocities_play() -> None:
    places = [Place(48, 30), Place(48, 120), Place(60, 50), Place(60, 110)]
    assert found(places, 54, 40) == ((48, 30), (60, 50), 0.5)
    assert found(places, 54, 127) == ((48, 120), (60, 110), 0.5)


def test_models_without_pitch_input_play_the_nearest_pitch() -> None:
    places, blending = [Place(48, 40), Place(48, 120), Place(60, 100)], Blending(keys=False, velocities=True)
    assert found(places, 51, 80, blending) == ((48, 40), (48, 120), 0.5)
    assert found(places, 54, 80, blending) == ((48, 40), (48, 120), 0.5), "of two equally near the lower"
    assert found(places, 55, 80, blending) == ((60, 100), (60, 100), 0.0)


def test_drums_do_not_morph() -> None:
    places, blending = [Place(36, 100), Place(40, 50), Place(40, 100)], Blending(keys=False, velocities=False)
    assert [found(places, key, blending=blending)[0][0] for key in (30, 36, 37, 39, 40, 60)] == [36, 36, 36, 40, 40, 40]
    assert [found(places, 60, velocity, blending)[0][1] for velocity in (1, 74, 76, 127)] == [50, 50, 100, 100]
    choices = chosen(places, blending)
    assert (choices.low[1] == choices.high[1]).all()
    assert not choices.between[1].any()


def test_two_recordings_at_one_place_play_alone() -> None:
    """As a script may add them; a session's sound has each place once."""
    choices = chosen([Place(60, 100), Place(60, 100)])
    assert not choices.between[1].any()
    assert set(np.unique(choices.low[1])) | set(np.unique(choices.high[1])) <= {3, 4}
