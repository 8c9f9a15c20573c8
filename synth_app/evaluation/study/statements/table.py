"""Lookup of results by family, size and split, and their comparison with PCA of the same size."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from synth_app.evaluation.metrics.frame_rules import RuleErrors
from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.statements.statistics import Comparison, compare_means, compare_rmse, units_of
from synth_app.training.families.registry import family_entries
from synth_app.training.grid import BASELINE, SIZES, VARIANT_SIZES, own_families, study_families, variant_families

_BETA = "vae-beta-"
SPLITS = ("note", "instrument")


class Table:
    """Results by (family, size, split). Each comparison is computed once.

    With several seeds a comparison pools their errors, and has the value of each seed. ``get`` returns the first seed's
    result.
    """

    def __init__(self, results: Iterable[CellResult]) -> None:
        self.results = tuple(
            sorted(results, key=lambda r: (SPLITS.index(r.split), _rank(r.family), r.latent_size, r.seed))
        )
        self._by_key: dict[tuple[str, int, str], list[CellResult]] = {}
        for result in self.results:
            self._by_key.setdefault((result.family, result.latent_size, result.split), []).append(result)
        self.compare = cache(self._compare)

    def get(self, family: str, size: int, split: str) -> CellResult | None:
        """Return the result of a cell, the first of several seeds; None if there is none."""
        return next(iter(self._by_key.get((family, size, split), ())), None)

    def pairs(self, a: str, b: str, size: int, split: str) -> tuple[tuple[CellResult, CellResult], ...]:
        """Return the results of two families for each seed that both have, on the same notes."""
        others = {r.seed: r for r in self._by_key.get((b, size, split), ())}
        found = ((r, others[r.seed]) for r in self._by_key.get((a, size, split), ()) if r.seed in others)
        return tuple((x, y) for x, y in found if x.notes == y.notes)

    def families(self, split: str | None = None) -> tuple[str, ...]:
        """Return the families that have results, in the order of the study."""
        found = {r.family for r in self.results if split in (None, r.split)}
        return tuple(sorted(found, key=_rank))

    def grid_families(self, split: str) -> tuple[str, ...]:
        """Return the families of the grid that have results, without the VAE's other betas."""
        return tuple(family for family in self.families(split) if family in study_families())

    def sizes(self, family: str, split: str) -> tuple[int, ...]:
        """Return the sizes of a family that have results."""
        return tuple(sorted(size for name, size, of in self._by_key if (name, of) == (family, split)))

    def splits(self) -> tuple[str, ...]:
        """Return the splits that have results."""
        return tuple(split for split in SPLITS if any(r.split == split for r in self.results))

    def _compare(self, a: str, b: str, size: int, split: str, rule: str = "active") -> Comparison | None:
        """Return the pooled RMSE of family a over that of family b; None if a cell is missing."""
        pairs = self.pairs(a, b, size, split)
        if not pairs:
            return None
        notes = [note for x, _ in pairs for note in x.notes]
        pooled = [_joined([pair[i].by_rule(rule) for pair in pairs]) for i in (0, 1)]
        found = compare_rmse(pooled[0], pooled[1], units_of(notes))
        return _with_seeds(found, [x.rmse(rule).pooled_db / y.rmse(rule).pooled_db for x, y in pairs])

    def ratio_to_pca(self, family: str, size: int, split: str) -> Comparison | None:
        """Return the pooled RMSE over that of PCA."""
        return self.compare(family, BASELINE, size, split)

    def correlation_difference(self, a: str, b: str, size: int, split: str) -> Comparison | None:
        """Return the mean absolute correlation within a note of a's latent dimensions minus that of b's."""
        pairs = self.pairs(a, b, size, split)
        if not pairs:
            return None
        units = units_of([note for x, _ in pairs for note in x.notes])
        values = [[r for pair in pairs for r in pair[i].latent.by_note] for i in (0, 1)]
        found = compare_means(values[0], values[1], units)
        return _with_seeds(found, [mean_correlation(x) - mean_correlation(y) for x, y in pairs])

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


def _joined(errors: Sequence[RuleErrors]) -> RuleErrors:
    """Return the errors of several seeds, one after the other."""
    return RuleErrors(
        errors[0].rule,
        tuple(square for each in errors for square in each.mean_squares),
        tuple(count for each in errors for count in each.frames),
    )


def _with_seeds(found: Comparison, values: Sequence[float]) -> Comparison:
    return replace(found, by_seed=tuple(values)) if len(values) > 1 else found


def _rank(family: str) -> tuple[int, str]:
    known = study_families()
    return (known.index(family) if family in known else len(known), family)
