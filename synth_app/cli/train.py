"""Commands that make and judge models: train, score, pitch-report."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.errors import UserError
from synth_app.training import SPECS, SPLITS, Progress, TrainingCancelled, TrainSettings, require_torch

DataArgument = Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")]


def train(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", help="Model file to write (.safetensors); its name is the model's.")],
    family: Annotated[str, typer.Option(help="pca, dae, vae, residual-vae, ...")] = "residual-vae",
    spec: Annotated[str, typer.Option(help="Frames: paper (16 kHz) or full (48 kHz).")] = "full",
    latent: Annotated[int, typer.Option(help="Numbers per code.")] = 16,
    seed: Annotated[int, typer.Option(help="Of split, weights, drawn frames and augmentation.")] = 0,
    split: Annotated[str, typer.Option(help="What is held out: note or instrument.")] = "note",
    also: Annotated[Path | None, typer.Option(help="Second folder of notes, to learn from only.")] = None,
    bank: Annotated[Path | None, typer.Option(help="Folder of notes for the note bank, if not DATA.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
) -> None:
    """Train a model and write it with its scores and note bank. Given again after a stop, it continues."""
    require_torch()
    from synth_app.evaluation import produce_model

    if spec not in SPECS:
        raise UserError(f"no frames {spec!r}; choose one of {', '.join(SPECS)}")
    if out.suffix != ".safetensors":
        raise UserError(f"{out}: models are .safetensors files; choose a name that ends so")
    settings = TrainSettings(data, family, SPECS[spec], latent, seed, split, also=also, bank=bank, threads=threads)
    told = _TrainingLog()
    try:
        model = produce_model(settings, out, report=told)
    except TrainingCancelled as stop:
        raise KeyboardInterrupt from stop
    for score in model.card.scores:
        ratio = score.rmse_pooled_db / score.pca_pooled_db
        typer.echo(
            f"{score.split} split: {score.rmse_pooled_db:.2f} dB pooled, {score.rmse_per_note_db:.2f} per note; "
            f"PCA {score.pca_pooled_db:.2f}, {score.pca_per_note_db:.2f}; {ratio:.3f} x PCA"
        )
    typer.echo(f"{out}: {model.card.frame_spec}; {len(model.bank)} notes in its bank")


class _TrainingLog:
    """Prints a line per stage and epoch on stderr."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        news = progress.message if progress.valid_rmse_db is not None or progress.stage != self._stage else ""
        self._stage = progress.stage
        if news:
            print(f"{progress.stage} {progress.done}/{progress.total}: {news}", file=sys.stderr)


def score(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", help="Model name or file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Print a model's reconstruction error on any folder of notes."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.evaluation import score_model

    loaded = load_model(model)
    with progress_bar("scoring") as told:
        rmse = score_model(loaded.file, data, read_notes(data), progress=told)
    if as_json:
        typer.echo(json.dumps({"model": loaded.card.name, "spec": str(loaded.spec), **asdict(rmse)}, indent=2))
        return
    typer.echo(f"{loaded.card.name} ({loaded.spec}): RMSE {rmse.pooled_db:.2f} dB pooled over {rmse.frames} frames, "
               f"{rmse.per_note_db:.2f} dB mean of {rmse.notes} notes")  # fmt: skip


def pitch_report(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", help="Model name or file.")],
    split: Annotated[
        str | None, typer.Option(help="Only the test notes of this split (note or instrument), drawn with --seed.")
    ] = None,
    count: Annotated[int, typer.Option("--notes", min=1, help="Most notes played.")] = 120,
    seed: Annotated[int, typer.Option(help="Of the split and of the notes drawn.")] = 0,
    lock: Annotated[float, typer.Option(min=0.0, max=1.0, help="The sound's Lock parameter.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Play notes through the engine at their own key and at another, and measure spectra and pitches (pYIN)."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.evaluation.pitch_report import pitch_figures
    from synth_app.modelfile import find_model
    from synth_app.training.preparation import draw_split

    if split not in (None, *SPLITS):
        raise UserError(f"no split {split!r}; choose one of {', '.join(SPLITS)}, or none for all notes")
    path = find_model(Path(model) if model.endswith(".safetensors") else model)
    notes = read_notes(data)
    if split is not None:
        held_out = set(draw_split(notes, split, seed).test)
        notes = tuple(note for note in notes if note.note_str in held_out)
    loaded = load_model(path)
    with progress_bar("playing") as told:
        figures, _ = pitch_figures(loaded, str(path), data, notes, count=count, seed=seed, lock=lock, progress=told)
    if as_json:
        typer.echo(json.dumps({"model": loaded.card.name, "split": split, "lock": lock, **asdict(figures)}, indent=2))
        return
    f = figures
    typer.echo(
        f"{loaded.card.name}, {f.notes} notes, {split or 'no'} split, lock {lock:g}\n"
        f"frames: RMSE {f.rmse_own_db:.2f} dB at the own pitch, {f.rmse_other_db:.2f} dB at another (real note there)\n"
        f"pitch within 50 cents: recordings {f.recorded_right:.1%}, own key {f.own_right:.1%}, another key "
        f"{f.other_right:.1%} ({f.other_right_of_recorded:.1%} where the recording was right)\n"
        f"distance of those, median and 95th percentile: own key {f.own_cents:.1f} and {f.own_p95_cents:.1f} cents, "
        f"another key {f.other_cents:.1f} and {f.other_p95_cents:.1f} cents"
    )


COMMANDS = (train, score, pitch_report)
