"""Parser of the ``--grid`` option: the whole study, or parts of it such as ``pca,dae:4,16:note``."""

from collections.abc import Sequence

from synth_app.support.errors import UserError
from synth_app.training.grid import SIZE_ORDER, Cell, grid_cells, study_families
from synth_app.training.settings import SPLITS

WHOLE = "study"
_ALL = ("", "all")
_FORM = (
    f"{WHOLE}, or FAMILIES:SIZES:SPLITS[:SEEDS] such as pca,dae:4,16:note; spaces separate parts; 'all' for every value"
)


def parse_grid(text: str, seeds: Sequence[int] = (0,)) -> tuple[Cell, ...]:
    """Return the cells of a grid's specification, each once, in the order in which to train them.

    A part names families, latent sizes, splits and seeds. Each is a list with commas, or "all" or nothing for those of
    the study. Parts are separated by spaces or semicolons. A part without seeds has ``seeds``.

    Raises:
        UserError: a name that the study does not have, or not a number.
    """
    cells: dict[Cell, None] = {}
    for part in text.replace(";", " ").split():
        for cell in grid_cells(seeds=seeds) if part == WHOLE else _part(part, seeds):
            cells[cell] = None
    if not cells:
        raise UserError(f"the grid {text!r} has no cells; give {_FORM}")
    return tuple(cells)


def _part(text: str, default_seeds: Sequence[int]) -> tuple[Cell, ...]:
    fields = text.split(":")
    if len(fields) > 4:
        raise UserError(f"the grid {text!r} has {len(fields)} fields; give {_FORM}")
    families, sizes, splits, own_seeds = fields + [""] * (4 - len(fields))
    named = () if families in _ALL else tuple(families.split(","))
    for family in named:
        if family not in study_families():
            raise UserError(f"no family {family!r} in the grid; there are: {', '.join(study_families())}")
    chosen = SPLITS if splits in _ALL else tuple(splits.split(","))
    for split in chosen:
        if split not in SPLITS:
            raise UserError(f"no split {split!r} in the grid; there are: {', '.join(SPLITS)}")
    numbers = SIZE_ORDER if sizes in _ALL else _numbers(sizes, "size", 1)
    return grid_cells(named, numbers, chosen, default_seeds if own_seeds in _ALL else _numbers(own_seeds, "seed", 0))


def _numbers(text: str, what: str, least: int) -> tuple[int, ...]:
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise UserError(f"the grid's {what}s {text!r} are not numbers; give {_FORM}") from error
    if min(found) < least:
        raise UserError(f"the grid's {what} {min(found)} cannot be used; the minimum is {least}")
    return found
