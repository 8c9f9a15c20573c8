"""What `--grid` says: the whole study, or parts of it such as ``pca,dae:4,16:note``."""

from synth_app.support.errors import UserError
from synth_app.training.grid import FAMILIES, SIZE_ORDER, Cell, grid_cells
from synth_app.training.settings import SPLITS

WHOLE = "study"
_ALL = ("", "all")
_FORM = (
    f"{WHOLE}, or FAMILIES:SIZES:SPLITS[:SEEDS] such as pca,dae:4,16:note; parts joined by a space, all for every one"
)


def parse_grid(text: str) -> tuple[Cell, ...]:
    """Cells of a grid's specification, none twice, in the order in which they are best trained.

    A part names families, encoding sizes, splits and seeds, each with commas or "all" (or nothing) for the study's;
    parts are joined by spaces or semicolons.

    Raises:
        UserError: something in it is not of the study or not a number.
    """
    cells: dict[Cell, None] = {}
    for part in text.replace(";", " ").split():
        for cell in grid_cells() if part == WHOLE else _part(part):
            cells[cell] = None
    if not cells:
        raise UserError(f"the grid {text!r} has no cells; give {_FORM}")
    return tuple(cells)


def _part(text: str) -> tuple[Cell, ...]:
    fields = text.split(":")
    if len(fields) > 4:
        raise UserError(f"the grid {text!r} has {len(fields)} fields; give {_FORM}")
    families, sizes, splits, seeds = fields + [""] * (4 - len(fields))
    named = () if families in _ALL else tuple(families.split(","))
    for family in named:
        if family not in FAMILIES:
            raise UserError(f"no family {family!r} in the grid; there are: {', '.join(FAMILIES)}")
    chosen = SPLITS if splits in _ALL else tuple(splits.split(","))
    for split in chosen:
        if split not in SPLITS:
            raise UserError(f"no split {split!r} in the grid; there are: {', '.join(SPLITS)}")
    numbers = SIZE_ORDER if sizes in _ALL else _numbers(sizes, "size", 1)
    return grid_cells(named or FAMILIES, numbers, chosen, (0,) if seeds in _ALL else _numbers(seeds, "seed", 0))


def _numbers(text: str, what: str, least: int) -> tuple[int, ...]:
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise UserError(f"the grid's {what}s {text!r} are not numbers; give {_FORM}") from error
    if min(found) < least:
        raise UserError(f"the grid's {what} {min(found)} cannot be used; the least is {least}")
    return found
