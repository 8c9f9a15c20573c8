"""A fine-tuned model begins as the model that it was made from, and comes nearer to the new notes."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import read_notes
from synth_app.decoder import Model
from synth_app.evaluation.score import score_model
from synth_app.modelfile import load_model_file, save_model_file
from synth_app.training import TrainSettings, train_model
from synth_app.training.families.registry import fit_of
from synth_app.training.settings import FINE_TUNE_FIT, fine_tuning
from tests.training.conftest import plain_model


@pytest.fixture
def job(base: Path, data: Path, tmp_path: Path) -> TrainSettings:
    fit = replace(FINE_TUNE_FIT, epochs=3, batch_size=64, learning_rate=2e-3)
    return replace(fine_tuning(base, data, fit=fit), cache=data.parent / "cache", runs=tmp_path / "r", threads=1)


def test_without_an_epoch_the_model_decodes_as_before(base: Path, job: TrainSettings) -> None:
    same = plain_model(replace(job, fit=replace(FINE_TUNE_FIT, epochs=0)), "same")
    rng = np.random.default_rng(0)
    z, gain_db = rng.standard_normal((5, 4)).astype(np.float32), np.full(5, -20.0, np.float32)
    unit = np.tanh(rng.standard_normal((5, 65))).astype(np.float32) * 50.0 - 50.0
    for pitch in (48.0, 61.5):
        own, theirs = Model(same), Model(load_model_file(base))
        np.testing.assert_allclose(own.decode(z, gain_db, pitch), theirs.decode(z, gain_db, pitch), atol=1e-4)
        np.testing.assert_allclose(own.encode(unit, pitch)[0], theirs.encode(unit, pitch)[0], atol=1e-5)


def test_epochs_bring_it_nearer_to_the_notes(base: Path, job: TrainSettings) -> None:
    tuned = plain_model(job, "tuned")
    notes = read_notes(job.data)
    before, after = (score_model(file, job.data, notes).pooled_db for file in (load_model_file(base), tuned))
    assert after < 0.95 * before
    assert tuned.card.family == "pitched-vae"
    assert tuned.card.title.endswith("fine-tuned, 8 kHz")
    assert "--from base " in tuned.card.training.command
    assert tuned.bank


def test_another_model_to_begin_with_is_another_training(job: TrainSettings, tmp_path: Path) -> None:
    short = replace(job, fit=replace(FINE_TUNE_FIT, epochs=1))
    first = plain_model(short, "first")
    save_model_file(tmp_path / "first.safetensors", first)
    plain_model(replace(short, start=tmp_path / "first.safetensors"), "second")
    assert len([*(tmp_path / "r").glob("pitched-vae-*/checkpoint.safetensors")]) == 2


def test_the_default_settings_of_each_kind(job: TrainSettings) -> None:
    assert fit_of(replace(job, fit=None)) == FINE_TUNE_FIT
    assert fit_of(replace(job, start=None, family="pca", fit=None)).epochs == 0
    assert fit_of(job) == job.fit


PCA_ALONE = """
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path


class NoTorch(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError("torch is not installed")


sys.meta_path.insert(0, NoTorch())
from synth_app.evaluation import produce_model
from synth_app.spectrum import FrameSpec
from synth_app.training import TrainSettings
spec = FrameSpec(8000, 128, 64, "hann", -100.0)
data, folder = Path(sys.argv[1]), Path(sys.argv[2])
job = TrainSettings(data, "pca", spec, 4, cache=folder / "c", runs=folder / "r", threads=1)
model = produce_model(job, folder / "linear.safetensors", score_splits=["note"])
score = model.card.scores[0]
assert score.rmse_pooled_db == score.pca_pooled_db, score  # the model is PCA itself
assert len(model.bank) > 0 and model.bank[0].correction is not None
"""


def test_pca_needs_no_torch(data: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PCA_ALONE, str(data), str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_pca_by_numpy_is_the_pca_of_torch(settings: TrainSettings) -> None:
    from synth_app.training.export.export import to_model_file
    from synth_app.training.fit.job import fit_family
    from synth_app.training.progress import ignore_progress, never_cancel

    job = replace(settings, family="pca", fit=None)
    by_torch = to_model_file(fit_family(job, ignore_progress, never_cancel), "x", ignore_progress)
    by_numpy = train_model(job, "x")
    for name, tensor in by_torch.tensors.items():
        np.testing.assert_allclose(by_numpy.tensors[name.replace(".0.0.", ".0.")], tensor, rtol=1e-5, atol=1e-6)
    assert [note.name for note in by_numpy.bank] == [note.name for note in by_torch.bank]
    np.testing.assert_allclose(by_numpy.stats.std, by_torch.stats.std, rtol=0.1)
    assert by_numpy.card.training.command == by_torch.card.training.command
