"""Before and after: both sounds start together at one level, and the figures grow with a known difference."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import load_model
from synth_app.export.sounds.comparison import Comparison, compare
from synth_app.export.sounds.verdict import verdict
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE
from synth_app.session.sounds.encode_sound import NoteSettings, encode_audio
from synth_app.session.sounds.sound_audio import Samples
from synth_app.session.sounds.sound_patch import sound_patch
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model
from tests.session.sounds.recordings import RATE, noise, tone


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reconstructs every frame."""
    made = tmp_path_factory.mktemp("comparison") / "exact.safetensors"
    save_model_file(made, exact_model(SPECS[48_000]))
    return made


def compared(path: Path, recording: Samples, encoded: Samples, *, pitched: bool = True) -> Comparison:
    """Compare a recording with what the model makes of another one."""
    model = load_model(path)
    note = encode_audio(model, encoded, RATE, NoteSettings("x", 57.0, pitched=pitched))
    return compare(recording, RATE, note, sound_patch(note, str(path), model.card, "live"))


def test_figures_grow_with_a_known_difference(path: Path) -> None:
    """A tone whose partials fall as 1/h against one with 1/h²: partial h differs by 20 log10(h) dB, less the mean."""
    bright = tone(57.0, 1.2, slope=1.0)
    near, far = compared(path, bright, bright), compared(path, bright, tone(57.0, 1.2, slope=2.0))
    assert near.mel_db < 4.0 < far.mel_db
    assert near.partials_db is not None
    assert far.partials_db is not None
    known_db = 20.0 * np.log10(np.arange(1, 31))  # up to a common level, which is made equal by power: partial 1 rules
    expected_db = float(np.sqrt(np.mean(known_db**2) + near.partials_db**2))
    assert near.partials_db < 4.0
    assert far.partials_db == pytest.approx(expected_db, rel=0.2)
    assert verdict(near.mel_db) != verdict(far.mel_db)


def test_both_begin_together_at_one_level(path: Path) -> None:
    silence = np.zeros(round(0.3 * RATE), np.float32)
    recording = np.concatenate([silence, tone(57.0, 1.0), silence])
    made = compared(path, recording, recording)
    assert made.start_s == pytest.approx(0.3, abs=0.01)
    assert len(made.source) == len(made.made) == pytest.approx(ENGINE_RATE, abs=2000)
    levels = [np.sqrt(np.mean(each[: ENGINE_RATE // 2] ** 2)) for each in (made.source, made.made)]
    assert levels[1] == pytest.approx(levels[0], rel=0.1)
    begins = [int(np.flatnonzero(np.abs(each) > 0.1 * np.abs(each).max())[0]) for each in (made.source, made.made)]
    assert abs(begins[0] - begins[1]) < 0.02 * ENGINE_RATE


def test_short_sounds_and_sounds_without_a_pitch_are_compared(path: Path) -> None:
    hit = compared(path, noise(0.2), noise(0.2), pitched=False)
    assert hit.partials_db is None
    assert np.isfinite(hit.mel_db)


def test_silence_is_refused(path: Path) -> None:
    with pytest.raises(UserError, match="tenth of a second"):
        compared(path, np.zeros(RATE, np.float32), tone(57.0, 0.5))


@pytest.mark.parametrize(("mel_db", "words"), [(0.5, "hardly"), (3.0, "very close"), (7.0, "audible"), (20.0, "far")])
def test_words_follow_the_distance(mel_db: float, words: str) -> None:
    assert words in verdict(mel_db)
