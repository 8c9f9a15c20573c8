"""Scored models: the scores in the card against scores computed from the audio."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.dataset.splits import split_by_instrument, split_by_note
from synth_app.decoder import Model
from synth_app.evaluation import produce_model, score_model
from synth_app.modelfile import load_model_file
from synth_app.spectrum import db_frames
from synth_app.training import FitSettings, TrainSettings

FIT = FitSettings(epochs=3, batch_size=64, beta=1e-5, frames_per_note=40)


def test_card_scores_match_scores_computed_from_the_audio(settings: TrainSettings, tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    produce_model(replace(settings, fit=FIT), out)
    loaded = load_model_file(out)
    note_score, instrument_score = loaded.card.scores
    assert (note_score.split, instrument_score.split) == ("note", "instrument")
    model, notes = Model(loaded), {note.note_str: note for note in read_notes(settings.data)}
    test = split_by_note(notes.values(), seed=0).test
    errors = []
    for name in test:
        audio, _ = read_audio(settings.data, notes[name])
        frames = db_frames(audio, settings.spec)
        top = frames.max(axis=1)
        frames = frames[(top >= -80) & (top >= top.max() - 60)]
        made = model.decode(*model.encode(frames))
        true = np.maximum(frames, frames.max(axis=1, keepdims=True) - 100)
        errors.append((made - true) ** 2)
    assert note_score.rmse_pooled_db == pytest.approx(np.sqrt(np.concatenate(errors).mean()), abs=0.01)
    assert note_score.rmse_per_note_db == pytest.approx(np.mean([np.sqrt(e.mean()) for e in errors]), abs=0.01)
    assert note_score.notes == len(test)
    found = score_model(loaded, settings.data, [notes[name] for name in test])
    assert found.pooled_db == pytest.approx(note_score.rmse_pooled_db, abs=0.01)
    assert found.frames == note_score.frames == sum(len(e) for e in errors)
    assert note_score.rmse_pooled_db < note_score.pca_pooled_db
    assert instrument_score.notes == len(split_by_instrument(notes.values(), seed=0).test)


def test_the_score_of_pca_is_exact_and_equals_its_reference(settings: TrainSettings, tmp_path: Path) -> None:
    model = produce_model(replace(settings, family="pca"), tmp_path / "pca.safetensors", score_splits=("note",))
    (score,) = model.card.scores
    assert score.rmse_pooled_db == pytest.approx(score.pca_pooled_db, abs=1e-3)
    notes = {note.note_str: note for note in read_notes(settings.data)}
    split = split_by_note(notes.values(), seed=0)

    def unit(names: tuple[str, ...]) -> np.ndarray:
        parts = []
        for name in names:
            frames = db_frames(read_audio(settings.data, notes[name])[0], settings.spec)
            top = frames.max(axis=1)
            frames = frames[(top >= -80) & (top >= top.max() - 60)]
            parts.append(1 + np.maximum(frames - frames.max(axis=1, keepdims=True), -100) / 50)
        return np.concatenate(parts).astype(np.float64)

    train, test = unit(split.train), unit(split.test)
    mean = train.mean(axis=0)
    _, _, v = np.linalg.svd(train - mean, full_matrices=False)
    rest = (test - mean) - (test - mean) @ v[:4].T @ v[:4]
    assert score.pca_pooled_db == pytest.approx(50 * np.sqrt((rest**2).mean()), abs=0.01)


def test_held_out_notes_do_not_reach_the_training(settings: TrainSettings, tmp_path: Path) -> None:
    """Replacing the test notes by noise changes the scores and nothing of the net."""
    import shutil

    from synth_app.dataset.audio_io import write_wav16
    from synth_app.dataset.nsynth import audio_path

    job = replace(settings, fit=FIT, cache=tmp_path / "cache")
    first = produce_model(job, tmp_path / "a.safetensors", score_splits=("note",))
    copy = tmp_path / "sines"
    shutil.copytree(settings.data, copy)
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32)
    for name in split_by_note(read_notes(copy), seed=0).test:
        write_wav16(audio_path(copy, name), noise, 8000)
    second = produce_model(
        replace(job, data=copy, runs=tmp_path / "runs2"), tmp_path / "b.safetensors", score_splits=("note",)
    )
    for name, tensor in first.tensors.items():
        np.testing.assert_array_equal(tensor, second.tensors[name])
    assert abs(first.card.scores[0].rmse_pooled_db - second.card.scores[0].rmse_pooled_db) > 1.0
