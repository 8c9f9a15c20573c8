"""A contact sheet of presets: a WAV file, a spectrogram and the measures of each, and one page to play them."""

import html
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.evaluation.listening import HOW_TO_INSTALL
from synth_app.evaluation.metrics.loudness import RATE
from synth_app.export.auditions.audition import (
    CLIPPED_DB,
    TARGET_LUFS,
    TOLERANCE_LU,
    Audition,
    audition,
    audition_levelled,
    nearest,
)
from synth_app.export.auditions.macro_audition import MacroAudition, audition_macros, audition_macros_levelled
from synth_app.export.auditions.sheet_pictures import draw_spectrograms, save_spectrogram
from synth_app.export.render import write_audio
from synth_app.export.request import RenderRequest
from synth_app.patch import Patch
from synth_app.session.presets.library import PresetEntry
from synth_app.session.state.preset import write_preset
from synth_app.support.errors import UserError
from synth_app.support.file_names import slug
from synth_app.support.files import atomic_path

_FADE_S = 0.1  # at the end of each WAV file
DUPLICATE_DB = 1.25  # presets nearer than this are hard to distinguish by ear
_STYLE = """body{background:#0e1116;color:#e9edf2;font:14px sans-serif;margin:2em}main{display:grid;gap:1em;
grid-template-columns:repeat(auto-fill,minmax(300px,1fr))}article{background:#171b22;border-radius:6px;padding:1em}
h2{font-size:1.1em;margin:0}p{margin:.3em 0;color:#aab4c1}img,audio{width:100%}.bad{color:#ff7a76}"""


@dataclass(frozen=True)
class Finding:
    """The measures of one preset, for the page and for the terminal."""

    key: str
    name: str
    category: str
    note: int
    loudness_lufs: float
    peak_db: float
    nearest: str
    distance_db: float
    macros: tuple[MacroAudition, ...] = ()

    def problems(self) -> list[str]:
        """Return the reasons not to ship it, one line each."""
        found = []
        if not abs(self.loudness_lufs - TARGET_LUFS) <= TOLERANCE_LU:
            found.append(f"{self.loudness_lufs:.1f} LUFS is not within {TARGET_LUFS:g} ± {TOLERANCE_LU:g}")
        if self.distance_db < DUPLICATE_DB:
            found.append(f"only {self.distance_db:.1f} dB from {self.nearest}")
        if max([self.peak_db, *(each.peak_db for each in self.macros)]) > CLIPPED_DB:
            found.append(f"peaks above {CLIPPED_DB:g} dB")
        return found + [problem for each in self.macros for problem in each.problems()]


def write_contact_sheet(
    entries: tuple[PresetEntry, ...],
    model: Model,
    path: Path,
    out: Path,
    *,
    level: bool = False,
    macros: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Finding]:
    """Render presets and write ``index.html``, ``sheet.json``, and pictures and WAV files.

    There is a WAV and a PNG file for each preset, and ``sheet-CATEGORY.png`` with the spectrograms of each category.

    Args:
        entries: presets to render.
        model: loaded from ``path``.
        path: of the model.
        out: folder; made if missing.
        level: whether to write into each preset's file the gain that makes all equally loud, and with ``macros`` what
            holds the loudness while a named macro turns.
        macros: whether to render and measure named macros, too.
        progress: called with the number of presets done and the number of all presets.

    Raises:
        UserError: matplotlib is missing, ``entries`` is empty, or a file cannot be written.
    """
    if find_spec("matplotlib") is None:
        raise UserError(f"the sheet's spectrograms need matplotlib: {HOW_TO_INSTALL}")
    if not entries:
        raise UserError("no preset matches; `synth-app presets list` shows all presets")
    out.mkdir(parents=True, exist_ok=True)
    auditions: list[Audition] = []
    moved: list[tuple[MacroAudition, ...]] = []
    for i, entry in enumerate(entries):
        heard, turned = _heard(entry, model, path, level=level, macros=macros)
        if heard.entry.preset != entry.preset:
            write_preset(entry.path, heard.entry.preset)
        auditions.append(heard)
        moved.append(turned)
        stem = _stem(entry)
        write_audio(RenderRequest(Patch(str(path)), out / f"{stem}.wav", bits=16), (_faded(heard.audio),))
        save_spectrogram(heard, out / f"{stem}.png")
        progress(i + 1, len(entries))
    for category in dict.fromkeys(entry.preset.category for entry in entries):
        page = [each for each in auditions if each.entry.preset.category == category]
        draw_spectrograms(page, out / f"sheet-{slug(category, 'category')}.png")
    findings = _findings(auditions, moved)
    with atomic_path(out / "sheet.json") as temporary:
        temporary.write_text(json.dumps([asdict(finding) for finding in findings], indent=2), encoding="utf-8")
    with atomic_path(out / "index.html") as temporary:
        temporary.write_text(_page(auditions, findings, model.card.title), encoding="utf-8")
    return findings


def _faded(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a copy that ends without a click where a long tail is cut."""
    out, length = audio.copy(), round(_FADE_S * RATE)
    out[-length:] *= np.linspace(1.0, 0.0, length, dtype=np.float32)[:, None]
    return out


def _heard(
    entry: PresetEntry, model: Model, path: Path, *, level: bool, macros: bool
) -> tuple[Audition, tuple[MacroAudition, ...]]:
    """Render one preset and, with ``macros``, its named macros; with ``level`` the audition's preset is levelled."""
    heard = (audition_levelled if level else audition)(entry, model, path)
    if not macros:
        return heard, ()
    return audition_macros_levelled(heard) if level else (heard, audition_macros(heard))


def _findings(auditions: list[Audition], moved: list[tuple[MacroAudition, ...]]) -> list[Finding]:
    return [
        Finding(
            key=each.entry.key,
            name=each.entry.preset.name,
            category=each.entry.preset.category,
            note=each.entry.preset.note,
            loudness_lufs=round(each.loudness_lufs, 2),
            peak_db=round(each.peak_db, 2),
            nearest=auditions[index].entry.preset.name if index >= 0 else "",
            distance_db=round(distance, 2),
            macros=turned,
        )
        for each, turned, (index, distance) in zip(auditions, moved, nearest(auditions), strict=True)
    ]


def _stem(entry: PresetEntry) -> str:
    return entry.key.replace("/", "-")


def _page(auditions: list[Audition], findings: list[Finding], model: str) -> str:
    cards = "\n".join(_card(each, finding) for each, finding in zip(auditions, findings, strict=True))
    title = f"{len(auditions)} presets in {html.escape(model)}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>\n<main>\n{cards}\n</main></html>\n"
    )


def _card(each: Audition, finding: Finding) -> str:
    preset, stem = each.entry.preset, html.escape(_stem(each.entry))
    lines = [
        f"<h2>{html.escape(preset.name)}</h2>",
        f"<p>{html.escape(' · '.join((preset.category, *preset.tags)))}</p>",
        f"<p>{html.escape(preset.about)}</p>",
        f'<img src="{stem}.png" alt="Spectrogram of {html.escape(preset.name)}" loading="lazy">',
        f'<audio controls preload="none" src="{stem}.wav"></audio>',
        f"<p>Key {preset.note} · {finding.loudness_lufs:.1f} LUFS · peak {finding.peak_db:.1f} dB · "
        f"nearest {html.escape(finding.nearest)}, {finding.distance_db:.1f} dB</p>",
        *(
            f"<p>{html.escape(turned.name)}: changes {turned.change_db:.1f} dB, "
            f"loudness {turned.level_change_lu:+.1f} LU</p>"
            for turned in finding.macros
        ),
        *(f'<p class="bad">{html.escape(problem)}</p>' for problem in finding.problems()),
    ]
    return f"<article>{''.join(lines)}</article>"
