"""Measures how loud variations are beside their parents: ``python -m synth_app.export.auditions.variation_report``."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from synth_app.decoder import Model, load_model
from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.export.auditions.variation_levels import level_variations, render_held
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import Patch
from synth_app.session.breeding.breed import VARIATIONS, Breeder, BreedRequest
from synth_app.session.presets.library import PresetEntry, PresetLibrary
from synth_app.session.presets.phrase import slot_key
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.style import with_style_changes
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError

PARENTS, STEP, SEED = 15, 0.4, 5
_ESTIMATE, _OWN_KEY, _FIFTH = "own key, by the decoder alone", "own key", "a fifth above"


@dataclass(frozen=True)
class VariationReport:
    """How loud variations are.

    Attributes:
        away_lu: by what is played, the loudness of each variation re its parent, in LU.
        level_s: CPU time that it took to level the four variations of each parent, in s.
        refused: parents that had too few variations, each with the reason.
    """

    away_lu: dict[str, list[float]] = field(default_factory=dict)
    level_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        """Return a table in Markdown."""
        head = ["| played | variations | median LU | 95 % | most | within 1 LU |", "|---|---|---|---|---|---|"]
        return "\n".join([*head, *(self._row(name) for name in self.away_lu), *self.refused, self._times()])

    def _row(self, name: str) -> str:
        away = np.abs(self.away_lu[name])
        median, most = np.percentile(away, [50, 95])
        within = 100.0 * np.mean(away <= 1.0)
        return f"| {name} | {len(away)} | {median:.2f} | {most:.2f} | {away.max():.2f} | {within:.0f} % |"

    def _times(self) -> str:
        median_s, most_s = np.median(self.level_s), max(self.level_s)
        return f"four variations were levelled in {median_s:.2f} s of CPU time in the median, {most_s:.2f} s at most"


def measure(parents: int, seed: int, *, progress: bool = True) -> VariationReport:
    """Breed four variations each of factory presets, of all categories in turn, and play them.

    Args:
        parents: presets with variations. seed: of their choice, and of breeding.
        progress: whether to print a line for each.
    """
    path, report = find_model(DEFAULT_MODEL), VariationReport()
    model = load_model(path)

    def level(parent: Patch, variations: Sequence[Patch], key: int, of: Model) -> list[Patch | None]:
        start = time.thread_time()
        levelled = level_variations(parent, variations, key, of)
        report.level_s.append(time.thread_time() - start)
        _compare(_ESTIMATE, (parent, *variations), key, of, report)
        return levelled

    breeder = Breeder(level)
    for entry in _presets(seed):
        parent = with_style_changes(transfer_preset(entry.preset, model, str(path), "live").patch, model)
        try:
            found = breeder.breed(BreedRequest(parent, STEP, seed), model)
        except UserError as error:
            report.refused.append(f"{entry.preset.name}: {error}")
            continue
        bred = [_with_derived(each.patch, parent) for each in found]
        for name, interval in ((_OWN_KEY, 0), (_FIFTH, 7)):
            _compare(name, (parent, *bred), slot_key(parent, model) + interval, model, report)
        if progress:
            lines = (f"{name} {np.round(away[-len(bred) :], 2)}" for name, away in report.away_lu.items())
            print(f"{entry.preset.category} {entry.preset.name}:", *lines, flush=True)
        if len(report.away_lu[_OWN_KEY]) >= parents * VARIATIONS:
            break
    return report


def _presets(seed: int) -> Iterator[PresetEntry]:
    """Yield factory presets in random order, one of each category in turn."""
    rng = np.random.default_rng(seed)
    by_category: dict[str, list[PresetEntry]] = {}
    for entry in PresetLibrary().entries():
        if entry.factory:
            by_category.setdefault(entry.preset.category, []).append(entry)
    waiting = [[group[i] for i in rng.permutation(len(group))] for _, group in sorted(by_category.items())]
    while any(waiting):
        yield from (group.pop() for group in waiting if group)


def _with_derived(patch: Patch, parent: Patch) -> Patch:
    """Return a variation with its parent's derived data, as the window plays it."""
    return replace(
        patch, pad_grid=parent.pad_grid, handle_curves=parent.handle_curves, style_changes=parent.style_changes
    )


def _compare(name: str, patches: Sequence[Patch], key: int, model: Model, report: VariationReport) -> None:
    """Add the loudness of patches at a MIDI key re the first of them."""
    loudness = [integrated_loudness(render_held(each, key, model.file)) for each in patches]
    report.away_lu.setdefault(name, []).extend(float(each - loudness[0]) for each in loudness[1:])


if __name__ == "__main__":
    with BlasThreadLimit():
        print(measure(PARENTS, SEED).as_text())
