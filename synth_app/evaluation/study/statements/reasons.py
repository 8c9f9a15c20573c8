"""Possible reasons for a family's result, from the results themselves: training budget, bounded latents, data."""

from synth_app.evaluation.study.measurements.betas import SIZE, beta_family
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.training.grid import BASELINE

_LATE_BEST_EPOCH = 0.9  # best epoch over allowed epochs, above which the net was still improving
_MIN_SATURATED = 0.02
_MIN_GAP = 0.03  # test over training error minus 1, also relative to that of PCA


def reasons(table: Table, family: str, size: int, split: str) -> tuple[str, ...]:
    """Return sentences on a cell's budget, augmentation, latent saturation and data."""
    cell, baseline = table.get(family, size, split), table.get(BASELINE, size, split)
    if cell is None:
        return ()
    name, cost, sentences = f"{title(family)} at {size}", cell.cost, []
    if cost.most_epochs and cost.best_epoch > _LATE_BEST_EPOCH * cost.most_epochs:
        sentences.append(
            f"Budget: {name} was best at epoch {cost.best_epoch} of {cost.most_epochs} allowed, so longer training "
            "may help (the study allowed 600)."
        )
    elif cost.most_epochs:
        sentences.append(f"Not the budget: {name} was best at epoch {cost.best_epoch} of {cost.most_epochs} allowed.")
    if cell.augment:
        sentences.append(
            f"Augmentation: {100 * cell.augment:.0f} % of the training frames of {name} were altered, to generalise to "
            "instruments unlike the training instruments."
        )
    saturated = cell.latent.saturated
    if saturated is not None and saturated > _MIN_SATURATED:
        sentences.append(f"Bounded latents: {100 * saturated:.0f} % of the latent values of {name} saturate the tanh.")
    gap = cell.rmse().pooled_db / cell.train_rmse().pooled_db
    pca_gap = baseline.rmse().pooled_db / baseline.train_rmse().pooled_db if baseline is not None else 1.0
    if gap > 1.0 + _MIN_GAP and gap > (1.0 + _MIN_GAP) * pca_gap:
        sentences.append(
            f"Data: {name} has {cell.train_rmse().pooled_db:.2f} dB on training notes and "
            f"{cell.rmse().pooled_db:.2f} dB on test notes, {gap:.2f} times as much (PCA: {pca_gap:.2f} times). More "
            "instruments would help."
        )
    else:
        sentences.append(
            f"Not the data: the error of {name} on test notes is {gap:.2f} times that on training notes "
            f"(PCA: {pca_gap:.2f})."
        )
    return tuple(sentences)


def bounded_latents(table: Table, split: str) -> tuple[str, ...]:
    """Return a sentence on the DAE's tanh, from the VAE with beta 0, which differs only in having none."""
    free = beta_family(0.0)
    found = table.compare(free, "dae", SIZE, split)
    if found is None:
        return ()
    text = f"With beta 0 the VAE is the DAE 128 without tanh on its latents, and has {found} x its RMSE at {SIZE}"
    if found.under(1.0):
        return (f"Bounded latents: {text}: the tanh limits the DAE here.",)
    return (f"Not the bounded latents: {text}.",)
