"""The study's figures: error, similarity, correlation and cost by latent size, one line per family."""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from synth_app.evaluation.study.measurements.results import CellResult, SimilarityScores
from synth_app.evaluation.study.statements.table import Table, is_ours, mean_correlation, title
from synth_app.training.grid import BASELINE, SIZES, study_families, variant_families

INK = "#24292f"  # on the page replaced by the text's colour, so that figures are readable on light and on dark
STYLES: dict[str, tuple[str, str]] = {  # colour and marker; markers differ too
    "pca": (INK, "s"),
    "ae": ("#9a6a3a", "v"),
    "dae": ("#2f7fd0", "o"),
    "dae-256": ("#5aa9e6", "<"),
    "dae-256-128": ("#4f6fd8", ">"),
    "dae-layerwise": ("#8a86e0", "d"),
    "lstm-ae": ("#e08a00", "^"),
    "vae": ("#1d9a6c", "D"),
    "residual-dae": ("#d6478f", "P"),
    "residual-vae": ("#d4352b", "*"),
    "keyed-vae": ("#8c1d18", "X"),
}
_MORE_COLORS = ("#6a3d9a", "#b15928", "#17a2b8", "#7f7f7f")  # for families without a style of their own
_WIDTH = 10.0

Ceilings = dict[str, tuple[SimilarityScores, ...]]  # by split: the notes' own frames, unmodelled


def svg(figure: Any) -> str:
    """Return a figure as SVG text, in dark ink on a transparent background."""
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "study"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    return re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)


def for_page(text: str) -> str:
    """Return SVG text in the colour of the page's text."""
    return text.replace(INK, "currentColor")


def rmse_figure(table: Table) -> Any:
    """Draw RMSE and its ratio to PCA by size, a row per split; bars are 95 % intervals."""
    splits = table.splits()
    figure, axes = _new(len(splits), 2, 3.3)
    for row, split in zip(axes, splits, strict=True):
        for family in table.grid_families(split):
            sizes = table.sizes(family, split)
            _line(row[0], family, sizes, [_cell(table, family, s, split).rmse().pooled_db for s in sizes])
            found = {s: c for s in sizes if (c := table.ratio_to_pca(family, s, split)) is not None}
            if family == BASELINE or not found:
                continue
            _line(row[1], family, list(found), [c.value for c in found.values()])
            bars = {s: c for s, c in found.items() if c.decided}
            low, high = [c.low for c in bars.values()], [c.high for c in bars.values()]
            row[1].vlines(list(bars), low, high, color=_style(family)[0], linewidth=1.2, alpha=0.7)
        row[1].axhline(1.0, color=INK, linewidth=1.2)
        row[1].annotate("PCA", (SIZES[-1], 1.0), xytext=(0, 3), textcoords="offset points", ha="right", color=INK)
        row[0].set_ylabel(f"{split} split\nRMSE (dB, pooled)")
        row[1].set_ylabel("RMSE / RMSE of PCA")
    _finish(figure, axes, ("Error", "Relative to PCA"))
    return figure


def psm_figure(table: Table, ceilings: Ceilings) -> Any:
    """Draw PSM and PSMt by size with original phases, and PSM with Griffin-Lim phases; a row per split."""
    splits = table.splits()
    figure, axes = _new(len(splits), 3, 3.0)
    values: tuple[tuple[str, Callable[[SimilarityScores], Sequence[float]]], ...] = (
        ("original", lambda s: s.psm),
        ("original", lambda s: s.psm_t),
        ("griffinlim", lambda s: s.psm),
    )
    for row, split in zip(axes, splits, strict=True):
        for axis, (phases, take) in zip(row, values, strict=True):
            for family in table.grid_families(split):
                sizes = table.sizes(family, split)
                means = [float(np.mean(take(_cell(table, family, s, split).similarity(phases)))) for s in sizes]
                _line(axis, family, sizes, means)
            if phases == "griffinlim" and split in ceilings:
                top = next(float(np.mean(scores.psm)) for scores in ceilings[split] if scores.phases == phases)
                axis.axhline(top, color=INK, linewidth=1.0, linestyle=":")
                axis.annotate("original frames", (SIZES[0], top), xytext=(0, 3), textcoords="offset points", color=INK,
                              fontsize=8)  # fmt: skip
        row[0].set_ylabel(f"{split} split\nmean PSM")
        row[1].set_ylabel("mean PSMt")
        row[2].set_ylabel("mean PSM")
    _finish(figure, axes, ("PSM, original phases", "PSMt, original phases", "PSM, Griffin-Lim"))
    return figure


def agreement_figure(table: Table) -> Any:
    """Draw PSM against RMSE, one mark per cell."""
    splits = table.splits()
    figure, axes = _new(1, len(splits), 3.6)
    for axis, split in zip(axes[0], splits, strict=True):
        for family in table.grid_families(split):
            cells = [_cell(table, family, s, split) for s in table.sizes(family, split)]
            color, marker = _style(family)
            axis.plot(
                [c.rmse().pooled_db for c in cells], [c.psm() for c in cells], marker=marker, color=color, markersize=6,
                markeredgewidth=0, linewidth=0.8, label=title(family),
            )  # fmt: skip
            for cell in {id(c): c for c in (*cells[:1], *cells[-1:])}.values():  # both ends: all labels would overlap
                axis.annotate(str(cell.latent_size), (cell.rmse().pooled_db, cell.psm()), xytext=(5, 2),
                              textcoords="offset points", fontsize=7, color=INK)  # fmt: skip
        axis.set_xlabel("RMSE (dB, pooled)")
        axis.set_ylabel("mean PSM, original phases")
        axis.set_title(f"{split} split", fontsize=10, color=INK)
    _legend(figure, axes)
    return figure


def correlation_figure(table: Table, split: str, size: int = 16) -> Any | None:
    """Draw absolute correlation matrices of latent dimensions, a tile per family; None if no cell has that size."""
    cells = [c for f in table.families(split) if (c := table.get(f, size, split)) is not None]
    if not cells:
        return None
    columns = min(len(cells), 5)
    rows = -(-len(cells) // columns)
    figure, axes = _new(rows, columns, 2.35, grid=False)
    for axis in axes.ravel():
        axis.set_visible(False)
    for axis, cell in zip(axes.ravel(), cells, strict=False):
        axis.set_visible(True)
        picture = axis.imshow(
            np.array(cell.latent.correlation), vmin=0.0, vmax=1.0, cmap="magma", interpolation="nearest"
        )
        axis.set_title(f"{title(cell.family)}\nmean {mean_correlation(cell):.2f}", fontsize=9, color=INK)
        axis.set_xticks([])
        axis.set_yticks([])
    bar = figure.colorbar(picture, ax=axes, shrink=0.8, pad=0.01)
    bar.set_label("mean |correlation| within a note", color=INK)
    bar.ax.tick_params(colors=INK)
    bar.outline.set_visible(False)
    return figure


def cost_figure(table: Table, split: str) -> Any:
    """Draw parameters, training time and decoding time by size."""
    figure, axes = _new(1, 3, 3.3)
    takes: tuple[tuple[str, Callable[[CellResult], float]], ...] = (
        ("parameters, encoder and decoder", lambda c: c.cost.encoder_parameters + c.cost.decoder_parameters),
        ("training (s)", lambda c: c.cost.train_seconds),
        ("decoding one frame (µs)", lambda c: c.cost.decode_us),
    )
    for axis, (name, take) in zip(axes[0], takes, strict=True):
        for family in table.grid_families(split):
            found = {s: take(_cell(table, family, s, split)) for s in table.sizes(family, split)}
            some = {s: v for s, v in found.items() if v > 0}
            if some:
                _line(axis, family, list(some), list(some.values()))
        axis.set_yscale("log")
        axis.set_ylabel(name)
    _finish(figure, axes, ("Size", "Training", "Decoding"))
    return figure


def _cell(table: Table, family: str, size: int, split: str) -> CellResult:
    cell = table.get(family, size, split)
    assert cell is not None, "sizes() has only cells with results"
    return cell


def _style(family: str) -> tuple[str, str]:
    if family in STYLES:
        return STYLES[family]
    others = [name for name in study_families() if name not in STYLES]
    index = others.index(family) if family in others else -1
    return _MORE_COLORS[index % len(_MORE_COLORS)], "x"


def _line(axis: Any, family: str, x: Sequence[float], y: Sequence[float]) -> None:
    color, marker = _style(family)
    axis.plot(
        x, y, color=color, marker=marker, markersize=9 if marker == "*" else 5.5, markeredgewidth=0,
        linewidth=2.2 if is_ours(family) else 1.4, linestyle="--" if family in variant_families() else "-",
        label=title(family), zorder=3 if is_ours(family) else 2,
    )  # fmt: skip


def _new(rows: int, columns: int, height: float, *, grid: bool = True) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height * rows), dpi=100, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.ravel():
        axis.tick_params(colors=INK, labelsize=8)
        axis.xaxis.label.set_color(INK)
        axis.yaxis.label.set_color(INK)
        axis.patch.set_alpha(0.0)
        for name, spine in axis.spines.items():
            spine.set_color(INK)
            spine.set_visible(name in ("left", "bottom") and grid)
        if grid:
            axis.grid(color=INK, alpha=0.12, linewidth=0.8)
            axis.set_axisbelow(True)
    return figure, axes


def _finish(figure: Any, axes: Any, titles: Sequence[str]) -> None:
    """Set the size axis, titles over the columns, and one legend for all axes."""
    from matplotlib.ticker import NullLocator

    for axis in axes.ravel():
        axis.set_xscale("log")
        axis.set_xticks(SIZES, [str(size) for size in SIZES])
        axis.xaxis.set_minor_locator(NullLocator())
    for axis, text in zip(axes[0], titles, strict=True):
        axis.set_title(text, fontsize=10, color=INK, loc="left")
    for axis in axes[-1]:
        axis.set_xlabel("latent size")
    _legend(figure, axes)


def _legend(figure: Any, axes: Any) -> None:
    known: dict[str, Any] = {}
    for axis in axes.ravel():
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            known.setdefault(label, handle)
    if known:
        legend = figure.legend(known.values(), known.keys(), loc="outside right upper", frameon=False, fontsize=8.5)
        for text in legend.get_texts():
            text.set_color(INK)
