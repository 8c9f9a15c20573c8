"""Tests of the statements on perceptual scores and on latent dimensions: statements 5 and 6."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.statistics import Claim, Comparison, resample, sum_by_unit, units_of
from synth_app.evaluation.study.statements.table import Table, mean_correlation, title
from synth_app.evaluation.study.statements.verdict import (
    Row,
    Verdict,
    every_size,
    listed,
    missing,
    state_of,
    verdict,
)
from synth_app.training.grid import BASELINE, SIZES

Float64s = NDArray[np.float64]
LSTM = "lstm-ae"
FOLLOWS = -0.5  # PSM follows RMSE: the whole interval of their rank correlation is below this
_MIN_CELLS = 5
STRONGLY = 0.1  # the whole interval of the difference of two mean |r| is above this


def perceptual_scores(table: Table, split: str) -> Verdict:
    """Test statement 5: PSM follows RMSE, except for the LSTM-AE.

    It is tested at each latent size: over several sizes both follow the size, whatever the families do.
    """
    rows, claims, sizes, lstm_missing = list[Row](), list[Claim](), list[int](), list[int]()
    for size in SIZES:
        results = [r for f in table.grid_families(split) if (r := table.get(f, size, split)) is not None]
        found = _at_one_size(results)
        if found is None:
            continue
        sizes.append(size)
        follows, low = found
        claims.append(Claim(follows, FOLLOWS, below=True))
        rows.append(Row(f"rank correlation of PSM with RMSE at {size}, without LSTM-AE", follows))
        if low is None:
            lstm_missing.append(size)
        else:
            claims.append(Claim(low, 0.0, below=True))
            rows.append(Row(f"PSM of LSTM-AE minus the value expected from its RMSE at {size}", low))
    if not sizes:
        return missing(5, split, f"{_MIN_CELLS} families other than the LSTM-AE at one size")
    reading = "; ".join(f"{row.what}: {row.found}" for row in rows) + "."
    if lstm_missing:
        reading += f" The LSTM-AE is not measured at {listed(lstm_missing)}."
    complete = every_size(sizes) and not lstm_missing
    return verdict(5, split, state_of(claims, complete=complete), reading, rows=tuple(rows))


def _at_one_size(results: Sequence[CellResult]) -> tuple[Comparison, Comparison | None] | None:
    """Return how PSM follows RMSE without the LSTM-AE, and how low the LSTM-AE's is; None for too few families."""
    same = [r for r in results if r.similarity_notes == results[0].similarity_notes]
    lstm = np.array([r.family == LSTM for r in same], dtype=bool)
    if (~lstm).sum() < _MIN_CELLS:
        return None
    figures = _similarity_figures(same)
    follows = _resampled(figures, lambda x, y: _rank_correlation(x[..., ~lstm], y[..., ~lstm]))
    return follows, _resampled(figures, lambda x, y: _residual(x, y, lstm)) if lstm.any() else None


def latent_correlation(table: Table, split: str) -> Verdict:
    """Test statement 6: correlations within the latent vector, and the effect of beta."""
    size = 16
    cells = {f: table.get(f, size, split) for f in (BASELINE, "vae", LSTM)}
    absent = [title(f) for f, cell in cells.items() if cell is None]
    if absent:
        return missing(6, split, f"{', '.join(absent)} at 16")
    rows = [Row(f"mean |r| of LSTM-AE minus {title(f)}", c) for f in (BASELINE, "vae")
            if (c := table.correlation_difference(LSTM, f, size, split)) is not None]  # fmt: skip
    claims = [Claim(row.found, STRONGLY, below=False) for row in rows]
    measured = [(title(f), cell) for f, cell in cells.items() if cell is not None]
    reading = "Mean |r| within a note: " + ", ".join(f"{name} {mean_correlation(cell):.3f}" for name, cell in measured)
    pooled = [(name, cell.latent.pooled) for name, cell in measured if cell.latent.pooled is not None]
    if pooled:
        reading += "; pooled over all notes: " + ", ".join(f"{name} {value:.3f}" for name, value in pooled)
    strong = all(claim.supported() for claim in claims)
    reading += f"; within a note the LSTM-AE's is {'' if strong else 'not clearly '}{STRONGLY} above both."
    betas = _beta_rows(table, size, split)
    if betas:
        claims.append(Claim(betas[-1].found, 0.0, below=True))
        falling = sum(row.found.under(0.0) for row in betas[:-1])
        reading += f" A larger beta lowers that of the VAE in {falling} of {len(betas) - 1} steps."
    else:
        reading += " Only one beta is measured, so its effect is unknown."
    state = state_of(claims, complete=bool(betas) and len(rows) > 1)
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


def _similarity_figures(results: Sequence[CellResult]) -> tuple[Float64s, ...]:
    """Return squared errors, frames, PSM and notes [cells, instruments], summed over the notes with similarities."""
    units = units_of(results[0].similarity_notes)
    parts = []
    for result in results:
        errors, index = result.by_rule("active"), {name: k for k, name in enumerate(result.notes)}
        at = [index[name] for name in result.similarity_notes]
        frames = np.array([errors.frames[k] for k in at], np.float64)
        squares = np.array([errors.mean_squares[k] for k in at]) * frames
        psm = np.array(result.similarity("original").psm)
        parts.append(sum_by_unit(np.vstack([squares, frames, psm, np.ones(len(at))]), units))
    return tuple(np.array([part[i] for part in parts]) for i in range(4))


def _resampled(figures: tuple[Float64s, ...], statistic: Callable[[Float64s, Float64s], Float64s]) -> Comparison:
    """Return a statistic of RMSE and mean PSM [..., cells] with its BCa interval over instruments."""
    squares, frames, psm, notes = figures

    def of(pick: NDArray[np.int64], axis: int = -1) -> Float64s:
        del axis  # the last: instruments
        summed = [values[:, pick].sum(axis=-1) for values in (squares, frames, psm, notes)]
        rmse = np.sqrt(summed[0] / np.maximum(summed[1], 1.0))
        return statistic(np.moveaxis(rmse, 0, -1), np.moveaxis(summed[2] / summed[3], 0, -1))

    return resample((np.arange(squares.shape[1]),), of)


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
