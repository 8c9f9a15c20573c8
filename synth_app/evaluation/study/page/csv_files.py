"""The study's results as CSV files."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from synth_app.evaluation.metrics.frame_rules import RULES
from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.table import Table, mean_correlation
from synth_app.evaluation.study.statements.verdict import Verdict
from synth_app.support.files import atomic_path

NAMES = ("cells.csv", "notes.csv", "statements.csv")


def write_csv_files(folder: Path, table: Table, verdicts: Sequence[Verdict]) -> None:
    """Write ``cells.csv`` (a line per cell), ``notes.csv`` (a line per cell and test note) and ``statements.csv``.

    Raises:
        UserError: the folder cannot be written.
    """
    _write(folder / NAMES[0], [_cell_line(table, result) for result in table.results])
    _write(folder / NAMES[1], (line for result in table.results for line in _note_lines(result)))
    _write(folder / NAMES[2], (line for verdict in verdicts for line in _verdict_lines(verdict)))


def _cell_line(table: Table, result: CellResult) -> dict[str, object]:
    line: dict[str, object] = {
        "family": result.family,
        "latent_size": result.latent_size,
        "split": result.split,
        "seed": result.seed,
        "beta": result.beta,
        "spec": result.spec,
    }
    for rule in RULES:
        rmse, trained = result.rmse(rule.name), result.train_rmse(rule.name)
        line |= {
            f"rmse_pooled_db_{rule.name}": round(rmse.pooled_db, 4),
            f"rmse_per_note_db_{rule.name}": round(rmse.per_note_db, 4),
            f"train_rmse_pooled_db_{rule.name}": round(trained.pooled_db, 4),
            f"frames_{rule.name}": rmse.frames,
        }
    ratio_to_pca = table.ratio_to_pca(result.family, result.latent_size, result.split)
    line |= {
        "notes": len(result.notes),
        "ratio_to_pca": round(ratio_to_pca.value, 4) if ratio_to_pca else "",
        "ratio_low": round(ratio_to_pca.low, 4) if ratio_to_pca else "",
        "ratio_high": round(ratio_to_pca.high, 4) if ratio_to_pca else "",
        "wilcoxon_p": ratio_to_pca.p if ratio_to_pca else "",
        "seeds": max(len(ratio_to_pca.by_seed), 1) if ratio_to_pca else "",
        "ratio_sd_between_seeds": round(ratio_to_pca.spread, 5) if ratio_to_pca and ratio_to_pca.spread else "",
    }
    for scores in result.similarities:
        line[f"psm_{scores.phases}"] = round(float(np.mean(scores.psm)), 4)
        line[f"psm_t_{scores.phases}"] = round(float(np.mean(scores.psm_t)), 4)
    saturated = result.latent.saturated
    return line | {
        "similarity_notes": len(result.similarity_notes),
        "mean_correlation": round(mean_correlation(result), 4),
        "pooled_correlation": result.latent.pooled if result.latent.pooled is not None else "",
        "saturated": saturated if saturated is not None else "",
        **vars(result.cost),
    }


def _note_lines(result: CellResult) -> Iterable[dict[str, object]]:
    scores = {
        note: (original.psm[i], original.psm_t[i])
        for original in (result.similarity("original"),)
        for i, note in enumerate(result.similarity_notes)
    }
    for i, note in enumerate(result.notes):
        psm, psm_t = scores.get(note, ("", ""))
        yield {
            "family": result.family,
            "latent_size": result.latent_size,
            "split": result.split,
            "seed": result.seed,
            "note": note,
            **{f"rmse_db_{e.rule}": round(float(np.sqrt(e.mean_squares[i])), 4) for e in result.errors},
            **{f"frames_{e.rule}": e.frames[i] for e in result.errors},
            "correlation": result.latent.by_note[i],
            "psm": psm,
            "psm_t": psm_t,
        }


def _verdict_lines(verdict: Verdict) -> Iterable[dict[str, object]]:
    common = {"statement": verdict.number, "split": verdict.split, "state": verdict.state, "reading": verdict.reading}
    if not verdict.rows:
        yield {**common, "what": "", "value": "", "low": "", "high": "", "wilcoxon_p": "", "units": ""}
    for row in verdict.rows:
        found = row.found
        yield {**common, "what": row.what, "value": found.value, "low": found.low, "high": found.high,
               "wilcoxon_p": found.p, "units": found.units}  # fmt: skip


def _write(path: Path, lines: Iterable[dict[str, object]]) -> None:
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        writer: csv.DictWriter[str] | None = None
        for line in lines:
            if writer is None:
                writer = csv.DictWriter(out, list(line))
                writer.writeheader()
            writer.writerow(line)
