"""What two models play in a blind test: the same notes at the same times, equally loud."""

import time
from pathlib import Path

import numpy as np
import pytest

from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.evaluation.metrics.pitch import estimate_pitch
from synth_app.export.abx.job import AbxJob, AbxRequest
from synth_app.export.abx.phrases import (
    MOST_NOTES,
    Recording,
    Sounds,
    bank_phrases,
    recording_phrases,
    shared_notes,
    sound_phrases,
)
from synth_app.modelfile import save_model_file
from synth_app.patch import ENGINE_RATE
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model
from tests.modelfile.conftest import small_model
from tests.session.sounds.recordings import tone, write


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    for rate in (48_000, 16_000):
        save_model_file(folder / f"exact-{rate}.safetensors", exact_model(SPECS[rate]))
    return folder / "exact-48000.safetensors", folder / "exact-16000.safetensors"


def ignore(done: int, total: int) -> None:
    del done, total


def check_match(sounds: Sounds, seconds: float) -> None:
    a, b = sounds
    assert a.shape == b.shape
    assert len(a) / ENGINE_RATE == pytest.approx(seconds, abs=0.6)
    assert integrated_loudness(a) == pytest.approx(integrated_loudness(b), abs=0.1)
    assert max(np.abs(a).max(), np.abs(b).max()) <= 0.91


def heard_keys(sound: np.ndarray, seconds_each: float, count: int) -> list[int]:
    """Return the keys of notes that begin every ``seconds_each``."""
    mono = sound.mean(axis=1)
    starts = [round((i * seconds_each + 0.1) * ENGINE_RATE) for i in range(count)]
    return [round(float(estimate_pitch(mono[at : at + ENGINE_RATE // 2], ENGINE_RATE) or 0)) for at in starts]


def test_a_note_of_both_banks_is_played_at_the_keys(models: tuple[Path, Path]) -> None:
    steps: list[tuple[int, int]] = []
    sounds = bank_phrases((str(models[0]), str(models[1])), "", (55, 60), lambda *step: steps.append(step))
    check_match(sounds, 2.0)
    assert steps == [(1, 2), (2, 2)]
    assert heard_keys(sounds[0], 1.0, 2) == heard_keys(sounds[1], 1.0, 2) == [55, 60]


def test_recordings_are_encoded_by_both_and_played_at_their_keys(models: tuple[Path, Path], tmp_path: Path) -> None:
    keys = (48, 53, 58, 63, 68)
    recordings = [Recording(write(tmp_path / f"{key}.wav", tone(key)), key) for key in reversed(keys)]
    steps: list[tuple[int, int]] = []
    sounds = recording_phrases(models, recordings, lambda *step: steps.append(step))
    check_match(sounds, 1.5 * MOST_NOTES)
    assert steps[-1] == (2 * MOST_NOTES, 2 * MOST_NOTES)
    for sound in sounds:
        assert heard_keys(sound, 1.5, MOST_NOTES) == [48, 53, 63, 68]


def test_a_single_recording_of_a_sound_is_played_at_several_keys(models: tuple[Path, Path], tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", tone(60.0))
    entry = SoundLibrary(tmp_path / "sounds").add("x", [NewRecording(path)])
    sounds = sound_phrases(models, entry, ignore)
    check_match(sounds, 4.0)
    assert heard_keys(sounds[1], 1.0, 4) == [60, 67, 55, 72]
    bare = sound_phrases(models, entry, ignore, detail=0.0)
    check_match(bare, 4.0)
    assert np.abs(bare[0] - sounds[0]).max() > 1e-3


def test_models_without_a_common_note_are_told(models: tuple[Path, Path], tmp_path: Path) -> None:
    save_model_file(tmp_path / "small.safetensors", small_model())
    other = tmp_path / "small.safetensors"
    assert shared_notes(models)
    assert shared_notes((models[0], other)) == ()
    with pytest.raises(UserError, match="no note in common"):
        bank_phrases((str(models[0]), str(other)), "", (60,), ignore)


def test_a_job_writes_both_sounds_of_equal_length(models: tuple[Path, Path], tmp_path: Path) -> None:
    job = AbxJob(AbxRequest(models, tmp_path))
    job.start()
    end = time.monotonic() + 120.0
    while not job.done() and time.monotonic() < end:
        time.sleep(0.05)
    assert job.error == ""
    assert job.steps == (2, 2)
    assert job.result is not None
    a, b = (np.fromfile(path, np.float32) for path in (job.result.a, job.result.b))
    assert len(a) == len(b) > 4 * ENGINE_RATE
    assert np.isfinite(a).all()
    assert not np.array_equal(a, b)
