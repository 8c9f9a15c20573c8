"""The ablation: its scores are those of the models, and it continues where it stopped."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.evaluation import score_out_of_domain, training_axes
from synth_app.evaluation.produce import produce_model
from synth_app.evaluation.reports.ablation import UNSEEN, Ablation, as_markdown, run_ablation
from synth_app.spectrum import db_frames
from synth_app.support.errors import UserError
from synth_app.training import FitSettings, TrainSettings
from tests.training.conftest import write_sines

ABLATIONS = (Ablation("none", {"augment": 0.0}), Ablation("both", {}, also=True))


@pytest.fixture
def base(settings: TrainSettings, tmp_path: Path) -> TrainSettings:
    write_sines(tmp_path / "more")
    fit = FitSettings(epochs=2, batch_size=64, beta=1e-5, frames_per_note=20, augment=0.5)
    return replace(settings, split="instrument", fit=fit, also=(tmp_path / "more",), cache=tmp_path / "cache")


def test_rows_have_the_scores_of_the_models(base: TrainSettings, tmp_path: Path) -> None:
    out = tmp_path / "ablation.json"
    write_sines(tmp_path / "other")
    rows = run_ablation(base, [tmp_path / "other"], out, ablations=ABLATIONS)
    assert [row["ablation"] for row in rows] == ["none", "both"]
    assert [row["settings"]["also"] for row in rows] == [[], ["more"]]
    job = replace(base, fit=replace(base.fit or FitSettings(), augment=0.0), also=())
    model = produce_model(job, tmp_path / "none.safetensors", score_splits=("instrument",))
    (card,) = model.card.scores
    found = rows[0]["scores"][UNSEEN]
    assert (found["rmse_db"], found["pca_db"]) == pytest.approx((card.rmse_pooled_db, card.pca_pooled_db), abs=2e-3)
    made, _ = score_out_of_domain(
        model, tmp_path / "other", read_notes(tmp_path / "other"), training_axes(model, job.data)
    )
    assert rows[0]["scores"]["other"]["rmse_db"] == pytest.approx(made.pooled_db, abs=0.02)
    assert rows[1]["scores"] != rows[0]["scores"]
    ratio = found["rmse_db"] / found["pca_db"]
    assert f"| none | {rows[0]['best_epoch']} | {found['rmse_db']:.2f} ({ratio:.3f}) |" in as_markdown(rows)


def test_finished_rows_are_kept_unless_their_settings_changed(base: TrainSettings, tmp_path: Path) -> None:
    out = tmp_path / "ablation.json"
    run_ablation(base, [], out, ablations=ABLATIONS[:1])
    mark = json.loads(out.read_text())
    mark[0]["seconds"] = -1.0
    del mark[0]["settings"]["width"]  # as an earlier version wrote it
    mark[0]["settings"]["members"] = mark[0]["settings"].pop("ensemble")
    mark[0]["lever"] = mark[0].pop("ablation")
    out.write_text(json.dumps(mark))
    assert [row["seconds"] == -1.0 for row in run_ablation(base, [], out, ablations=ABLATIONS)] == [True, False]
    assert [row["seconds"] == -1.0 for row in run_ablation(replace(base, seed=1), [], out, ablations=ABLATIONS[:1])][
        -1
    ] is False


def test_unsuitable_jobs_and_files_are_refused(base: TrainSettings, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="split by instrument"):
        run_ablation(replace(base, split="note"), [], tmp_path / "out.json")
    (tmp_path / "out.json").write_text("[3]")
    with pytest.raises(UserError, match="not a table of an ablation"):
        run_ablation(base, [], tmp_path / "out.json")


def test_out_of_domain_pca_is_that_of_the_training_notes(settings: TrainSettings, tmp_path: Path) -> None:
    model = produce_model(replace(settings, family="pca"), tmp_path / "pca.safetensors", score_splits=())
    notes = read_notes(settings.data)

    def unit(note: Note) -> np.ndarray:
        frames = db_frames(read_audio(settings.data, note)[0], settings.spec)
        top = frames.max(axis=1)
        frames = frames[(top >= -80) & (top >= top.max() - 60)]
        return (1 + np.maximum(frames - frames.max(axis=1, keepdims=True), -100) / 50).astype(np.float64)

    everything = np.concatenate([unit(note) for note in notes])
    mean = everything.mean(axis=0)
    _, _, v = np.linalg.svd(everything - mean, full_matrices=False)
    few = np.concatenate([unit(note) for note in notes[:5]]) - mean
    rest = few - few @ v[:4].T @ v[:4]
    _, linear = score_out_of_domain(model, settings.data, notes[:5], training_axes(model, settings.data))
    assert linear.pooled_db == pytest.approx(50 * np.sqrt((rest**2).mean()), abs=0.01)
    assert linear.frames == len(few)
