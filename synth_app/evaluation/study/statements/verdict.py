"""The verdict on one statement, and helpers shared by all tests of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_app.evaluation.study.statements.statistics import Claim, Comparison, holm
from synth_app.evaluation.study.statements.table import Table, expected_sizes, title
from synth_app.training.grid import SIZES

REPLICATED, NOT_REPLICATED, UNDECIDED, MISSING = (
    "replicated",
    "not replicated",
    "undecided at this budget",
    "cells missing",
)
OURS = "keyed-vae"  # of our families the one that the aims are about; its error on test notes does not choose it
PUBLISHED = ("ae", "dae", "lstm-ae", "vae")  # the DAE in its first shape; its variants are reported beside it
CLEARLY = 0.95  # "clearly better than PCA": the whole interval of the ratio is below this
ABOUT = 0.98  # "about the best": every family's whole interval is above this
MAIN_SIZES = (12, 16)
INSTRUMENT_AIM = 0.70


@dataclass(frozen=True)
class Row:
    """One comparison behind a verdict: what is compared, and the value with interval and p-value."""

    what: str
    found: Comparison


@dataclass(frozen=True)
class Verdict:
    """Result of testing a statement on one split.

    Attributes:
        number: 1 to 6 for statements of the study, 7 and 8 for our aims.
        statement: its text.
        split: "note" or "instrument".
        state: REPLICATED, NOT_REPLICATED, UNDECIDED or MISSING. Only intervals decide.
        reading: the findings, in a sentence or two.
        why: possible reasons, if the statement is not replicated.
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
        """Name for headings."""
        return name_of(self.number)

    @property
    def word(self) -> str:
        """State for people: a statement is replicated, an aim is reached."""
        return self.state if self.number in STUDY_STATEMENTS else _AIM_STATES.get(self.state, self.state)


STATEMENTS: dict[int, str] = {
    1: "PCA has a lower error than the shallow AE at every size.",
    2: "Only the DAE and the LSTM-AE have a clearly lower error than PCA (RMSE lower by up to 20 % for the DAE and "
    "over 23 % for the LSTM-AE, best at 12-16).",
    3: "The error of the VAE lies between those of the DAE and PCA.",
    4: "At 100 dimensions PCA is about the best.",
    5: "Perceptual scores follow RMSE, except that those of the LSTM-AE are low for its RMSE.",
    6: "Latent dimensions of VAE and PCA correlate weakly, those of the LSTM-AE strongly; a larger beta lowers the "
    "correlation.",
    7: f"Our pitch-conditioned VAE at 16 dimensions on unseen instruments: at most {INSTRUMENT_AIM:.2f} x PCA.",
    8: "Our pitch-conditioned VAE has a lower error than PCA and every published family at every size.",
}
STUDY_STATEMENTS = range(1, 7)
_AIM_STATES = {
    REPLICATED: "reached",
    NOT_REPLICATED: "not reached",
}


def name_of(number: int) -> str:
    """Return a statement's name: its number, or "Aim" for our aims."""
    return f"Statement {number}" if number in STUDY_STATEMENTS else "Aim"


def verdict(
    number: int, split: str, state: str, reading: str, why: tuple[str, ...] = (), rows: tuple[Row, ...] = ()
) -> Verdict:
    """Make the verdict on a numbered statement."""
    return Verdict(number, STATEMENTS[number], split, state, reading, why, rows)


def missing(number: int, split: str, what: str) -> Verdict:
    """Make the verdict on a statement whose cells are not measured."""
    return verdict(number, split, MISSING, f"Not measured yet: {what}.")


def ratios_of(table: Table, family: str, against: str, split: str) -> dict[int, Comparison]:
    """Return the pooled RMSE of a family over that of another, by latent size."""
    found = {size: table.compare(family, against, size, split) for size in table.sizes(family, split)}
    return {size: c for size, c in found.items() if c is not None}


def rows_of(ratios: dict[int, Comparison], a: str, b: str) -> tuple[Row, ...]:
    """Return ratios of family a over family b by size as rows."""
    return tuple(Row(f"{title(a)} / {title(b)} at {size}", c) for size, c in ratios.items())


def listed(sizes: list[int]) -> str:
    """Return sizes as text."""
    return ", ".join(map(str, sizes))


def so_far(sizes: list[int], family: str) -> str:
    """Return a sentence on the sizes of a family that are not measured, or an empty text."""
    absent = [size for size in expected_sizes(family) if size not in sizes]
    return f" Sizes {listed(absent)} are not measured yet." if absent else ""


def state_of(claims: Sequence[Claim], *, complete: bool = True) -> str:
    """Return the state of a statement that is true if all of its claims are.

    It is replicated if every claim is supported by its interval, and not replicated if any is contradicted: the whole
    interval is on the other side. Any of several claims may be contradicted by chance, so Holm's rule decides.

    Args:
        claims: at least one.
        complete: whether all cells that the statement is about are measured. Otherwise it cannot be replicated.
    """
    if holm([claim.opposite for claim in claims]):
        return NOT_REPLICATED
    return REPLICATED if complete and all(claim.supported() for claim in claims) else UNDECIDED


def every_size(sizes: Iterable[int]) -> bool:
    """Return whether these are all sizes of the study."""
    return set(SIZES) <= set(sizes)
