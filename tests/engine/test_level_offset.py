"""The level offset of handles is heard at its level, in every voice."""

import numpy as np

from synth_app.patch import NoteOn, Patch, SetPatch
from tests.engine.helpers import high_band_db, play, rms_db

CHORD = ((0.0, NoteOn(60)), (0.0, NoteOn(67)))


def test_the_level_offset_is_heard_at_its_level(models: dict[int, str]) -> None:
    plain, moved = (play(Patch(models[48_000], offset_db=level_db), *CHORD, seconds=1.0) for level_db in (0.0, -6.0))
    assert abs(rms_db(moved) - rms_db(plain) + 6.0) < 0.05
    np.testing.assert_allclose(moved, plain * 10.0 ** (-6.0 / 20.0), atol=2e-4)


def test_the_level_glides_under_a_held_key(models: dict[int, str]) -> None:
    patch = Patch(models[48_000])
    quiet = Patch(models[48_000], offset_db=-12.0)
    audio = play(patch, *CHORD, (0.5, SetPatch(quiet)), seconds=1.0)
    assert abs(rms_db(audio[30_000:40_000]) - rms_db(audio[12_000:22_000]) + 12.0) < 1.5
    clicks = high_band_db(audio[:, 0])
    assert clicks[40:].max() < clicks[20:40].max() + 6.0
