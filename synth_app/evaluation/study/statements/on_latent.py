"""Tests of the statements on perceptual scores and on latent dimensions: statements 5 and 6."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.statistics import Comparison
from synth_app.evaluation.study.statements.table import Table, mean_correlation, title
from synth_app.evaluation.study.statements.verdict import (
    NOT_REPLICATED,
    PARTLY_REPLICATED,
    REPLICATED,
    UNDECIDED,
    Row,
    Verdict,
    missing,
    verdict,
)
from synth_app.training.grid import BASELINE, study_families

Float64s = NDArray[np.float64]
_RESAMPLES = 1000
_MIN_CELLS = 5
STRONGLY = 0.1  # the whole interval of the difference of two mean |r| is above this


def perceptual_scores(table: Table, split: str) -> Verdict:
    """Test statement 5: PSM follows RMSE, except for the LSTM-AE."""
    results = [r for r in table.results if r.split == split and r.family in study_families()]
    others = [r for r in results if r.family != "lstm-ae"]
    if len(others) < _MIN_CELLS:
        return missing(5, split, f"{_MIN_CELLS} cells of families other than the LSTM-AE")
    same = [r for r in results if r.similarity_notes == others[0].similarity_notes]
    figures = _similarity_figures(same)
    lstm = np.array([r.family == "lstm-ae" for r in same])
    follows = _resampled(figures, lambda x, y: _rank_correlation(x[..., ~lstm], y[..., ~lstm]))
    rows = [Row("rank correlation of PSM with RMSE, without LSTM-AE", follows)]
    reading = f"Over {int((~lstm).sum())} cells PSM's rank correlation with RMSE is {follows}"
    if not lstm.any():
        state = PARTLY_REPLICATED if follows.under(-0.5) else UNDECIDED
        return verdict(5, split, state, reading + "; the LSTM-AE is not measured yet.", rows=tuple(rows))
    low = _resampled(figures, lambda x, y: _residual(x, y, lstm))
    rows.append(Row("PSM of LSTM-AE minus the value expected from its RMSE", low))
    reading += f"; the LSTM-AE's PSM minus the value expected from its RMSE is {low}."
    parts = (follows.under(-0.5), low.under(0.0))
    state = REPLICATED if all(parts) else PARTLY_REPLICATED if any(parts) else NOT_REPLICATED
    return verdict(5, split, state, reading, rows=tuple(rows))


def latent_correlation(table: Table, split: str) -> Verdict:
    """Test statement 6: correlations within the latent vector, and the effect of beta."""
    size = 16
    cells = {f: table.get(f, size, split) for f in (BASELINE, "vae", "lstm-ae")}
    absent = [title(f) for f, cell in cells.items() if cell is None]
    if absent:
        return missing(6, split, f"{', '.join(absent)} at 16")
    means = {f: mean_correlation(cell) for f, cell in cells.items() if cell is not None}
    rows = [Row(f"mean |r| of LSTM-AE minus {title(f)}", c) for f in (BASELINE, "vae")
            if (c := table.correlation_difference("lstm-ae", f, size, split)) is not None]  # fmt: skip
    strong = all(row.found.over(STRONGLY) for row in rows)
    means_text = ", ".join(f"{title(f)} {m:.3f}" for f, m in means.items())
    reading = f"Mean |r| within a note: {means_text}; the LSTM-AE's is {'' if strong else 'not '}{STRONGLY} above both."
    betas = _beta_rows(table, size, split)
    falls = bool(betas) and betas[-1].found.under(0.0)
    if betas:
        falling = sum(row.found.under(0.0) for row in betas[:-1])
        reading += f" A larger beta lowers that of the VAE in {falling} of {len(betas) - 1} steps."
    else:
        reading += " Only one beta is measured, so its effect is unknown."
    state = REPLICATED if strong and falls else PARTLY_REPLICATED if strong or falls else NOT_REPLICATED
    return verdict(6, split, state, reading, rows=tuple(rows + betas))


def _beta_rows(table: Table, size: int, split: str) -> list[Row]:
    """Compare each beta of the study's VAE with the next larger one, and the smallest with the largest."""
    families = [f for f in table.families(split) if f.startswith("vae") and table.get(f, size, split) is not None]
    cells = sorted((r for f in families if (r := table.get(f, size, split)) is not None), key=lambda r: r.beta)
    steps = [*pairwise(cells), (cells[0], cells[-1])] if len(cells) > 1 else []
    rows = []
    for small, large in steps:
        found = table.correlation_difference(large.family, small.family, size, split)
        if found is not None:
            rows.append(Row(f"mean |r| of VAE at beta {large.beta:g} minus {small.beta:g}", found))
    return rows


def _similarity_figures(results: Sequence[CellResult]) -> tuple[Float64s, Float64s, Float64s]:
    """Return squared errors, frame counts and PSM [cells, notes] of the notes with similarity scores."""
    squares, frames = np.empty((2, len(results), len(results[0].similarity_notes)))
    for i, result in enumerate(results):
        errors, index = result.by_rule("active"), {name: k for k, name in enumerate(result.notes)}
        at = [index[name] for name in result.similarity_notes]
        frames[i] = [errors.frames[k] for k in at]
        squares[i] = [errors.mean_squares[k] * errors.frames[k] for k in at]
    return squares, frames, np.array([result.similarity("original").psm for result in results])


def _resampled(
    figures: tuple[Float64s, Float64s, Float64s], statistic: Callable[[Float64s, Float64s], Float64s]
) -> Comparison:
    """Return a statistic of RMSE and mean PSM [..., cells] with its percentile interval over resampled notes."""
    squares, frames, psm = figures

    def of(pick: NDArray[np.int64]) -> Float64s:
        rmse = np.sqrt(squares[:, pick].sum(axis=-1) / np.maximum(frames[:, pick].sum(axis=-1), 1.0))
        return statistic(rmse.T, psm[:, pick].mean(axis=-1).T)

    notes = psm.shape[1]
    resamples = of(np.random.default_rng(0).integers(0, notes, (_RESAMPLES, notes)))
    low, high = np.quantile(resamples, (0.025, 0.975))
    return Comparison(float(of(np.arange(notes))), float(low), float(high), float("nan"), notes)


def _rank_correlation(x: Float64s, y: Float64s) -> Float64s:
    """Return Spearman's rank correlation over the last axis."""
    from scipy.stats import rankdata

    x, y = (rankdata(v, axis=-1) for v in (x, y))
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (x, y))
    return np.asarray((x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1)))


def _residual(rmse: Float64s, psm: Float64s, lstm: NDArray[np.bool_]) -> Float64s:
    """Return the LSTM-AE's mean residual from the least-squares line through the other cells' PSM against RMSE."""
    x, y = (v[..., ~lstm] for v in (rmse, psm))
    centre_x, centre_y = (v.mean(axis=-1, keepdims=True) for v in (x, y))
    slope = ((x - centre_x) * (y - centre_y)).sum(axis=-1, keepdims=True) / ((x - centre_x) ** 2).sum(
        axis=-1, keepdims=True
    )
    expected = centre_y + slope * (rmse[..., lstm] - centre_x)
    return np.asarray((psm[..., lstm] - expected).mean(axis=-1))
