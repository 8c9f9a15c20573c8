"""The command that measures held notes, with vibrato and without, as they sound: motion-report."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch.quality import DEFAULT_QUALITY, quality


def motion_report(
    model: Annotated[str, typer.Option("--model", help="Model name or file.")] = DEFAULT_MODEL,
    count: Annotated[int, typer.Option("--notes", min=1, help="Bank notes played.")] = 12,
    seed: Annotated[int, typer.Option(help="Of the notes drawn.")] = 0,
    quality_name: Annotated[str, typer.Option("--quality", help="eco, fast, live or studio.")] = DEFAULT_QUALITY,
    highest: Annotated[int, typer.Option(min=0, max=127, help="Only bank notes up to this MIDI key.")] = 127,
    data: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Data set with the bank's recordings.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Measure a vibrato of 5.5 Hz and 20 cents as it sounds, whether held notes repeat, and how pure they are."""
    from synth_app.evaluation.reports.motion_report import DEPTH_CENTS, RATE_HZ, motion_figures

    quality(quality_name)
    path = find_model(model)
    with progress_bar("playing") as told:
        made = motion_figures(load_model(path), str(path), count, seed, quality_name, highest, data, told)
    if as_json:
        typer.echo(json.dumps(asdict(made), indent=2))
        return
    n = len(made.held)
    typer.echo(f"{path.stem}, {quality_name}, {n} steady notes; asked: {DEPTH_CENTS:g} cents at {RATE_HZ:g} Hz")
    typer.echo(
        "note                              depth   late  ripple    still   repeats after  spread   line   "
        "free lock" + ("  recorded" if data else "")
    )
    for moved, kept, pure in zip(made.vibratos, made.held, made.purity, strict=True):
        found = kept.found
        typer.echo(
            f"{moved.note:32} {moved.depth_cents:5.1f} ct {moved.late_ms:4.1f} ms {moved.ripple_cents:5.2f} ct "
            f"{moved.still_cents:5.2f} ct {found.strength:6.2f} {found.period_s:5.1f} s {found.spread_db:5.2f} dB "
            f"{found.line_db:4.1f} dB  {pure.free_db:4.1f} {pure.locked_db:4.1f} dB"
            + (f"  {pure.recorded_db:4.1f} dB" if pure.recorded_db is not None else "")
        )
    depth, ripple = ([getattr(each, name) for each in made.vibratos] for name in ("depth_cents", "ripple_cents"))
    free, locked = ([getattr(each, name) for each in made.purity] for name in ("free_db", "locked_db"))
    recorded = [each.recorded_db for each in made.purity if each.recorded_db is not None]
    strength = [each.found.strength for each in made.held]
    typer.echo(
        f"median: depth {np.median(depth):.1f} ct, ripple {np.median(ripple):.2f} ct, repetition "
        f"{np.median(strength):.2f}, highest {max(strength):.2f}, harmonics over rest {np.median(free):.1f} dB, "
        f"locked {np.median(locked):.1f} dB" + (f", recorded {np.median(recorded):.1f} dB" if recorded else "")
    )


COMMANDS = (motion_report,)
