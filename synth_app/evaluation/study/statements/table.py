"""Lookup of results by family, size and split, and their comparison with PCA of the same size."""

from collections.abc import Iterable
from functools import cache

import numpy as np

from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.statistics import Comparison, compare_means, compare_rmse, units_of
from synth_app.training.families.registry import family_entries
from synth_app.training.grid import BASELINE, SIZES, VARIANT_SIZES, own_families, study_families, variant_families

_BETA = "vae-beta-"
SPLITS = ("note", "instrument")


class Table:
    """Results by (family, size, split); the first of several seeds. Each comparison is computed once."""

    def __init__(self, results: Iterable[CellResult]) -> None:
        self.results = tuple(
            sorted(results, key=lambda r: (SPLITS.index(r.split), _rank(r.family), r.latent_size, r.seed))
        )
        self._by_key = {(r.family, r.latent_size, r.split): r for r in reversed(self.results)}
        self.compare = cache(self._compare)

    def get(self, family: str, size: int, split: str) -> CellResult | None:
        """Return the result of a cell, or None."""
        return self._by_key.get((family, size, split))

    def families(self, split: str | None = None) -> tuple[str, ...]:
        """Return the families that have results, in the order of the study."""
        found = {r.family for r in self.results if split in (None, r.split)}
        return tuple(sorted(found, key=_rank))

    def grid_families(self, split: str) -> tuple[str, ...]:
        """Return the families of the grid that have results, without the VAE's other betas."""
        return tuple(family for family in self.families(split) if family in study_families())

    def sizes(self, family: str, split: str) -> tuple[int, ...]:
        """Return the sizes of a family that have results."""
        return tuple(sorted(r.latent_size for r in self._by_key.values() if (r.family, r.split) == (family, split)))

    def splits(self) -> tuple[str, ...]:
        """Return the splits that have results."""
        return tuple(split for split in SPLITS if any(r.split == split for r in self.results))

    def _compare(self, a: str, b: str, size: int, split: str, rule: str = "active") -> Comparison | None:
        """Return the pooled RMSE of family a over that of family b; None if a cell is missing."""
        x, y = self.get(a, size, split), self.get(b, size, split)
        if x is None or y is None or x.notes != y.notes:
            return None
        return compare_rmse(x.by_rule(rule), y.by_rule(rule), units_of(x.notes, split))

    def ratio_to_pca(self, family: str, size: int, split: str) -> Comparison | None:
        """Return the pooled RMSE over that of PCA."""
        return self.compare(family, BASELINE, size, split)

    def correlation_difference(self, a: str, b: str, size: int, split: str) -> Comparison | None:
        """Return the mean absolute correlation within a note of a's latent dimensions minus that of b's."""
        x, y = self.get(a, size, split), self.get(b, size, split)
        if x is None or y is None or x.notes != y.notes:
            return None
        return compare_means(x.latent.by_note, y.latent.by_note, units_of(x.notes, split))

    def best(self, families: Iterable[str], size: int, split: str) -> str | None:
        """Return the family with the lowest pooled RMSE at a size."""
        measured = [f for f in families if self.get(f, size, split) is not None]
        return min(measured, key=lambda f: self._by_key[f, size, split].rmse().pooled_db, default=None)

    def missing(self) -> tuple[str, ...]:
        """Return the families and sizes of the study that have no result, by split, as text."""
        lines = []
        for split in SPLITS:
            for family in study_families():
                absent = [size for size in expected_sizes(family) if self.get(family, size, split) is None]
                if absent:
                    lines.append(f"{title(family)}, {split} split: {', '.join(map(str, absent))}")
        return tuple(lines)


def expected_sizes(family: str) -> tuple[int, ...]:
    """Return the sizes at which the grid has a family."""
    return VARIANT_SIZES if family in variant_families() else SIZES


def title(family: str) -> str:
    """Return a family's label for tables."""
    if family.startswith(_BETA):
        return f"VAE, beta {float(family.removeprefix(_BETA)):g}"
    labels = {entry.name: entry.label for entry in family_entries()}
    return labels.get(family, family)


def is_ours(family: str) -> bool:
    """Return whether a family is not from the reference study."""
    return family in own_families()


def mean_correlation(result: CellResult) -> float:
    """Return the mean over all test notes."""
    return float(np.mean(result.latent.by_note))


def _rank(family: str) -> tuple[int, str]:
    known = study_families()
    return (known.index(family) if family in known else len(known), family)
