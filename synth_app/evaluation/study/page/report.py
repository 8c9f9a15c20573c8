"""A report's folder from its measured cells: figures, tables and the page."""

from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synth_app.dataset.nsynth import read_notes
from synth_app.evaluation.listening import HOW_TO_INSTALL
from synth_app.evaluation.metrics.frame_rules import RULES
from synth_app.evaluation.study.measurements.interpolation import Strip, strip_files
from synth_app.evaluation.study.measurements.results import CELLS_FOLDER, load_results
from synth_app.evaluation.study.page import figures
from synth_app.evaluation.study.page.csv_files import write_csv_files
from synth_app.evaluation.study.page.page import PageParts, make_page
from synth_app.evaluation.study.statements.statements import judge
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.export.note_bank import read_source

PAGE_NAME, FIGURES_FOLDER = "report.html", "figures"


@dataclass(frozen=True)
class About:
    """What a report's folder is of.

    Attributes:
        data: the data set's name.
        provenance: a sentence on its notes.
        pairs: titles of the interpolated pairs.
        interpolated: encoding size of the models that interpolate; 0 for none.
    """

    data: str
    provenance: str
    pairs: tuple[str, ...]
    interpolated: int

    @staticmethod
    def of(data: Path, pairs: tuple[str, ...], interpolated: int) -> "About":
        """Told by the data set itself."""
        notes = read_notes(data)
        instruments = len({note.instrument_str for note in notes})
        families = len(Counter(note.instrument_family for note in notes))
        font = read_source(data).get("soundfont")
        name = str(font.get("name", "")) if isinstance(font, dict) else ""
        origin = f" rendered from {name}" if name else ""
        told = f"{len(notes):,} notes of {instruments} instruments in {families} families{origin}."
        return About(data.name, told, pairs, interpolated)


def require_matplotlib() -> None:
    """Refuse before any work is done.

    Raises:
        UserError: matplotlib is missing.
    """
    if find_spec("matplotlib") is None:
        raise UserError(f"a report's figures need matplotlib: {HOW_TO_INSTALL}")


def write_report(folder: Path, about: About, ceilings: figures.Ceilings) -> Path:
    """Write figures, CSV files and the page; returns the page.

    Raises:
        UserError: nothing is measured, matplotlib is missing, or the folder cannot be written.
    """
    require_matplotlib()
    table = load_table(folder)
    verdicts = judge(table)
    write_csv_files(folder, table, verdicts)
    drawn = draw(table, ceilings)
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    texts = {name: figures.svg(figure) for name, figure in drawn.items()}
    for name, text in texts.items():
        with atomic_path(folder / FIGURES_FOLDER / f"{name}.svg") as temporary:
            temporary.write_text(text, encoding="utf-8")
    parts = PageParts(
        data=about.data,
        provenance=about.provenance,
        definitions=definitions(table),
        figures={name: figures.for_page(text) for name, text in texts.items()},
        verdicts=verdicts,
        strips=strips(folder, table, about),
        missing=table.missing(),
    )
    page = folder / PAGE_NAME
    with atomic_path(page) as temporary:
        temporary.write_text(make_page(table, parts), encoding="utf-8")
    return page


def load_table(folder: Path) -> Table:
    """All measured cells of a report's folder.

    Raises:
        UserError: there are none.
    """
    results = load_results(folder / CELLS_FOLDER)
    if not results:
        raise UserError(f"nothing is measured in {folder} yet; train some cells of the grid first")
    return Table(results)


def draw(table: Table, ceilings: figures.Ceilings) -> dict[str, Any]:
    """All figures by name."""
    cost_split = table.splits()[0]
    drawn = {
        "rmse": figures.rmse_figure(table),
        "psm": figures.psm_figure(table, ceilings),
        "agreement": figures.agreement_figure(table),
        "cost": figures.cost_figure(table, cost_split),
    }
    for split in table.splits():
        matrices = figures.correlation_figure(table, split)
        if matrices is not None:
            drawn[f"correlation-{split}"] = matrices
    return drawn


def strips(folder: Path, table: Table, about: About) -> tuple[tuple[str, tuple[tuple[str, Strip], ...]], ...]:
    """By pair: its title, and the strips that are there, the notes themselves first."""
    told = []
    for i, heading in enumerate(about.pairs):
        found = [("the notes themselves, frames mixed in dB", strip_files(folder, "original", i))]
        found += [
            (f"{title(r.family)}, {r.latent_size} dimensions", strip_files(folder, r.name, i))
            for r in table.results
            if r.latent_size == about.interpolated and r.split == "note" and r.seed == 0
        ]
        there = tuple((name, strip) for name, strip in found if strip.done)
        if there:
            told.append((heading, there))
    return tuple(told)


def definitions(table: Table) -> tuple[str, ...]:
    """What the figures mean, in sentences."""
    first = table.results[0]
    budgets = sorted({(r.cost.most_epochs, r.cost.frames_per_note) for r in table.results if r.cost.most_epochs})
    trained = " or ".join(f"at most {epochs} epochs of {drawn or 'all'} frames a note" for epochs, drawn in budgets)
    return (
        f"Frames: {first.spec}; magnitudes in dB re a full-scale sine, each frame's maximum taken out as gain and "
        "restored, the rest cut off at the floor.",
        "RMSE in dB on de-normalised log spectra of held-out notes. Pooled: over all bins of all frames of all notes; "
        "per note: mean of the notes' own.",
        "Which frames count: " + "; ".join(f"“{rule.name}”: {rule.text}" for rule in RULES) + ". Figures take "
        f"“{RULES[0].name}”, tables have both.",
        "Note split: 20 % of the notes held out at random, as the study did. Instrument split: whole instruments held "
        "out, the honest measure of generalisation.",
        f"Trainings: {trained or 'none'} (the study: 600 epochs of all frames, early stopping after 30 without gain); "
        "PCA is exact, on all frames. Seed 0 throughout: differences between seeds are not in the intervals.",
        "Intervals: 95 %, paired bootstrap (BCa, 1999 resamples) over notes; over whole instruments on the instrument "
        "split, whose notes err alike. p: Wilcoxon's signed-rank test over the same units, not corrected for how many "
        "tests there are.",
        f"PSM and PSMt: PEMO-Q (Huber & Kollmeier 2006), our implementation, full scale 100 dB SPL, on "
        f"{len(first.heard_notes)} test notes of each split. The mapping to quality grades is left out: it is valid "
        "for wide-band sound only.",
        "Original phases: those of the note itself. Griffin-Lim: 100 rounds from random phases, at the frames' own "
        "overlap, which is too little for it; the dotted line is what it makes of the notes' own frames.",
        "beta: squared error averaged over bins, KL divergence summed over dimensions.",
    )
