"""All results at hand, looked up by family, size and split, and compared with PCA of the same size."""

from collections.abc import Iterable
from functools import cache

import numpy as np

from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.statistics import Comparison, compare_means, compare_rmse, units_of
from synth_app.training.grid import FAMILIES, LINEAR, OURS, SIZES

_BETA = "vae-beta-"
SPLITS = ("note", "instrument")
TITLES = {
    "pca": "PCA",
    "ae": "AE",
    "dae": "DAE 128",
    "dae-256": "DAE 256",
    "dae-256-128": "DAE 256-128",
    "dae-layerwise": "DAE layer-wise",
    "lstm-ae": "LSTM-AE",
    "vae": "VAE",
    "residual-dae": "ours: residual DAE",
    "residual-vae": "ours: residual VAE",
    "keyed-vae": "ours: keyed VAE, told each note's key",
}


class Table:
    """Results by (family, size, split); of several seeds the first. Comparisons are made once."""

    def __init__(self, results: Iterable[CellResult]) -> None:
        self.results = tuple(
            sorted(results, key=lambda r: (SPLITS.index(r.split), _rank(r.family), r.latent_size, r.seed))
        )
        self._by_key = {(r.family, r.latent_size, r.split): r for r in reversed(self.results)}
        self.compare = cache(self._compare)

    def get(self, family: str, size: int, split: str) -> CellResult | None:
        """The result of a cell, if there is one."""
        return self._by_key.get((family, size, split))

    def families(self, split: str | None = None) -> tuple[str, ...]:
        """Families that have results, in the order of the study, ours last."""
        found = {r.family for r in self.results if split in (None, r.split)}
        return tuple(sorted(found, key=_rank))

    def grid_families(self, split: str) -> tuple[str, ...]:
        """Families of the grid alone, without the VAE's other betas."""
        return tuple(family for family in self.families(split) if family in FAMILIES)

    def sizes(self, family: str, split: str) -> tuple[int, ...]:
        """Sizes of a family that have results."""
        return tuple(sorted(r.latent_size for r in self._by_key.values() if (r.family, r.split) == (family, split)))

    def splits(self) -> tuple[str, ...]:
        """Splits that have results."""
        return tuple(split for split in SPLITS if any(r.split == split for r in self.results))

    def _compare(self, a: str, b: str, size: int, split: str, rule: str = "sounding") -> Comparison | None:
        """Pooled RMSE of family a over family b; None where a cell is missing."""
        x, y = self.get(a, size, split), self.get(b, size, split)
        if x is None or y is None or x.notes != y.notes:
            return None
        return compare_rmse(x.by_rule(rule), y.by_rule(rule), units_of(x.notes, split))

    def to_pca(self, family: str, size: int, split: str) -> Comparison | None:
        """Pooled RMSE over that of PCA."""
        return self.compare(family, LINEAR, size, split)

    def psm_less(self, a: str, b: str, size: int, split: str) -> Comparison | None:
        """Mean PSM of a less that of b, with original phases."""
        x, y = self.get(a, size, split), self.get(b, size, split)
        if x is None or y is None or x.heard_notes != y.heard_notes:
            return None
        return compare_means(x.listened("original").psm, y.listened("original").psm, x.heard_notes)

    def correlation_less(self, a: str, b: str, size: int, split: str) -> Comparison | None:
        """Mean absolute correlation of a's code within a note less that of b's."""
        x, y = self.get(a, size, split), self.get(b, size, split)
        if x is None or y is None or x.notes != y.notes:
            return None
        return compare_means(x.code.by_note, y.code.by_note, units_of(x.notes, split))

    def best(self, families: Iterable[str], size: int, split: str) -> str | None:
        """The family of lowest pooled RMSE at a size."""
        there = [f for f in families if self.get(f, size, split) is not None]
        return min(there, key=lambda f: self._by_key[f, size, split].rmse().pooled_db, default=None)

    def missing(self) -> tuple[str, ...]:
        """Families and sizes of the study that have no result, by split, in words."""
        told = []
        for split in SPLITS:
            for family in FAMILIES:
                absent = [size for size in expected_sizes(family) if self.get(family, size, split) is None]
                if absent:
                    told.append(f"{title(family)}, {split} split: {', '.join(map(str, absent))}")
        return tuple(told)


def expected_sizes(family: str) -> tuple[int, ...]:
    """Sizes at which the grid has a family."""
    from synth_app.training.grid import VARIANT_SIZES, VARIANTS

    return VARIANT_SIZES if family in VARIANTS else SIZES


def title(family: str) -> str:
    """A family's name for tables."""
    if family.startswith(_BETA):
        return f"VAE, beta {float(family.removeprefix(_BETA)):g}"
    return TITLES.get(family, family)


def is_ours(family: str) -> bool:
    """Whether a family is not of the study."""
    return family in OURS


def mean_correlation(result: CellResult) -> float:
    """Of all test notes."""
    return float(np.mean(result.code.by_note))


def _rank(family: str) -> tuple[int, str]:
    return (FAMILIES.index(family) if family in FAMILIES else len(FAMILIES), family)
