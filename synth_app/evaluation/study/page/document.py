"""A study's figures and verdicts as a page of the documentation: Markdown beside small pictures."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from synth_app.evaluation.study.measurements.interpolation import Strip
from synth_app.evaluation.study.page import figures
from synth_app.evaluation.study.page.report import About, definitions, draw, load_table, strips
from synth_app.evaluation.study.statements.statements import judge
from synth_app.evaluation.study.statements.table import Table, title
from synth_app.evaluation.study.statements.verdict import STATEMENTS, Verdict, name_of
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.training.grid import LINEAR, SIZES

IMAGES = "images"
_DPI = 110
Pair = tuple[str, tuple[tuple[str, Strip], ...]]  # its title; models' names and strips
_STRIP_WIDTH = 1000
_LEFT_OUT = ("DAE 256", "DAE layer")  # variants; the page has them
_CAPTIONS = {
    "rmse": "Error by encoding size, and relative to PCA; bars are 95 % intervals",
    "psm": "Perceptual similarity by encoding size",
    "agreement": "Perceptual similarity against error",
    "cost": "Parameters, training and decode time",
    "correlation-note": "Correlation of the code, 16 dimensions, note split",
    "correlation-instrument": "Correlation of the code, 16 dimensions, instrument split",
}


def write_document(folder: Path, about: About, ceilings: figures.Ceilings, target: Path) -> None:
    """Write ``target`` (Markdown) and ``images/study-*.png`` beside it, from what a report's folder holds.

    Raises:
        UserError: nothing is measured, or the target's folder cannot be written.
    """
    table = load_table(folder)
    images = target.parent / IMAGES
    if not images.is_dir():
        raise UserError(f"{images} is no folder; make it first: the pictures go there")
    drawn = draw(table, ceilings)
    for name, figure in drawn.items():
        _save_png(figure, images / f"study-{name}.png")
    pairs = strips(folder, table, about)
    if pairs:
        _save_strips(
            [row for row in pairs[0][1] if not row[0].startswith(_LEFT_OUT)], images / "study-interpolation.png"
        )
    text = _text(table, about, judge(table), list(drawn), pairs)
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _text(table: Table, about: About, verdicts: Sequence[Verdict], drawn: Sequence[str], pairs: Sequence[Pair]) -> str:
    parts = [
        f"# The reference study on {about.data}",
        "Made by `synth-app report REPORT --docs docs/study.md` from what `synth-app evaluate DATA --grid study --out "
        "REPORT` measured; not written by hand. The study is Roche, Hueber, Limier, Girin, *Autoencoders for music "
        "sound modeling* (SMC 2019); its notes were never published, so what can be reproduced is an ordering.",
        about.provenance,
        "## Whether its statements hold",
        _summary(table, verdicts),
        "## Error relative to PCA",
        *(_ratios(table, split) for split in table.splits()),
        _picture(drawn, "rmse"),
        *_readings(verdicts, (1, 2, 3, 4, 7, 8)),
        "## Perceptual similarity",
        _picture(drawn, "psm"),
        _picture(drawn, "agreement"),
        *_readings(verdicts, (5,)),
        "## Correlation of the code",
        *(_picture(drawn, f"correlation-{split}") for split in table.splits()),
        *_readings(verdicts, (6,)),
        "## Cost",
        _picture(drawn, "cost"),
    ]
    if pairs:
        parts += [
            "## Interpolation",
            f"![Five steps between two notes]({IMAGES}/study-interpolation.png)",
            f"From {pairs[0][0]}: alpha 0, 0.25, 0.5, 0.75, 1 from left to right, 80 dB from dark to bright, 0 to half "
            "the sample rate upwards. The report's page has the sounds.",
        ]
    parts += ["## Definitions", "\n".join(f"- {sentence}" for sentence in definitions(table))]
    if table.missing():
        parts += ["## Not measured yet", "\n".join(f"- {line}" for line in table.missing())]
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(table: Table, verdicts: Sequence[Verdict]) -> str:
    splits = table.splits()
    lines = [f"| | statement | {' | '.join(f'{s} split' for s in splits)} |", "|---|---|" + "---|" * len(splits)]
    for number, statement in STATEMENTS.items():
        found = {v.split: v.word for v in verdicts if v.number == number}
        if found:
            lines.append(f"| {name_of(number)} | {statement} | {' | '.join(found.get(s, '') for s in splits)} |")
    return "\n".join(lines)


def _ratios(table: Table, split: str) -> str:
    pca = {size: cell for size in SIZES if (cell := table.get(LINEAR, size, split)) is not None}
    lines = [f"| {split} split | {' | '.join(map(str, SIZES))} |", "|---|" + "---|" * len(SIZES)]
    errors = [f"{pca[size].rmse().pooled_db:.2f} dB" if size in pca else "" for size in SIZES]
    lines.append(f"| PCA, pooled RMSE | {' | '.join(errors)} |")
    for family in table.grid_families(split):
        if family != LINEAR:
            found = [table.to_pca(family, size, split) for size in SIZES]
            lines.append(f"| {title(family)} | {' | '.join(f'{c.value:.3f}' if c else '' for c in found)} |")
    return "\n".join(lines)


def _picture(drawn: Sequence[str], name: str) -> str:
    return f"![{_CAPTIONS[name]}]({IMAGES}/study-{name}.png)" if name in drawn else ""


def _readings(verdicts: Sequence[Verdict], numbers: Sequence[int]) -> list[str]:
    told = []
    for verdict in (v for number in numbers for v in verdicts if v.number == number):
        text = f"**{verdict.name}, {verdict.split} split: {verdict.word}.** *{verdict.statement}* {verdict.reading}"
        told.append("\n".join([text, *(f"- {reason}" for reason in verdict.why)]))
    return told


def _save_png(figure: Any, path: Path) -> None:
    """Dark ink on white, whatever the reader's page looks like; 256 colours are plenty for lines and small tiles."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DPI, facecolor="white", metadata={"Software": None})
    image = Image.open(out).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    with atomic_path(path) as temporary:
        image.save(temporary, format="PNG", optimize=True)


def _save_strips(strips_of_pair: Sequence[tuple[str, Strip]], path: Path) -> None:
    """All models' strips of one pair under each other, each under its name."""
    rows = [(name, Image.open(strip.picture).convert("RGB")) for name, strip in strips_of_pair]
    height = 100
    image = Image.new("RGB", (_STRIP_WIDTH, len(rows) * (height + 22)), "white")
    pen = ImageDraw.Draw(image)
    for i, (name, picture) in enumerate(rows):
        top = i * (height + 22)
        pen.text((2, top + 5), name, fill=figures.INK, font_size=13)
        image.paste(picture.resize((_STRIP_WIDTH, height)), (0, top + 22))
    with atomic_path(path) as temporary:
        image.quantize(128).save(temporary, format="PNG", optimize=True)
