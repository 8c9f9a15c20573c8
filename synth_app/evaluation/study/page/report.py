"""A report's figures, tables and page, from its measured cells."""

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
from synth_app.evaluation.study.statements.statements import find_verdicts
from synth_app.evaluation.study.statements.statistics import RESAMPLES
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.export.note_bank import read_source

PAGE_NAME, FIGURES_FOLDER = "report.html", "figures"


@dataclass(frozen=True)
class About:
    """Description of a report.

    Attributes:
        data: the data set's name.
        provenance: a sentence on its notes.
        pairs: titles of the interpolated pairs.
        interpolated: latent size of the models that interpolate; 0 for none.
    """

    data: str
    provenance: str
    pairs: tuple[str, ...]
    interpolated: int

    @staticmethod
    def of(data: Path, pairs: tuple[str, ...], interpolated: int) -> "About":
        """Describe a data set."""
        notes = read_notes(data)
        instruments = len({note.instrument_str for note in notes})
        families = len(Counter(note.instrument_family for note in notes))
        font = read_source(data).get("soundfont")
        name = str(font.get("name", "")) if isinstance(font, dict) else ""
        origin = f" rendered from {name}" if name else ""
        text = f"{len(notes):,} notes of {instruments} instruments in {families} families{origin}."
        return About(data.name, text, pairs, interpolated)


def require_matplotlib() -> None:
    """Check before any work that figures can be drawn.

    Raises:
        UserError: matplotlib is missing.
    """
    if find_spec("matplotlib") is None:
        raise UserError(f"the report's figures need matplotlib; install it: {HOW_TO_INSTALL}")


def write_report(folder: Path, about: About, ceilings: figures.Ceilings) -> Path:
    """Write figures, CSV files and the page; return the path of the page.

    Raises:
        UserError: nothing is measured, matplotlib is missing, or the folder cannot be written.
    """
    require_matplotlib()
    table = load_table(folder)
    verdicts = find_verdicts(table)
    write_csv_files(folder, table, verdicts)
    figures_by_name = draw(table, ceilings)
    (folder / FIGURES_FOLDER).mkdir(exist_ok=True)
    texts = {name: figures.svg(figure) for name, figure in figures_by_name.items()}
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
    """Read all measured cells of a report's folder.

    Raises:
        UserError: there are none.
    """
    results = load_results(folder / CELLS_FOLDER)
    if not results:
        raise UserError(f"nothing is measured in {folder}; train some cells of the grid first")
    return Table(results)


def draw(table: Table, ceilings: figures.Ceilings) -> dict[str, Any]:
    """Draw all figures, by name."""
    cost_split = table.splits()[0]
    figures_by_name = {
        "rmse": figures.rmse_figure(table),
        "psm": figures.psm_figure(table, ceilings),
        "agreement": figures.agreement_figure(table),
        "cost": figures.cost_figure(table, cost_split),
    }
    for split in table.splits():
        matrices = figures.correlation_figure(table, split)
        if matrices is not None:
            figures_by_name[f"correlation-{split}"] = matrices
    return figures_by_name


def strips(folder: Path, table: Table, about: About) -> tuple[tuple[str, tuple[tuple[str, Strip], ...]], ...]:
    """Return by pair its title and the existing strips, the notes themselves first."""
    pairs = []
    for i, heading in enumerate(about.pairs):
        found = [("the notes themselves, frames interpolated in dB", strip_files(folder, "original", i))]
        found += [
            (f"{title(family)}, {r.latent_size} dimensions", strip_files(folder, r.name, i))
            for family in table.families("note")
            if (r := table.get(family, about.interpolated, "note")) is not None
        ]
        complete = tuple((name, strip) for name, strip in found if strip.done)
        if complete:
            pairs.append((heading, complete))
    return tuple(pairs)


def definitions(table: Table) -> tuple[str, ...]:
    """Return the definitions of the reported values, one sentence or more each."""
    return (*_error_definitions(table), *_similarity_definitions(table))


def _error_definitions(table: Table) -> tuple[str, ...]:
    budgets = sorted({(r.cost.most_epochs, r.cost.frames_per_note) for r in table.results if r.cost.most_epochs})
    trained = " or ".join(f"at most {epochs} epochs of {frames or 'all'} frames a note" for epochs, frames in budgets)
    return (
        f"Frames: {table.results[0].spec}; magnitudes in dB re a full-scale sine. Each frame's maximum is removed as "
        "gain and restored after decoding; values below the floor are clipped.",
        "RMSE in dB on de-normalised log spectra of held-out notes. Pooled: over all bins of all frames of all notes; "
        "per note: mean of the notes' own RMSE.",
        "Frames that count: " + "; ".join(f"“{rule.name}”: {rule.text}" for rule in RULES) + ". Figures use "
        f"“{RULES[0].name}”, tables have both.",
        "Note split: 20 % of the notes, chosen at random, are held out, as in the study. Instrument split: whole "
        "instruments are held out; this instrument-disjoint split measures generalisation to new instruments.",
        f"Training: {trained or 'none'} (the study: 600 epochs of all frames, early stopping after 30 epochs without "
        f"improvement). PCA is exact, on all frames. {_seeds(table)}",
        f"Intervals: 95 %, paired bootstrap (BCa, {RESAMPLES:,} resamples) over whole instruments on both splits, "
        "because the errors of an instrument's notes are correlated; percentiles where most resamples give one value, "
        "for which BCa is undefined. p: Wilcoxon's signed-rank test over the "
        "instruments' own errors; no verdict depends on it.",
        "Verdicts: only intervals decide. A statement is replicated if each of its claims is supported: the whole "
        "interval is on the claimed side of the limit. It is not replicated if any claim is contradicted: the whole "
        "interval is on the other side. Otherwise it is undecided at this budget. Where any of several sizes, families "
        "or claims may win, Holm's rule widens the intervals. Nothing is chosen by its error on test notes: the family "
        "of the aims is fixed in the program, and compared with every other family.",
    )


def _seeds(table: Table) -> str:
    seeds = sorted({r.seed for r in table.results})
    if len(seeds) == 1:
        return f"Seed {seeds[0]} throughout: the intervals do not include the variation between seeds."
    return (
        f"Seeds {', '.join(map(str, seeds))}: ratios pool the errors of all seeds; ± is the standard deviation "
        "between seeds, which the intervals do not include. Figures show the first seed."
    )


def _similarity_definitions(table: Table) -> tuple[str, ...]:
    notes = len(table.results[0].similarity_notes)
    return (
        f"PSM and PSMt: PEMO-Q (Huber & Kollmeier 2006), our implementation, full scale 100 dB SPL, on {notes} test "
        "notes of each split. The mapping to quality grades is omitted: it is valid for wide-band sound only.",
        "Cross-check of PSM: `synth-app psm-report` degrades notes by noise, low-pass filters, fewer bits, clipping "
        "and models, and compares PSM and PSMt with ViSQOL, an independent measure, by rank correlation. The original "
        "PEMO-Q is not free, so its own values cannot be compared.",
        "Original phases: those of the note itself. Griffin-Lim: 100 iterations from random phases, at the frames' own "
        "overlap, which is too small for it; the dotted line is its result for the notes' own frames.",
        "beta: squared error averaged over bins, KL divergence summed over dimensions.",
    )
