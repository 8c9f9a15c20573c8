"""Commands that measure played notes, and moves of handles: motion-report, fidelity-report, sound-report, handles."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch.quality import DEFAULT_QUALITY, quality

if TYPE_CHECKING:
    from synth_app.evaluation.reports.handles_report import HandlesReport
    from synth_app.evaluation.reports.motion_report import MotionReport, MotionSettings


def motion_report(
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option("--notes", min=1, metavar="N", help="Number of bank notes.")] = 12,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the choice of notes.")] = 0,
    quality_name: Annotated[
        str, typer.Option("--quality", metavar="QUALITY", help="Quality: eco, fast, live or studio.")
    ] = DEFAULT_QUALITY,
    highest: Annotated[
        int, typer.Option(min=0, max=127, metavar="KEY", help="Only bank notes up to this MIDI key.")
    ] = 127,
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, metavar="DIR", help="Data set with the bank's recordings."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Measure vibrato of 5.5 Hz and 20 cents, repetition and harmonic purity of held notes."""
    from synth_app.evaluation.reports.motion_report import MotionSettings
    from synth_app.evaluation.reports.motion_report import motion_report as measure

    quality(quality_name)
    path = find_model(model)
    settings = MotionSettings(count, seed, quality_name, highest, data)
    with progress_bar("playing") as progress:
        measured = measure(load_model(path), str(path), settings, progress)
    typer.echo(json.dumps(asdict(measured), indent=2) if as_json else _as_text(path.stem, settings, measured))


def _as_text(model: str, settings: "MotionSettings", measured: "MotionReport") -> str:
    from synth_app.evaluation.reports.motion_report import DEPTH_CENTS, RATE_HZ

    lines = [
        f"{model}, {settings.quality}, {len(measured.held)} steady notes; requested: {DEPTH_CENTS:g} cents at "
        f"{RATE_HZ:g} Hz",
        "note                              depth   late  ripple    still   repeats after  spread   line   "
        "free lock" + ("  recorded" if settings.data else ""),
    ]
    for vibrato, held, purity in zip(measured.vibratos, measured.held, measured.purity, strict=True):
        found = held.repetition
        lines.append(
            f"{vibrato.note:32} {vibrato.depth_cents:5.1f} ct {vibrato.late_ms:4.1f} ms {vibrato.ripple_cents:5.2f} ct "
            f"{vibrato.still_cents:5.2f} ct {found.strength:6.2f} {found.period_s:5.1f} s {found.spread_db:5.2f} dB "
            f"{found.line_db:4.1f} dB  {purity.free_db:4.1f} {purity.locked_db:4.1f} dB"
            + (f"  {purity.recorded_db:4.1f} dB" if purity.recorded_db is not None else "")
        )
    return "\n".join([*lines, _medians(measured)])


def _medians(measured: "MotionReport") -> str:
    depth, ripple = ([getattr(each, name) for each in measured.vibratos] for name in ("depth_cents", "ripple_cents"))
    free, locked = ([getattr(each, name) for each in measured.purity] for name in ("free_db", "locked_db"))
    recorded = [each.recorded_db for each in measured.purity if each.recorded_db is not None]
    strength = [each.repetition.strength for each in measured.held]
    return (
        f"median: depth {np.median(depth):.1f} ct, ripple {np.median(ripple):.2f} ct, repetition "
        f"{np.median(strength):.2f}, maximum {max(strength):.2f}, harmonics over rest {np.median(free):.1f} dB, "
        f"locked {np.median(locked):.1f} dB" + (f", recorded {np.median(recorded):.1f} dB" if recorded else "")
    )


def handles(
    data: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            metavar="DIR",
            help="Folder in NSynth's layout, of notes that the model was not trained on.",
        ),
    ],
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option("--notes", min=1, metavar="N", help="Number of notes.")] = 120,
    seed: Annotated[int, typer.Option(min=0, metavar="SEED", help="Seed of the choice of notes.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Ask each handle for one step up on notes of a folder, and measure what moves and what else changes."""
    from synth_app.evaluation.reports.handles_report import handles_report

    path = find_model(model)
    with progress_bar("notes") as progress:
        report = handles_report(load_model(path), data, count, seed, progress)
    typer.echo(json.dumps(asdict(report), indent=2) if as_json else _handles_text(report))


def _handles_text(report: "HandlesReport") -> str:
    lines = [
        f"{report.model}: {report.sounds} sounds of {report.instruments} instruments; reading a sound "
        f"{report.read_ms:.2f} ms",
        "handle        step   at least 0.7   5 %  median   side  worst   95 %   loudness   95 %      time",
    ]
    lines += [
        f"{each.handle:10} {each.step:7.2f} {100 * each.reached_share:12.1f} % {each.reached_5:6.2f} "
        f"{each.reached_50:7.2f} {each.side_50:6.2f} {each.worst_side_50:6.2f} {each.side_95:6.2f} "
        f"{each.loudness_50_db:7.2f} dB {each.loudness_95_db:3.1f} dB {each.move_ms:6.2f} ms"
        for each in report.handles
    ]
    return "\n".join(lines)


def fidelity_report(
    soundfont: Annotated[Path, typer.Argument(metavar="SOUNDFONT", help="SoundFont that the bank was made from.")],
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    notes: Annotated[
        list[str] | None,
        typer.Option(
            "--note",
            metavar="PROGRAM:KEY",
            help="General MIDI program and MIDI key of a note, e.g. 0:60; repeatable. Default: 13 notes.",
        ),
    ] = None,
    velocities: Annotated[
        bool, typer.Option("--velocities", help="Also compare soft strokes with hard ones (10 notes).")
    ] = False,
    chords: Annotated[
        bool, typer.Option("--chords", help="Also play ten chords: as shipped, with Detail 0, without noise shares.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for a page with spectrograms and players.")
    ] = None,
    quality_name: Annotated[
        str, typer.Option("--quality", metavar="QUALITY", help="Quality: eco, fast, live or studio.")
    ] = DEFAULT_QUALITY,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Play bank notes as the window does, and compare them with the notes of their SoundFont (FluidSynth)."""
    from synth_app.evaluation.fidelity import Extent, PageWriter, parse_choice
    from synth_app.evaluation.fidelity import fidelity_report as compare

    quality(quality_name)
    extent = Extent(tuple(parse_choice(each) for each in notes or ()), velocities, chords)
    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    page = PageWriter(out) if out else None
    with progress_bar("notes") as progress:
        report = compare(
            path, soundfont, extent, quality=quality_name, keep=page.add if page else None, progress=progress
        )
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.as_text())
    if page:
        typer.echo(page.finish(report), err=as_json)


def sound_report(
    data: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Recordings in NSynth's layout, several keys of each instrument.")
    ],
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option("--notes", min=1, metavar="N", help="Maximum number of recordings.")] = 60,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the choice of recordings.")] = 0,
    quality_name: Annotated[
        str, typer.Option("--quality", metavar="QUALITY", help="Quality: eco, fast, live or studio.")
    ] = DEFAULT_QUALITY,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Drop recordings as on the window, and compare them with real notes at their own key and at others."""
    from synth_app.benchmarks.own_sounds import sound_report as compare

    quality(quality_name)
    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    with progress_bar("recordings") as progress:
        report = compare(path, data, count, seed=seed, quality=quality_name, progress=progress)
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.as_text())
