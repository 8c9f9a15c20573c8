"""The command that measures a model at other keys than a note's own: pitch-report."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.cli.train import DataArgument
from synth_app.decoder import load_model
from synth_app.support.blas_threads import BlasThreadLimit

if TYPE_CHECKING:
    from synth_app.evaluation.reports.pitch_report import PitchFigures


def pitch_report(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")],
    split: Annotated[
        str | None,
        typer.Option(metavar="SPLIT", help="Only the test notes of this split (note or instrument), made with --seed."),
    ] = None,
    count: Annotated[int, typer.Option("--notes", min=1, metavar="N", help="Maximum number of notes.")] = 120,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the split and of the choice of notes.")] = 0,
    lock: Annotated[float, typer.Option(min=0.0, max=1.0, metavar="VALUE", help="Value of Harmonic lock.")] = 0.0,
    gauss_newton_steps: Annotated[
        int, typer.Option(min=0, max=20, metavar="N", help="Steps of latent optimisation of compared frames.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Play notes through the engine at their own key and at another, and measure spectra and pitches (pYIN)."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.evaluation.reports.pitch_report import PitchSettings, pitch_figures
    from synth_app.modelfile import find_model
    from synth_app.training.data.split_and_pca import held_out

    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    notes = held_out(read_notes(data), split, seed)
    loaded = load_model(path)
    settings = PitchSettings(count, seed, lock, gauss_newton_steps)
    with BlasThreadLimit(), progress_bar("playing") as progress:
        figures, _ = pitch_figures(loaded, str(path), data, notes, settings, progress)
    if as_json:
        typer.echo(json.dumps({"model": loaded.card.name, "split": split, "lock": lock, **asdict(figures)}, indent=2))
        return
    typer.echo(f"{loaded.card.name}, {figures.notes} notes, {split or 'no'} split, lock {lock:g}\n{_as_text(figures)}")


def _as_text(f: "PitchFigures") -> str:
    return (
        f"frames: RMSE {f.rmse_own_db:.2f} dB at the own pitch, {f.rmse_other_db:.2f} dB decoded at another pitch and "
        f"compared with the real note there ({f.rmse_there_db:.2f} dB if that note itself is encoded)\n"
        f"the recording's own frames transposed: {f.rmse_moved_db:.2f} dB, with the spectral envelope unchanged "
        f"{f.rmse_shaped_db:.2f} dB\n"
        f"the instrument's real note at the nearest key, transposed: {f.rmse_next_db:.2f} dB; the real note's own mean "
        f"frame: {f.rmse_mean_db:.2f} dB\n"
        f"pitch within 50 cents: recordings {f.recorded_right:.1%}, own key {f.own_right:.1%}, another key "
        f"{f.other_right:.1%} ({f.other_right_of_recorded:.1%} where the recording is within 50 cents)\n"
        f"deviation of these pitches, median and 95th percentile: own key {f.own_cents:.1f} and "
        f"{f.own_p95_cents:.1f} cents, another key {f.other_cents:.1f} and {f.other_p95_cents:.1f} cents"
    )
