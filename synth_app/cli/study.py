"""Commands around the reference study and its ear: evaluate, report, psm-report, levers."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synth_app.support.errors import UserError
from synth_app.training import SPECS, Progress, TrainingCancelled, require_torch


def evaluate(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    out: Annotated[Path, typer.Option("--out", metavar="REPORT", help="Folder of the report; continued if there.")],
    grid: Annotated[str, typer.Option(help="study, or FAMILIES:SIZES:SPLITS, e.g. pca,dae:4,16:note")] = "study",
    models: Annotated[Path | None, typer.Option(help="Folder of the grid's models; REPORT/models without it.")] = None,
    spec: Annotated[str, typer.Option(help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    budget: Annotated[str, typer.Option(help="Of each training: quick, study or long.")] = "study",
    bank: Annotated[Path | None, typer.Option(help="Folder of notes for the note banks, if not DATA.")] = None,
    listen: Annotated[int, typer.Option(min=1, max=10_000, help="Test notes of each split to listen to.")] = 16,
    threads: Annotated[int, typer.Option(min=1, max=256, help="CPU threads.")] = 1,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Dask scheduler; else this machine.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Trainings at once on this machine.")] = 1,
    train: Annotated[bool, typer.Option("--train/--no-train", help="Train what is missing, or leave it out.")] = True,
) -> None:
    """Train or load every family at every size, measure all, and write one page. Given again, it goes on."""
    from synth_app.evaluation.study import StudyJob
    from synth_app.evaluation.study import evaluate as run
    from synth_app.evaluation.study.measurements.grid_spec import parse_grid
    from synth_app.evaluation.study.page.report import require_matplotlib
    from synth_app.training.grid import GridSettings

    if spec not in SPECS:
        raise UserError(f"no frames {spec!r}; choose one of {', '.join(SPECS)}")
    cells = parse_grid(grid)
    if train:
        require_torch()
    require_matplotlib()  # before hours of training
    settings = GridSettings(data, models or out / "models", spec=SPECS[spec], budget=budget, bank=bank, threads=threads)
    job = StudyJob(settings, cells, out, train=train, listened=listen, scheduler=scheduler, workers=workers)
    try:
        page = run(job, report=_told)
    except TrainingCancelled as stop:
        raise KeyboardInterrupt from stop
    typer.echo(page)


def report(
    folder: Annotated[Path, typer.Argument(metavar="REPORT", help="Folder made by evaluate.")],
    docs: Annotated[Path | None, typer.Option(metavar="FILE.md", help="Also write this page and pictures.")] = None,
) -> None:
    """Write a report's page anew from what is measured, and a page of documentation if asked."""
    from synth_app.evaluation.study import document, rebuild

    page = rebuild(folder)
    if docs:
        document(folder, docs)
    typer.echo(docs or page)


def psm_report(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    model: Annotated[list[str] | None, typer.Option(help="16 kHz model whose resynthesis is judged too.")] = None,
    notes: Annotated[int, typer.Option(min=1, help="Notes drawn.")] = 8,
    seed: Annotated[int, typer.Option(help="Of the draw and of noise.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Set PSM and PSMt beside ViSQOL on degraded notes: how far two independent measures agree."""
    from synth_app.cli.progress import progress_bar
    from synth_app.decoder import load_model
    from synth_app.evaluation.reports.psm_report import psm_report as judge

    with progress_bar("notes") as told:
        found = judge(data, [load_model(name) for name in model or ()], count=notes, seed=seed, progress=told)
    typer.echo(json.dumps(asdict(found), indent=2) if as_json else found.as_text())


def levers(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.json", help="Rows; continued if there.")],
    elsewhere: Annotated[list[Path], typer.Option(help="Notes of another source, to judge by; may be given again.")],
    also: Annotated[Path, typer.Option(help="Second folder to learn from, for the levers that use it.")],
    spec: Annotated[str, typer.Option(help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="Of each training.")] = 8,
    frames_per_note: Annotated[int, typer.Option(min=1, max=10_000, help="Drawn anew every epoch.")] = 24,
    only: Annotated[list[str] | None, typer.Option(help="Only the lever of this name; may be given again.")] = None,
    seed: Annotated[int, typer.Option(help="Of split, weights, drawn frames and augmentation.")] = 0,
    threads: Annotated[int, typer.Option(min=1, max=256, help="CPU threads.")] = 1,
) -> None:
    """Compare what might help on sounds from elsewhere: a short training each, printed as a table."""
    require_torch()
    from synth_app.evaluation.reports.ablation import ABLATIONS, as_markdown, run_ablation
    from synth_app.training.settings import FitSettings, TrainSettings

    if spec not in SPECS:
        raise UserError(f"no frames {spec!r}; choose one of {', '.join(SPECS)}")
    wanted = [lever for lever in ABLATIONS if lever.name in (only or [lever.name])]
    if unknown := set(only or ()) - {lever.name for lever in ABLATIONS}:
        raise UserError(f"no lever {sorted(unknown)}; choose of: {', '.join(lever.name for lever in ABLATIONS)}")
    fit = FitSettings(epochs=epochs, patience=epochs, beta=1e-5, frames_per_note=frames_per_note, augment=0.8,
                      precision="bfloat16")  # fmt: skip
    base = TrainSettings(
        data, "residual-vae", SPECS[spec], 16, seed, "instrument", fit=fit, also=(also,), threads=threads
    )
    try:
        rows = run_ablation(base, elsewhere, out, levers=wanted, report=_told)
    except TrainingCancelled as stop:
        raise KeyboardInterrupt from stop
    typer.echo(as_markdown(rows))


def _told(progress: Progress) -> None:
    """A line per epoch and per measured cell on stderr."""
    if progress.valid_rmse_db is not None or progress.stage in ("measure", "lever"):
        print(f"{progress.stage} {progress.done}/{progress.total}: {progress.message}", file=sys.stderr)


COMMANDS = (evaluate, report, psm_report, levers)
