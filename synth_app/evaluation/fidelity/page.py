"""The page of a fidelity report: spectrograms and audio players of every note, source beside model."""

import html
import json
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.fidelity.chords import ChordFidelity
from synth_app.evaluation.fidelity.measures import NoteFidelity
from synth_app.evaluation.fidelity.report import FidelityReport
from synth_app.evaluation.fidelity.sound_pair import LEAD_S, SoundPair
from synth_app.evaluation.fidelity.velocities import HARD, SOFT
from synth_app.evaluation.listening import HOW_TO_INSTALL
from synth_app.evaluation.metrics.mel_distance import FRAMES_PER_S, RANGE_DB, mel_levels_db
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.sound_writer import sound_writer

_PEAK = 0.89  # of the louder sound of a pair: -1 dBFS
_SHOWN_S = 4.0
_STYLE = """:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--text:#1b2027;--dim:#55606e}
@media(prefers-color-scheme:dark){:root{--ground:#0e1116;--card:#171b22;--text:#e9edf2;--dim:#aab4c1}}
body{background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1200px;
padding:0 1em}article{background:var(--card);border-radius:8px;padding:1em 1.2em;margin:1em 0}h2{font-size:1.15em;
margin:0 0 .3em}p{color:var(--dim);margin:.3em 0}img{width:100%;height:auto}.players{display:grid;gap:1em;
grid-template-columns:1fr 1fr}audio{width:100%}label{color:var(--dim)}table{border-collapse:collapse;margin:.5em 0;
font-variant-numeric:tabular-nums}td,th{padding:.15em 1.2em .15em 0;text-align:right;font-weight:normal}
th:first-child,td:first-child{text-align:left}th{color:var(--dim)}"""


class PageWriter:
    """Writes the page of a report into a folder, note by note.

    Args:
        out: folder; made if missing. Files of an earlier report are replaced.

    Raises:
        UserError: matplotlib is missing, or the folder cannot be made.
    """

    def __init__(self, out: Path) -> None:
        if find_spec("matplotlib") is None:
            raise UserError(f"the page's spectrograms need matplotlib: {HOW_TO_INSTALL}")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot make the folder {out}: {error.strerror}; choose another with --out") from error
        self._out = out

    def add(self, note: NoteFidelity | ChordFidelity, pair: SoundPair) -> None:
        """Write the two FLAC files and the spectrograms of a note or chord.

        Raises:
            UserError: a file cannot be written.
        """
        scale = _PEAK / max(float(np.abs(pair.source).max()), float(np.abs(pair.made).max()), 1e-9)
        for kind, sound in (("source", pair.source), ("model", pair.made)):
            _write_flac(self._out / f"{note.stem}-{kind}.flac", sound * np.float32(scale))
        _draw(note, pair, self._out / f"{note.stem}.png")

    def finish(self, report: FidelityReport) -> Path:
        """Write ``fidelity.json`` and ``index.html``; return the page. Raises UserError if one cannot be written."""
        with atomic_path(self._out / "fidelity.json") as temporary:
            temporary.write_text(json.dumps(report.as_dict(), indent=2), encoding="utf-8")
        page = self._out / "index.html"
        with atomic_path(page) as temporary:
            temporary.write_text(_page(report), encoding="utf-8")
        return page


def _write_flac(path: Path, stereo: NDArray[np.float32]) -> None:
    with atomic_path(path) as temporary, sound_writer(temporary, ENGINE_RATE, 2, "PCM_16", "FLAC") as file:
        file.write(stereo)


def _draw(note: NoteFidelity | ChordFidelity, pair: SoundPair, path: Path) -> None:
    """Draw the mel spectrograms of both sounds, 0 to 4 s and 30 Hz to 20 kHz, with one scale of 70 dB."""
    from matplotlib.figure import Figure

    from synth_app.support.compiling.librosa_import import librosa

    first = round(LEAD_S * ENGINE_RATE)
    part = slice(first, first + round(_SHOWN_S * ENGINE_RATE))
    levels = [mel_levels_db(each[part].mean(axis=1), ENGINE_RATE) for each in (pair.source, pair.made)]
    top = float(levels[0].max())
    figure = Figure(figsize=(12.0, 3.6), dpi=100, layout="constrained")
    mel_hz = librosa.mel_frequencies(levels[0].shape[1] + 2, fmin=30.0, fmax=20_000.0)[1:-1]
    ticks = (100, 300, 1000, 3000, 10_000)
    for axes, level, title in zip(figure.subplots(1, 2, sharey=True), levels, ("source", "model"), strict=True):
        image = axes.imshow(
            level.T, origin="lower", aspect="auto", cmap="magma", vmin=top - RANGE_DB, vmax=top,
            extent=(0.0, len(level) / FRAMES_PER_S, -0.5, level.shape[1] - 0.5),
        )  # fmt: skip
        axes.set_title(f"{note.title}: {title}", fontsize=10)
        axes.set_xlabel("s")
        axes.set_yticks(np.interp(ticks, mel_hz, np.arange(len(mel_hz))), [f"{hz:g}" for hz in ticks])
    figure.axes[0].set_ylabel("Hz")
    figure.colorbar(image, ax=figure.axes, label="dB", pad=0.01)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def _page(report: FidelityReport) -> str:
    title = f"Fidelity of {html.escape(report.model)}"
    lead = html.escape(f"{len(report.notes)} notes beside {report.soundfont}, quality {report.quality}")
    s = report.summary
    rows = (
        ("mel distance, median", f"{s.mel_median_db:.2f} dB"), ("mel distance, worst", f"{s.mel_worst_db:.2f} dB"),
        ("first 100 ms, median", f"{s.onset_mel_median_db:.2f} dB"),
        ("centroid ratio, median", f"{s.centroid_ratio_median:.2f}"),
        ("harmonic-to-noise ratio, mean error", f"{s.hnr_error_mean_db:.1f} dB"),
        ("flutter added, mean", f"{s.flutter_added_mean:+.1f} points"),
        ("fall to 6 s, worst error", f"{s.fall_error_worst_db:.1f} dB"),
    )  # fmt: skip
    cards = "\n".join((*map(_note_card, report.notes), *_velocity_card(report), *map(_chord_card, report.chords)))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style>\n<h1>{title}</h1><p>{lead}</p>{_table((), rows)}\n"
        f"{cards}\n</html>\n"
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    titles = "".join(f"<th>{html.escape(each)}</th>" for each in head)
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{titles}</tr>' if head else ''}{lines}</table>"


def _card(title: str, stem: str, text: str, table: str) -> str:
    name = html.escape(title)
    players = "".join(
        f'<label>{label}<audio controls preload="none" src="{stem}-{kind}.flac"></audio></label>'
        for label, kind in (("Source", "source"), ("Model", "model"))
    )
    return (
        f"<article><h2>{name}</h2><p>{text}</p>"
        f'<img src="{stem}.png" alt="Spectrograms of {name}: source and model" loading="lazy">'
        f'<div class="players">{players}</div>{table}</article>'
    )


def _note_card(note: NoteFidelity) -> str:
    head = (
        "", "centroid", "harmonics to noise", "flutter", "fall to 6 s", "to 9 s", "left : right", "side : mid",
    )  # fmt: skip
    rows = (
        (
            title, f"{tone.centroid_hz:.0f} Hz", f"{tone.hnr_db:.1f} dB", f"{tone.flutter_percent:.1f} %",
            f"{tone.fall_db[0]:.1f} dB", f"{tone.fall_db[1]:.1f} dB", f"{tone.image.balance_db:+.1f} dB",
            f"{tone.image.side_db:.1f} dB",
        )
        for title, tone in (("Source", note.source), ("Model", note.made))
    )  # fmt: skip
    text = f"Mel distance {note.mel_db:.2f} dB, first 100 ms {note.onset_mel_db:.2f} dB"
    return _card(f"{note.preset}, key {note.key}", note.stem, text, _table(head, rows))


def _velocity_card(report: FidelityReport) -> Iterator[str]:
    """Yield the table of soft and hard strokes, if they were measured."""
    if not report.velocities:
        return
    rows = (
        (f"{note.preset} {note.key}", f"{note.source_ratio:.2f}", f"{note.made_ratio:.2f}", f"{note.off:+.0%}")
        for note in report.velocities
    )
    text = f"Centroid at velocity {SOFT} over that at {HARD}"
    table = _table(("", "source", "model", "off"), rows)
    yield f"<article><h2>Soft and hard strokes</h2><p>{text}</p>{table}</article>"


def _chord_card(chord: ChordFidelity) -> str:
    rows = (
        (
            each.name, "" if each is chord.source else f"{each.mel_db:.2f} dB", f"{each.hnr_db:.1f} dB",
            f"{each.flutter_percent:.1f} %",
        )
        for each in (chord.source, *chord.made)
    )  # fmt: skip
    text = f"Mel distance {chord.made[0].mel_db:.2f} dB"
    return _card(
        f"{chord.preset}, chord {' '.join(map(str, chord.keys))}", chord.stem, text,
        _table(("", "mel distance", "tones to noise", "flutter"), rows),
    )  # fmt: skip
