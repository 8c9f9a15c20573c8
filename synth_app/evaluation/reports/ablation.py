"""Ablation study on out-of-domain sounds: one short training per setting, scored on notes of other sources."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation.score import Array, pca_reconstructor, score_cached
from synth_app.spectrum import from_unit
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_json
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import cached_axes, make_split
from synth_app.training.progress import Cancel, Progress, Report, ignore_progress, never_cancel
from synth_app.training.settings import FitSettings, TrainSettings, with_defaults

UNSEEN = "unseen instruments"
_MAX_BYTES = 2**24


@dataclass(frozen=True)
class Ablation:
    """A change of the base settings.

    Attributes:
        name: in the table.
        change: new values of ``FitSettings`` by name.
        also: add the second data set.
        frames: factor on the frames per note. More notes mean more steps, which by itself lowers the error.
    """

    name: str
    change: dict[str, Any]
    also: bool = False
    frames: float = 1.0


ABLATIONS: tuple[Ablation, ...] = (
    Ablation("none", {"augment": 0.0}),
    Ablation("augmentation, ±7 semitones", {}),
    Ablation("own synthesis and augmentation", {}, also=True),
    Ablation("own synthesis, no augmentation", {"augment": 0.0}, also=True),
    Ablation("none, 1.6 times the frames", {"augment": 0.0}, frames=1.6),
    Ablation("augmentation, 1.6 times the frames", {}, frames=1.6),
    Ablation("augmentation, ±12 semitones", {"stretch_semitones": 12.0}),
    Ablation("augmentation, input dropout 0.1", {"input_dropout": 0.1}),
    Ablation("augmentation, β 1e-4", {"beta": 1e-4}),
    Ablation("augmentation, weight decay 0.05", {"weight_decay": 0.05}),
    Ablation("augmentation, ±2 semitones", {"stretch_semitones": 2.0}),
)


@dataclass(frozen=True)
class _TestSet:
    """Notes that no training used, with the error of exact PCA on them."""

    name: str
    cache: FrameCache
    rows: list[int]
    pitches: dict[str, int]
    pca_db: float


def run_ablation(
    base: TrainSettings,
    out_of_domain: Sequence[Path],
    out: Path,
    *,
    ablations: Sequence[Ablation] = ABLATIONS,
    report: Report = ignore_progress,
    cancel: Cancel = never_cancel,
) -> list[dict[str, Any]]:
    """Train the base once per ablation; score each on held-out instruments and on out-of-domain folders.

    Args:
        base: the job, with ``fit`` and a split by instrument. Only ablations with ``also`` use its ``also``.
        out_of_domain: folders of notes in NSynth's layout, for testing only.
        out: JSON file of the rows. Rows in it with the same settings are not computed again.
        ablations: settings to compare.
        report, cancel: as for ``train_model``.

    Returns:
        A row per ablation: its name, settings, best epoch, and per test set the pooled RMSE of model and PCA in dB.

    Raises:
        UserError: unsuitable settings, or a folder or ``out`` cannot be read.
        TrainingCancelled: ``cancel`` returned True; finished rows are kept.
    """
    if base.split != "instrument" or base.fit is None or base.fit.retrain:
        raise UserError("an ablation needs a split by instrument, fit settings, and retrain off")
    rows = _read_rows(out)
    test_sets = _test_sets(base, out_of_domain, report, cancel)
    for ablation in ablations:
        job = _job(base, base.fit, ablation)
        settings = _settings(job)
        if any(row["ablation"] == ablation.name and row["settings"] == settings for row in rows):
            continue
        report(Progress("ablation", len(rows), len(ablations), ablation.name))
        rows = [row for row in rows if row["ablation"] != ablation.name]
        rows.append({"ablation": ablation.name, "settings": settings, **_scored(job, test_sets, report, cancel)})
        with atomic_path(out) as temporary:
            temporary.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return rows


def _job(base: TrainSettings, fit: FitSettings, ablation: Ablation) -> TrainSettings:
    frames_per_note = round(ablation.frames * fit.frames_per_note)
    changed = replace(fit, frames_per_note=frames_per_note, **ablation.change)
    return replace(base, fit=changed, also=base.also if ablation.also else ())


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a table: pooled RMSE in dB, and its ratio to that of PCA in parentheses."""
    sets = list(rows[0]["scores"])
    lines = ["| ablation | best epoch | " + " | ".join(sets) + " |", "|---" * (len(sets) + 2) + "|"]
    for row in rows:
        cells = [f"{s['rmse_db']:.2f} ({s['rmse_db'] / s['pca_db']:.3f})" for s in row["scores"].values()]
        lines.append(f"| {row['ablation']} | {row['best_epoch']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _test_sets(base: TrainSettings, out_of_domain: Sequence[Path], report: Report, cancel: Cancel) -> list[_TestSet]:
    """Return the held-out instruments, then the out-of-domain folders. PCA is that of the training part."""
    notes = read_notes(base.data)
    split = make_split(notes, base.split, base.seed)
    cache = open_cache(base.data, notes, base.spec, base.cache_folder, processes=base.threads)
    by_name = {note.note_str: note for note in notes}
    train, test = (cache.rows([by_name[name] for name in part]) for part in (split.train, split.test))
    base.runs_folder.mkdir(parents=True, exist_ok=True)
    axes = cached_axes(cache, train, base.runs_folder, report, cancel)
    pca = pca_reconstructor(axes, base.latent_size, base.spec.floor_db)
    sets = [(UNSEEN, cache, test, {note.note_str: note.pitch for note in notes})]
    for folder in out_of_domain:
        others = read_notes(folder)
        other_cache = open_cache(folder, others, base.spec, base.cache_folder, processes=base.threads)
        sets.append(
            (folder.name, other_cache, other_cache.rows(others), {note.note_str: note.pitch for note in others})
        )
    return [_TestSet(*each, score_cached(pca, *each[1:]).pooled_db) for each in sets]


def _scored(job: TrainSettings, test_sets: Sequence[_TestSet], report: Report, cancel: Cancel) -> dict[str, Any]:
    """Train a job and return its scores on all test sets."""
    from synth_app.training.export.reconstruct import reconstruct
    from synth_app.training.fit.job import fit_family  # these import torch

    fitted = fit_family(job, report, cancel)

    def reconstruct_db(unit: Array, pitch: float) -> Array:
        return from_unit(reconstruct(fitted.net, unit, pitch), job.spec.floor_db)

    scores = {
        test.name: {
            "rmse_db": round(score_cached(reconstruct_db, test.cache, test.rows, test.pitches).pooled_db, 4),
            "pca_db": round(test.pca_db, 4),
        }
        for test in test_sets
    }
    state = fitted.state
    return {"best_epoch": state.best_epoch, "seconds": round(state.seconds, 1), "scores": scores}


def _settings(job: TrainSettings) -> dict[str, Any]:
    """Return everything that a row depends on, as JSON has it."""
    fit = asdict(job.fit or FitSettings())
    return {
        "family": job.family, "latent_size": job.latent_size, "seed": job.seed, "data": job.data.name,
        "also": [data.name for data in job.also], **fit,
    }  # fmt: skip


def _read_rows(out: Path) -> list[dict[str, Any]]:
    """Read the rows of a file, also those that an earlier version wrote (key "lever")."""
    if not out.exists():
        return []
    with loading(out, "a table of an ablation", "choose another file"):
        rows = read_json(out, _MAX_BYTES)
        if not isinstance(rows, list):
            raise TypeError("it is no list")
        present = [{("ablation" if key == "lever" else key): value for key, value in row.items()} for row in rows]
        complete = [row for row in present if {"ablation", "settings", "scores"} <= row.keys()]
        return [{**row, "settings": with_defaults(row["settings"])} for row in complete]
