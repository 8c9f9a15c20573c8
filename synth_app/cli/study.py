"""Commands of the reference study and its measures: evaluate, report, psm-report, pitch-report, ablation."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.cli.train import DataArgument
from synth_app.cli.values import parse_fraction
from synth_app.decoder import load_model
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError
from synth_app.training import SPECS, Progress, TrainingCancelled, require_torch

if TYPE_CHECKING:
    from synth_app.evaluation.reports.pitch_report import PitchFigures


# Typer makes one option of every parameter, so commands have more than eight parameters.
def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    out: Annotated[Path, typer.Option("--out", metavar="REPORT", help="Folder of the report; continued if it exists.")],
    grid: Annotated[
        str,
        typer.Option(
            metavar="GRID", help="Models of the study: study, or FAMILIES:SIZES:SPLITS, e.g. pca,dae:4,16:note."
        ),
    ] = "study",
    models: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the grid's models; default: REPORT/models.")
    ] = None,
    spec: Annotated[str, typer.Option(metavar="SPEC", help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    budget: Annotated[str, typer.Option(metavar="BUDGET", help="Training budget: quick, study or long.")] = "study",
    bank: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of notes for the note banks, if not DATA.")
    ] = None,
    similarity_notes: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="N", help="Test notes of each split with perceptual scores.")
    ] = 16,
    threads: Annotated[int, typer.Option(min=1, max=256, metavar="N", help="CPU threads.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler; default: this machine.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Trainings in parallel on this machine.")
    ] = 1,
    seed: Annotated[
        list[int] | None,
        typer.Option(
            min=0, metavar="SEED", help="Seed of weights, sampled frames and augmentation; repeatable. Default: 0."
        ),
    ] = None,
    split_seed: Annotated[
        int, typer.Option(min=0, metavar="SEED", help="Seed of both splits, the same for all nets.")
    ] = 0,
    train: Annotated[bool, typer.Option("--train/--no-train", help="Train missing cells, or leave them out.")] = True,
) -> None:
    """Train or load every family at every size, measure all, and write one page. Run it again to continue."""
    from synth_app.evaluation.study import StudyJob
    from synth_app.evaluation.study import evaluate as run
    from synth_app.evaluation.study.measurements.grid_spec import parse_grid
    from synth_app.evaluation.study.page.report import require_matplotlib
    from synth_app.training.grid import GridSettings

    if spec not in SPECS:
        raise UserError(f"no frame specification {spec!r}; choose one of {', '.join(SPECS)}")
    cells = parse_grid(grid, tuple(dict.fromkeys(seed or (0,))))
    if train:
        require_torch()
    require_matplotlib()  # before hours of training
    settings = GridSettings(
        data, models or out / "models", spec=SPECS[spec], budget=budget, bank=bank, threads=threads,
        split_seed=split_seed,
    )  # fmt: skip
    job = StudyJob(
        settings, cells, out, train=train, similarity_count=similarity_notes, seed=split_seed, scheduler=scheduler,
        workers=workers,
    )  # fmt: skip
    try:
        page = run(job, report=_print_progress)
    except TrainingCancelled as stop:
        raise KeyboardInterrupt from stop
    typer.echo(page)


def report(
    folder: Annotated[Path, typer.Argument(metavar="REPORT", help="Folder made by evaluate.")],
    docs: Annotated[Path | None, typer.Option(metavar="FILE.md", help="Also write a documentation page.")] = None,
) -> None:
    """Write a report's page again from its results, and a page of documentation with --docs."""
    from synth_app.evaluation.study import document, rebuild_report

    page = rebuild_report(folder)
    if docs:
        document(folder, docs)
    typer.echo(docs or page)


def psm_report(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    model: Annotated[
        list[str] | None, typer.Option(metavar="MODEL", help="16 kHz model to resynthesise with; repeatable.")
    ] = None,
    notes: Annotated[int, typer.Option(min=1, metavar="N", help="Number of notes.")] = 8,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the choice of notes and of the noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Compare PSM and PSMt with ViSQOL on degraded notes: agreement of independent measures."""
    from synth_app.evaluation.reports.psm_report import psm_report as make_report

    models = [load_model(name) for name in model or ()]
    with progress_bar("notes") as progress:
        made = make_report(data, models, count=notes, seed=seed, progress=progress)
    typer.echo(json.dumps(asdict(made), indent=2) if as_json else made.as_text())


def ablation(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.json", help="File of the rows; continued if it exists.")],
    out_of_domain: Annotated[list[Path], typer.Option(metavar="DIR", help="Test notes of another source; repeatable.")],
    also: Annotated[
        Path, typer.Option(metavar="DIR", help="Second folder of training notes, for the ablations that use it.")
    ],
    spec: Annotated[str, typer.Option(metavar="SPEC", help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    epochs: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Number of epochs of each training.")] = 8,
    frames_per_note: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="N", help="Sampled frames per note and epoch.")
    ] = 24,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only the ablation of this name; repeatable.")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="SEED", help="Seed of split, weights, sampled frames and augmentation.")
    ] = 0,
    threads: Annotated[int, typer.Option(min=1, max=256, metavar="N", help="CPU threads.")] = 1,
) -> None:
    """Compare training settings on out-of-domain notes: a short training each, printed as a table."""
    require_torch()
    from synth_app.evaluation.reports.ablation import ABLATIONS, as_markdown, run_ablation
    from synth_app.training.settings import FitSettings, TrainSettings

    if spec not in SPECS:
        raise UserError(f"no frame specification {spec!r}; choose one of {', '.join(SPECS)}")
    names = [each.name for each in ABLATIONS]
    if unknown := set(only or ()) - set(names):
        raise UserError(f"no ablation {sorted(unknown)}; choose from: {', '.join(names)}")
    chosen = [each for each in ABLATIONS if each.name in (only or names)]
    fit = FitSettings(epochs=epochs, patience=epochs, beta=1e-5, frames_per_note=frames_per_note, augment=0.8,
                      precision="bfloat16")  # fmt: skip
    base = TrainSettings(
        data, "residual-vae", SPECS[spec], 16, seed, "instrument", fit=fit, also=(also,), threads=threads
    )
    try:
        rows = run_ablation(base, out_of_domain, out, ablations=chosen, report=_print_progress)
    except TrainingCancelled as stop:
        raise KeyboardInterrupt from stop
    typer.echo(as_markdown(rows))


def _print_progress(progress: Progress) -> None:
    """Print a line per epoch, measured cell and ablation on stderr."""
    if progress.valid_rmse_db is not None or progress.stage in ("measure", "ablation"):
        print(f"{progress.stage} {progress.done}/{progress.total}: {progress.message}", file=sys.stderr)


def pitch_report(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")],
    split: Annotated[
        str | None,
        typer.Option(metavar="SPLIT", help="Only the test notes of this split (note or instrument), made with --seed."),
    ] = None,
    count: Annotated[int, typer.Option("--notes", min=1, metavar="N", help="Maximum number of notes.")] = 120,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the split and of the choice of notes.")] = 0,
    lock: Annotated[float, typer.Option(metavar="VALUE", parser=parse_fraction, help="Value of Harmonic lock.")] = 0.0,
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
    typer.echo(
        f"{loaded.card.name}, {figures.notes} notes, {split or 'no'} split, lock {lock:g}\n{_pitch_text(figures)}"
    )


def _pitch_text(f: "PitchFigures") -> str:
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
