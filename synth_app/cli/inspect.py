"""Commands that print information: models, describe, devices, phase-report."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.modelfile import ModelEntry, list_models

JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def models(as_json: JsonOption = False) -> None:
    """List all models, the default one first."""
    entries = list_models()
    if as_json:
        typer.echo(json.dumps([_as_dict(entry) for entry in entries], indent=2))
        return
    for entry in entries:
        typer.echo(f"{entry.path.stem:24} {_summary(entry)}")


def _summary(entry: ModelEntry) -> str:
    card = entry.card
    if card is None:
        return f"cannot be used: {entry.problem}"
    spec = card.spec
    scores = ", ".join(f"{s.split} {s.rmse_pooled_db:.2f} dB ({s.rmse_pooled_db / s.pca_pooled_db:.2f} x PCA)"
                       for s in card.scores)  # fmt: skip
    return f"{card.family:14} {card.latent_size:3} dims, {spec.sample_rate} Hz, n_fft {spec.n_fft}; {scores}"


def _as_dict(entry: ModelEntry) -> dict[str, object]:
    card = entry.card
    if card is None:
        return {"name": entry.path.stem, "file": str(entry.path), "problem": entry.problem}
    return {
        "name": entry.path.stem,
        "family": card.family,
        "latent_size": card.latent_size,
        "sample_rate": card.spec.sample_rate,
        "n_fft": card.spec.n_fft,
        "hop_length": card.spec.hop_length,
        "window": card.spec.window,
        "floor_db": card.spec.floor_db,
        "file": str(entry.path),
        "scores": [score.model_dump() for score in card.scores],
    }


def devices(as_json: JsonOption = False) -> None:
    """List the audio outputs."""
    from synth_app.audio.process.devices import list_devices

    found = list_devices()
    if as_json:
        typer.echo(json.dumps([asdict(device) for device in found], indent=2))
        return
    for device in found:
        mark = "*" if device.is_default else " "
        typer.echo(f"{mark} {device.name} ({device.host_api}), {device.channels} channels, {device.default_rate:g} Hz")
    if not found:
        typer.echo("no output device; the window still runs without sound and can export")


# typer makes one option of each parameter, so the command has as many parameters as options.
def phase_report(
    data: Annotated[Path, typer.Argument(metavar="DIR", help="Folder in NSynth's layout.")],
    notes: Annotated[int, typer.Option(metavar="N", help="Number of random notes.")] = 40,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the notes and of random phases.")] = 0,
    n_fft: Annotated[int, typer.Option("--n-fft", metavar="SAMPLES", help="Transform length.")] = 1024,
    window: Annotated[
        str, typer.Option(metavar="NAME", help="Analysis window: hann, hamming, blackman or gaussian.")
    ] = "hann",
    shorten: Annotated[
        int, typer.Option(metavar="FACTOR", help="n_fft divided by the synthesis window: 2 in 'live', 4 in 'fast'.")
    ] = 1,
    method: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Measure only this method; repeatable.")
    ] = None,
    visqol_notes: Annotated[
        int, typer.Option(metavar="N", help="Number of notes that ViSQOL scores too; about 1 s per note and method.")
    ] = 8,
    figures: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for spectrograms of the errors.")] = None,
    figure_note: Annotated[
        str | None, typer.Option(metavar="NOTE", help="Note to draw; default: one near the median.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare phase methods on recorded notes."""
    from synth_app.evaluation.reports.phase_figures import draw_figures, require_matplotlib
    from synth_app.evaluation.reports.phase_report import PhaseSettings
    from synth_app.evaluation.reports.phase_report import phase_report as measure
    from synth_app.phase import METHODS

    if figures:
        require_matplotlib(figures)  # before the minutes of measuring
    with progress_bar("notes") as report_progress:
        report = measure(
            data,
            PhaseSettings(notes, seed, n_fft, window, shorten, tuple(method or METHODS), visqol_notes),
            report_progress,
        )
    if figures:
        draw_figures(data, report, figures, figure_note)
    typer.echo(json.dumps(asdict(report), indent=2) if as_json else report.as_text())


def describe(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model file or name.")],
    write: Annotated[bool, typer.Option("--write", help="Write traits and map to the model file.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Correlate a model's latent dimensions with librosa's descriptors of its bank; --write stores the result."""
    from synth_app.evaluation.describe import describe_file, described
    from synth_app.modelfile import find_model

    path = find_model(model)
    say = (lambda _: None) if as_json else typer.echo
    file = describe_file(path, with_map=True, report=say) if write else described(path, with_map=False, report=say)
    named = list(zip(file.card.axis_names, file.card.axis_traits, strict=True))
    if as_json:
        rows = [{"axis": name, "traits": {t.name: t.r for t in traits}} for name, traits in named]
        typer.echo(json.dumps({"model": file.card.name, "axes": rows, "written": write}, indent=2))
        return
    for i, (name, traits) in enumerate(named):
        typer.echo(f"z{i + 1:<3} {name:14} " + ", ".join(f"{t.name} {t.r:+.2f}" for t in traits))
