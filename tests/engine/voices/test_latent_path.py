"""The latent path after key-up."""

import pytest

from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Patch
from tests.engine.helpers import play, rms_db

RELEASE_S = 5.0
FALL_DB = 60.0 * 0.3 / RELEASE_S  # of the envelope, from one measurement to the other


def _fall_db(path: str, motion: float) -> float:
    """How far the level falls within 0.3 s of release; the note itself falls by 6 dB a frame there."""
    patch = Patch(path).with_param("release_s", RELEASE_S).with_param("motion", motion)
    audio = play(patch, (0.0, NoteOn(60)), (0.5, NoteOff(60)), seconds=1.0)
    at = [round(s * ENGINE_RATE) for s in (0.45, 0.85)]
    return rms_db(audio[at[0] : at[0] + 2400]) - rms_db(audio[at[1] : at[1] + 2400])


def test_motion_adds_the_notes_own_release_to_the_envelope(models: dict[int, str]) -> None:
    assert _fall_db(models[48_000], 0.0) == pytest.approx(FALL_DB, abs=1.5)
    assert _fall_db(models[48_000], 1.0) > FALL_DB + 20.0
    assert FALL_DB < _fall_db(models[48_000], 0.05) < _fall_db(models[48_000], 0.1)
