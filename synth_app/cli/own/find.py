"""Commands that find sounds like a recording, and measure how well: find and find-report."""

import json
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.inspect import JsonOption
from synth_app.cli.progress import progress_bar
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL

_MOST_SECONDS = 120.0
_TITLES = {"note": "notes", "sound": "your sounds", "preset": "presets"}


def find(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recording of one note: played, sung or hummed.")],
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    key: Annotated[
        float | None,
        typer.Option("--key", metavar="KEY", min=0.0, max=127.0, help="MIDI key of the recording; by default found."),
    ] = None,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, max=100, help="Finds of each kind.")] = 5,
    as_json: JsonOption = False,
) -> None:
    """Find something like this: the notes, your sounds and presets that are nearest to a recording, at any key."""
    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.decoder import load_model
    from synth_app.session.find.search import SoundFinder
    from synth_app.session.find.similar import KINDS

    samples, rate = read_audio_file(file, max_seconds=_MOST_SECONDS)
    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    with progress_bar("sounds measured") as progress:
        finder = SoundFinder(load_model(path), str(path), progress=progress)
    for problem in finder.problems:
        typer.echo(f"note: {problem}", err=True)
    found = finder.like_audio(samples, rate, key)
    kinds = {kind: [each for each in found if each.candidate.kind == kind][:count] for kind in KINDS}
    if as_json:
        rows = {
            _TITLES[kind]: [
                {"name": f.candidate.name, "key": f.candidate.key, "distance": round(f.distance, 3)} for f in some
            ]
            for kind, some in kinds.items()
        }
        typer.echo(json.dumps(rows, indent=2))
        return
    for kind, some in kinds.items():
        if some:
            typer.echo(f"{_TITLES[kind]}:")
        for each in some:
            typer.echo(f"  {each.distance:5.2f}  {each.candidate.name:32} {each.candidate.key}")


def find_report(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Notes in NSynth's layout, several keys each.")],
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Fit the metric to all notes, and write it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how often a note's instrument is found an octave and two octaves away, for instruments held out."""
    from synth_app.evaluation.similarity.fit import fit_metric
    from synth_app.evaluation.similarity.metric import save_metric
    from synth_app.evaluation.similarity.report import find_report as judge
    from synth_app.evaluation.similarity.report import measured_sounds

    with progress_bar("notes") as progress:
        sounds = measured_sounds(data, progress)
    report = judge(sounds, data.name)
    if write is not None:
        save_metric(fit_metric(sounds), write)
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.as_text())
