"""Commands that compare played notes with recordings: fidelity-report and sound-report."""

import json
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch.quality import DEFAULT_QUALITY, quality


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
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for a page with spectrograms and players.")
    ] = None,
    quality_name: Annotated[
        str, typer.Option("--quality", metavar="QUALITY", help="Quality: eco, fast, live or studio.")
    ] = DEFAULT_QUALITY,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Play bank notes as the window does, and compare them with the notes of their SoundFont (FluidSynth)."""
    from synth_app.evaluation.fidelity import PageWriter, parse_choice
    from synth_app.evaluation.fidelity import fidelity_report as compare

    quality(quality_name)
    choices = tuple(parse_choice(each) for each in notes or ())
    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    page = PageWriter(out) if out else None
    with progress_bar("notes") as progress:
        report = compare(
            path, soundfont, choices, quality=quality_name, keep=page.add if page else None, progress=progress
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
