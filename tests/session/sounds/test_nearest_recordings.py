"""Keys between recordings morph them by the distance in pitch, velocities likewise; drums do not morph."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.patch import Patch, UserNote
from synth_app.session.sounds.nearest_recordings import nearest_recordings
from synth_app.session.sounds.sound_patch import for_key
from tests.engine.conftest import SPECS, pitched_model

Found = tuple[tuple[float, int], tuple[float, int], float]  # pitch and velocity of both, and the morph
CARD = pitched_model(SPECS[16_000]).card
ZEROS = np.zeros((4, 2), np.float32)
ONE = UserNote("x", "", 60.0, 2, ZEROS.tobytes(), ZEROS[:, 0].tobytes(), (0, 1, 2, 3))


def sound(*places: tuple[float, int], pitched: bool = True) -> UserNote:
    main, *others = (replace(ONE, pitch=pitch, velocity=velocity, pitched=pitched) for pitch, velocity in places)
    return replace(main, others=tuple(others))


def found(
    note: UserNote, key: int, velocity: int = 100, *, blend: bool = True
) -> tuple[tuple[float, int], tuple[float, int], float]:
    pair = nearest_recordings(note, key, velocity, blend_pitches=blend)
    return (pair.a.pitch, pair.a.velocity), (pair.b.pitch, pair.b.velocity), round(pair.morph, 3)


@pytest.mark.parametrize(
    ("key", "low", "high", "morph"),
    [(40, 48, 48, 0.0), (48, 48, 48, 0.0), (51, 48, 60, 0.25), (60, 60, 60, 0.0), (66, 60, 72, 0.5), (90, 72, 72, 0.0)],
)
def test_keys_morph_the_nearest_two(key: int, low: int, high: int, morph: float) -> None:
    note = sound((60.0, 100), (48.0, 100), (72.0, 100))
    assert found(note, key) == ((low, 100), (high, 100), morph)


@pytest.mark.parametrize(
    ("velocity", "soft", "loud", "morph"),
    [(10, 40, 40, 0.0), (40, 40, 40, 0.0), (60, 40, 80, 0.5), (100, 80, 120, 0.5), (127, 120, 120, 0.0)],
)
def test_velocities_of_a_pitch_morph(velocity: int, soft: int, loud: int, morph: float) -> None:
    note = sound((60.2, 80), (60.2, 40), (60.2, 120))
    for key in (50, 60, 70):
        assert found(note, key, velocity) == ((60.2, soft), (60.2, loud), morph)


def test_between_pitches_the_nearest_velocities_play() -> None:
    note = sound((48.0, 30), (48.0, 120), (60.0, 50), (60.0, 110))
    assert found(note, 54, 40) == ((48.0, 30), (60.0, 50), 0.5)
    assert found(note, 54, 127) == ((48.0, 120), (60.0, 110), 0.5)


def test_models_without_pitch_input_play_the_nearest_pitch() -> None:
    note = sound((48.0, 40), (48.0, 120), (60.0, 100))
    assert found(note, 51, 80, blend=False) == ((48.0, 40), (48.0, 120), 0.5)
    assert found(note, 55, 80, blend=False) == ((60.0, 100), (60.0, 100), 0.0)


def test_drums_do_not_morph() -> None:
    note = sound((36.0, 100), (40.0, 100), pitched=False)
    assert [found(note, key)[0][0] for key in (30, 36, 37, 39, 40, 60)] == [36, 36, 36, 40, 40, 40]
    assert {found(note, key)[2] for key in range(128)} == {0.0}


def test_a_patch_gets_the_pair_only_if_the_sound_is_in_both_slots() -> None:
    note = sound((60.0, 100), (48.0, 100))
    both = replace(Patch("m"), user_notes=(note, note))
    pair = for_key(both, CARD, 51, 100)
    assert [each.pitch for each in pair.user_notes if each] == [48.0, 60.0]
    assert pair.value("morph") == 0.25
    other = replace(Patch("m"), user_notes=(note, None))
    assert for_key(other, CARD, 51, 100) == other
    single = replace(Patch("m"), user_notes=(ONE, ONE))
    assert for_key(single, CARD, 51, 100) == single
