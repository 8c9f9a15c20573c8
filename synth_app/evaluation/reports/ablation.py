"""What helps on sounds from elsewhere: one short training per lever, judged on notes of other sources."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation.score import Array, pca_rebuild, score_cached
from synth_app.spectrum import from_unit
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.data.frame_cache import FrameCache, open_cache
from synth_app.training.data.split_and_pca import draw_split, saved_axes
from synth_app.training.progress import Cancel, Progress, Report, ignore, never
from synth_app.training.settings import FitSettings, TrainSettings, with_usual

UNSEEN = "unseen instruments"


@dataclass(frozen=True)
class Ablation:
    """One setting changed beside the base, or with ``also`` the second data set put to the first.

    ``frames`` times as many are drawn per note: more notes mean more steps, and that helps by itself.
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
class _Judge:
    """Notes that no training saw, and exact PCA's error on them."""

    name: str
    cache: FrameCache
    rows: list[int]
    pitches: dict[str, int]
    pca_db: float


def run_ablation(
    base: TrainSettings,
    elsewhere: Sequence[Path],
    out: Path,
    *,
    levers: Sequence[Ablation] = ABLATIONS,
    report: Report = ignore,
    cancel: Cancel = never,
) -> list[dict[str, Any]]:
    """Train the base once per lever and score each on held-out instruments and on folders from elsewhere.

    Args:
        base: the job, its ``fit`` given and its split by instrument; ``also`` is for the levers that ask for it.
        elsewhere: folders of notes in NSynth's layout, for judging only.
        out: JSON file of the rows; levers that are in it with the same settings are not run again.
        levers: what to compare.
        report, cancel: as for ``train_model``.

    Returns:
        A row per lever: its name, settings, best epoch, and per set of notes the pooled RMSE in dB and that of PCA.

    Raises:
        UserError: the settings cannot be used, a folder cannot be read, or ``out`` cannot be.
        TrainingCancelled: ``cancel`` said so; finished rows are kept.
    """
    if base.split != "instrument" or base.fit is None or base.fit.refit:
        raise UserError("levers are judged on unseen instruments: split by instrument, give the fit, and no refit")
    rows = _read_rows(out)
    judges = _judges(base, elsewhere, report, cancel)
    for lever in levers:
        fit = replace(base.fit, frames_per_note=round(lever.frames * base.fit.frames_per_note), **lever.change)
        job = replace(base, fit=fit, also=base.also if lever.also else ())
        told = _told(job)
        if any(row["lever"] == lever.name and with_usual(row["settings"]) == told for row in rows):
            continue
        report(Progress("lever", len(rows), len(levers), lever.name))
        rows = [row for row in rows if row["lever"] != lever.name]
        rows.append({"lever": lever.name, "settings": told, **_measured(job, judges, report, cancel)})
        with atomic_path(out) as temporary:
            temporary.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return rows


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The rows as a table: pooled RMSE in dB and, after it, its ratio to PCA's."""
    sets = list(rows[0]["scores"])
    lines = ["| lever | best epoch | " + " | ".join(sets) + " |", "|---" * (len(sets) + 2) + "|"]
    for row in rows:
        cells = [f"{s['rmse_db']:.2f} ({s['rmse_db'] / s['pca_db']:.3f})" for s in row["scores"].values()]
        lines.append(f"| {row['lever']} | {row['best_epoch']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _judges(base: TrainSettings, elsewhere: Sequence[Path], report: Report, cancel: Cancel) -> list[_Judge]:
    """Held-out instruments of the data, then the other folders; PCA is that of the data's training part."""
    notes = read_notes(base.data)
    split = draw_split(notes, base.split, base.seed)
    cache = open_cache(base.data, notes, base.spec, base.cache_folder, processes=base.threads)
    by_name = {note.note_str: note for note in notes}
    train, test = (cache.rows([by_name[name] for name in part]) for part in (split.train, split.test))
    base.runs_folder.mkdir(parents=True, exist_ok=True)
    axes = saved_axes(cache, train, base.runs_folder, report, cancel)
    linear = pca_rebuild(axes, base.latent_size, base.spec.floor_db)
    sets = [(UNSEEN, cache, test, {note.note_str: note.pitch for note in notes})]
    for folder in elsewhere:
        others = read_notes(folder)
        theirs = open_cache(folder, others, base.spec, base.cache_folder, processes=base.threads)
        sets.append((folder.name, theirs, theirs.rows(others), {note.note_str: note.pitch for note in others}))
    return [_Judge(*each, score_cached(linear, *each[1:]).pooled_db) for each in sets]


def _measured(job: TrainSettings, judges: Sequence[_Judge], report: Report, cancel: Cancel) -> dict[str, Any]:
    from synth_app.training.export.reconstruct import reconstruct
    from synth_app.training.fit.job import fit_family  # these import torch

    fitted = fit_family(job, report, cancel)

    def rebuild(unit: Array, pitch: float) -> Array:
        return from_unit(reconstruct(fitted.net, unit, pitch), job.spec.floor_db)

    scores = {
        judge.name: {
            "rmse_db": round(score_cached(rebuild, judge.cache, judge.rows, judge.pitches).pooled_db, 4),
            "pca_db": round(judge.pca_db, 4),
        }
        for judge in judges
    }
    standing = fitted.standing
    return {"best_epoch": standing.best_epoch, "seconds": round(standing.seconds, 1), "scores": scores}


def _told(job: TrainSettings) -> dict[str, Any]:
    """All that decides a row, as JSON has it."""
    fit = asdict(job.fit or FitSettings())
    return {
        "family": job.family, "latent_size": job.latent_size, "seed": job.seed, "data": job.data.name,
        "also": [data.name for data in job.also], **fit,
    }  # fmt: skip


def _read_rows(out: Path) -> list[dict[str, Any]]:
    if not out.exists():
        return []
    try:
        rows = json.loads(out.read_text(encoding="utf-8"))
        return [row for row in rows if {"lever", "settings", "scores"} <= row.keys()]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"{out} is not a table of levers ({error}); choose another file") from error
