"""A verdict on one statement, and what all judges of statements share."""

from dataclasses import dataclass

from synth_app.evaluation.study.statements.statistics import Comparison
from synth_app.evaluation.study.statements.table import Table, expected_sizes, title
from synth_app.training.grid import SIZES

HOLDS, SO_FAR, IN_PART, FAILS, UNDECIDED, MISSING = (
    "holds",
    "holds so far",
    "holds in part",
    "does not hold",
    "undecided",
    "cells missing",
)
PUBLISHED = ("ae", "dae", "lstm-ae", "vae")  # DAE in its first shape; the others are told beside it
CLEARLY = 0.95  # "clearly better than PCA": the whole interval of the ratio is under this
ABOUT = 0.98  # "about the best": nobody's whole interval is under this
WELL_SIZES = (12, 16)
INSTRUMENT_AIM = 0.70
_RESAMPLES = 1000


@dataclass(frozen=True)
class Row:
    """One comparison behind a verdict: what is compared, and the figure with its interval and p."""

    what: str
    found: Comparison


@dataclass(frozen=True)
class Verdict:
    """Whether a statement holds on a split.

    Attributes:
        number: 1 to 6 of the study; 7 and 8 are our aims.
        statement: in words.
        split: "note" or "instrument".
        state: one of HOLDS, SO_FAR (at all sizes that are measured), SO_FAR, IN_PART, FAILS, UNDECIDED, MISSING.
        reading: what was found, in a sentence or two.
        why: where it does not hold, what the results say of the reason.
        rows: comparisons.
    """

    number: int
    statement: str
    split: str
    state: str
    reading: str
    why: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """For headings."""
        return name_of(self.number)

    @property
    def word(self) -> str:
        """The state as people say it: an aim is reached, a statement holds."""
        return self.state if self.number in STUDYS_OWN else _OF_AIMS.get(self.state, self.state)


STATEMENTS: dict[int, str] = {
    1: "PCA beats the shallow AE at every size.",
    2: "Only the DAE and the LSTM-AE beat PCA clearly (DAE up to 20 %, LSTM-AE over 23 % lower RMSE, best at 12-16).",
    3: "The VAE lies between the DAE and PCA.",
    4: "At 100 dimensions PCA is about the best.",
    5: "Perceptual scores follow RMSE, except that the LSTM-AE's are low for its RMSE.",
    6: "Codes of VAE and PCA correlate weakly, those of the LSTM-AE strongly; a larger beta lowers the correlation.",
    7: f"Ours, at 16 dimensions on unseen instruments: at most {INSTRUMENT_AIM:.2f} x PCA.",
    8: "Ours beats PCA and every published family at every size.",
}
STUDYS_OWN = range(1, 7)
_OF_AIMS = {HOLDS: "reached", SO_FAR: "reached so far", IN_PART: "reached in part", FAILS: "not reached"}


def name_of(number: int) -> str:
    """A statement's name: its number, or that it is an aim of ours."""
    return f"Statement {number}" if number in STUDYS_OWN else "Aim"


def verdict(
    number: int, split: str, state: str, reading: str, why: tuple[str, ...] = (), rows: tuple[Row, ...] = ()
) -> Verdict:
    """One of a numbered statement."""
    return Verdict(number, STATEMENTS[number], split, state, reading, why, rows)


def missing(number: int, split: str, what: str) -> Verdict:
    """That of a statement whose cells are not there."""
    return verdict(number, split, MISSING, f"Not measured yet: {what}.")


def ratios_of(table: Table, family: str, against: str, split: str) -> dict[int, Comparison]:
    """Pooled RMSE of a family over another, by size."""
    found = {size: table.compare(family, against, size, split) for size in table.sizes(family, split)}
    return {size: c for size, c in found.items() if c is not None}


def rows_of(ratios: dict[int, Comparison], a: str, b: str) -> tuple[Row, ...]:
    """The same as rows."""
    return tuple(Row(f"{title(a)} / {title(b)} at {size}", c) for size, c in ratios.items())


def listed(sizes: list[int]) -> str:
    """Sizes in words."""
    return ", ".join(map(str, sizes))


def so_far(sizes: list[int], family: str) -> str:
    """A sentence on what is missing of a family, if anything is."""
    absent = [size for size in expected_sizes(family) if size not in sizes]
    return f" Sizes {listed(absent)} are not measured yet." if absent else ""


def by_size(good: list[int], bad: list[int], measured: list[int]) -> str:
    """The state of a statement about every size of the study."""
    if len(good) == len(measured):
        return HOLDS if set(SIZES) <= set(measured) else SO_FAR
    if bad:
        return IN_PART if good else FAILS
    return IN_PART if good else UNDECIDED
