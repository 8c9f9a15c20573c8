"""What the results themselves say of why a family came out as it did: budget, bounded code, data."""

from synth_app.evaluation.study.measurements.betas import SIZE, beta_family
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.training.grid import LINEAR

_NEARLY_ALL = 0.9  # a best epoch later than this share of all allowed ones: it was still getting better
_MUCH_SATURATED = 0.02
_GAP = 0.03  # test over training error, and as much beyond that of PCA


def reasons(table: Table, family: str, size: int, split: str) -> tuple[str, ...]:
    """Sentences on one cell; none where nothing is out of the ordinary."""
    cell, linear = table.get(family, size, split), table.get(LINEAR, size, split)
    if cell is None:
        return ()
    name, cost, told = f"{title(family)} at {size}", cell.cost, []
    if cost.most_epochs and cost.best_epoch > _NEARLY_ALL * cost.most_epochs:
        told.append(
            f"Budget: {name} was best at epoch {cost.best_epoch} of {cost.most_epochs} allowed, so longer training "
            "may help (the study allowed 600)."
        )
    elif cost.most_epochs:
        told.append(f"Not the budget: {name} was best at epoch {cost.best_epoch} of {cost.most_epochs} allowed.")
    if cell.augment:
        told.append(
            f"Augmentation: {100 * cell.augment:.0f} % of the training frames of {name} were altered, which is meant "
            "for instruments unlike those of the training."
        )
    if cell.code.saturated is not None and cell.code.saturated > _MUCH_SATURATED:
        told.append(f"Bounded code: {100 * cell.code.saturated:.0f} % of the code values of {name} lie at tanh's ends.")
    gap = cell.rmse().pooled_db / cell.train_rmse().pooled_db
    own = linear.rmse().pooled_db / linear.train_rmse().pooled_db if linear is not None else 1.0
    if gap > 1.0 + _GAP and gap > (1.0 + _GAP) * own:
        told.append(
            f"Data: {name} has {cell.train_rmse().pooled_db:.2f} dB on training notes and "
            f"{cell.rmse().pooled_db:.2f} on test notes, {gap:.2f} times as much (PCA: {own:.2f} times), so more "
            "instruments would help."
        )
    else:
        told.append(
            f"Not the data: {name} errs on test notes {gap:.2f} times as much as on training notes (PCA: {own:.2f})."
        )
    return tuple(told)


def bounded_code(table: Table, split: str) -> tuple[str, ...]:
    """What the VAE without a prior says of the DAE, from which it then differs only in that its code has no tanh."""
    free = beta_family(0.0)
    found = table.compare(free, "dae", SIZE, split)
    if found is None:
        return ()
    told = f"With beta 0 the VAE is the DAE 128 without tanh on its code, and has {found} x its RMSE at {SIZE}"
    if found.under(1.0):
        return (f"Bounded code: {told}: it is the tanh that holds the DAE back here.",)
    return (f"Not the bounded code: {told}.",)
