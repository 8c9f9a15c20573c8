"""The study's page: one self-contained HTML file with figures, verdicts, tables and sounds."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from synth_app.evaluation.metrics.frame_rules import RULES
from synth_app.evaluation.study.measurements.interpolation import STEPS, Strip
from synth_app.evaluation.study.measurements.results import CellResult
from synth_app.evaluation.study.page.style import STYLE
from synth_app.evaluation.study.statements.table import Table, mean_correlation, title
from synth_app.evaluation.study.statements.verdict import (
    NOT_REPLICATED,
    REPLICATED,
    STATEMENTS,
    UNDECIDED,
    Verdict,
    name_of,
)
from synth_app.training.grid import BASELINE

_CLASSES = {REPLICATED: "yes", UNDECIDED: "part", NOT_REPLICATED: "no"}


@dataclass(frozen=True)
class PageParts:
    """Content of the page.

    Attributes:
        data: name of the data set.
        provenance: a sentence on the origin of its notes.
        definitions: sentences that define the reported values.
        figures: SVG text by name.
        verdicts: on all statements and splits.
        strips: by pair: its title, and the strips of each family, the notes themselves first.
        missing: cells of the study without a result, as text.
    """

    data: str
    provenance: str
    definitions: tuple[str, ...]
    figures: dict[str, str]
    verdicts: tuple[Verdict, ...]
    strips: tuple[tuple[str, tuple[tuple[str, Strip], ...]], ...]
    missing: tuple[str, ...]


def make_page(table: Table, parts: PageParts) -> str:
    """Return the page as text."""
    name = escape(parts.data)
    sections = [
        _section("Reconstruction error", _figure(parts, "rmse", "RMSE of de-normalised log spectra by latent size. "
                 "Bars: 95 % bootstrap intervals over notes, or over instruments on the instrument split."),
                 _verdicts(parts, (1, 2, 3, 4, 7, 8)), _error_table(table)),
        _section("Perceptual similarity", _figure(parts, "psm", "PEMO-Q's measures, 1 for identity, means over the "
                 "scored notes."), _figure(parts, "agreement", "A mark is a cell, its number the latent size."),
                 _verdicts(parts, (5,)), _similarity_table(table)),
        _section("Correlation of latent dimensions", *(_figure(parts, f"correlation-{split}", f"Size 16, {split} "
                 "split: absolute correlation within a note, averaged over test notes.") for split in table.splits()),
                 _verdicts(parts, (6,)), _correlation_table(table)),
        _section("Cost", _figure(parts, "cost", "Note split. Training is processor time on a shared machine: a rough "
                 "guide; decoding is one frame at a time in numpy on one thread."), _cost_table(table)),
        _strips(parts),
        _missing(parts.missing),
    ]  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{name}: the reference study</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<header><h1>Autoencoders for notes: {name}</h1>\n"
        f"<p>{escape(parts.provenance)}</p></header>\n{_summary(parts)}\n"
        f"{_definitions(parts.definitions)}\n{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def _section(heading: str, *parts: str) -> str:
    return f"<section>\n<h2>{escape(heading)}</h2>\n{''.join(parts)}</section>\n"


def _summary(parts: PageParts) -> str:
    splits = tuple(dict.fromkeys(v.split for v in parts.verdicts))
    head = "".join(f"<th>{split} split</th>" for split in splits)
    rows = []
    for number, statement in STATEMENTS.items():
        found = {v.split: v for v in parts.verdicts if v.number == number}
        if found:
            cells = "".join(f"<td>{_badge(found[s]) if s in found else ''}</td>" for s in splits)
            rows.append(f"<tr><td>{name_of(number)}</td><td>{escape(statement)}</td>{cells}</tr>\n")
    return (
        f'<table class="summary"><thead><tr><th></th><th>statement</th>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _badge(verdict: Verdict) -> str:
    return f'<span class="badge {_CLASSES.get(verdict.state, "open")}">{escape(verdict.word)}</span>'


def _definitions(sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<details open><summary>Definitions</summary><ul>{items}</ul></details>"


def _figure(parts: PageParts, name: str, caption: str) -> str:
    if name not in parts.figures:
        return ""
    return f"<figure>{parts.figures[name]}<figcaption>{escape(caption)}</figcaption></figure>\n"


def _verdicts(parts: PageParts, numbers: Sequence[int]) -> str:
    return "".join(_verdict(v) for number in numbers for v in parts.verdicts if v.number == number)


def _verdict(verdict: Verdict) -> str:
    why = "".join(f"<li>{escape(reason)}</li>" for reason in verdict.why)
    rows = "".join(
        f"<tr><td>{escape(row.what)}</td><td>{row.found.value:.3f}</td>"
        f"<td>{row.found.low:.3f} to {row.found.high:.3f}</td><td>{_p(row.found.p)}</td><td>{row.found.units}</td></tr>"
        for row in verdict.rows
    )
    table = (
        "<details><summary>Intervals and tests</summary><table><thead><tr><th></th><th>value</th>"
        f"<th>95 % interval</th><th>Wilcoxon p</th><th>units</th></tr></thead><tbody>{rows}</tbody></table></details>"
    )
    return (
        f'<article class="verdict"><h3>{verdict.name}, {verdict.split} split {_badge(verdict)}</h3>'
        f"<p><q>{escape(verdict.statement)}</q></p><p>{escape(verdict.reading)}</p>"
        f"{f'<ul>{why}</ul>' if why else ''}{table if rows else ''}</article>\n"
    )


def _p(p: float) -> str:
    return "" if p != p else f"{p:.2g}"  # nan differs from itself


def _table(summary: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return (
        f'<details><summary>{escape(summary)}</summary><div class="wide"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></details>\n"
    )


def _cell_columns(result: CellResult) -> tuple[str, str, str]:
    return title(result.family), str(result.latent_size), result.split


def _error_table(table: Table) -> str:
    head = ["family", "size", "split", *(f"{kind}, {rule.name}" for rule in RULES for kind in ("pooled", "per note"))]
    rows = []
    for r in table.results:
        errors = [f"{v:.3f}" for rule in RULES for v in (r.rmse(rule.name).pooled_db, r.rmse(rule.name).per_note_db)]
        ratio = table.ratio_to_pca(r.family, r.latent_size, r.split)
        rows.append([*_cell_columns(r), *errors, str(ratio) if ratio and r.family != BASELINE else ""])
    return _table("All errors (dB)", [*head, "x PCA (pooled, active)"], rows)


def _similarity_table(table: Table) -> str:
    rows = [
        [
            *_cell_columns(r),
            *(f"{sum(v) / len(v):.3f}" for scores in r.similarities for v in (scores.psm, scores.psm_t)),
        ]
        for r in table.results
    ]
    kinds = [f"{kind}, {phases}" for phases in ("original phases", "Griffin-Lim") for kind in ("PSM", "PSMt")]
    return _table("All similarities", ["family", "size", "split", *kinds], rows)


def _correlation_table(table: Table) -> str:
    rows = []
    for r in table.results:
        saturated = f"{100 * r.latent.saturated:.1f} %" if r.latent.saturated is not None else ""
        rows.append([*_cell_columns(r), f"{mean_correlation(r):.3f}", f"{r.beta:g}" if r.beta else "", saturated])
    return _table("All correlations", ["family", "size", "split", "mean |r|", "beta", "saturated latents"], rows)


def _cost_table(table: Table) -> str:
    head = [
        "family",
        "size",
        "split",
        "encoder",
        "decoder",
        "epochs (best)",
        "training s",
        "µs per frame",
        "in batches of 64",
    ]
    rows = [
        [*_cell_columns(r), f"{c.encoder_parameters:,}", f"{c.decoder_parameters:,}",
         f"{c.epochs} of {c.most_epochs} ({c.best_epoch})" if c.most_epochs else "exact",
         f"{c.train_seconds:.0f}", f"{c.decode_us:.1f}", f"{c.decode_batch_us:.1f}"]
        for r in table.results for c in (r.cost,)
    ]  # fmt: skip
    return _table("All costs", head, rows)


def _strips(parts: PageParts) -> str:
    if not parts.strips:
        return ""
    pairs = []
    for heading, strips in parts.strips:
        rows = "".join(
            f'<div class="strip"><h4>{escape(name)}</h4><img alt="five spectrograms from the second note to the first, '
            f'{escape(name)}" src="{_data_uri(strip.picture, "image/png")}"><div class="players">'
            + "".join(
                f'<label>{alpha:g}<audio controls preload=none src="{_data_uri(sound, "audio/mpeg")}"></audio></label>'
                for alpha, sound in zip(STEPS, strip.sounds, strict=True)
            )
            + "</div></div>\n"
            for name, strip in strips
        )
        pairs.append(f"<h3>{escape(heading)}</h3>\n{rows}")
    note = (
        "<p>The latent vector moves from the second note (0) to the first (1). Phases by Griffin-Lim, started "
        "from those of the nearer note. Frequency from 0 to half the sample rate, 80 dB range.</p>"
    )
    return _section("Interpolations", note, *pairs)


def _missing(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in missing)
    return _section("Not measured yet", f"<p>Cells of the full study without a result:</p><ul>{items}</ul>")


def _data_uri(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
