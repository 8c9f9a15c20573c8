"""Commands that make and judge models: train, score, grid, adopt."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.modelfile import ModelCard, read_card
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.training import SPECS, Progress, TrainingCancelled, TrainSettings, require_torch
from synth_app.training.fit.torchrun import leads

if TYPE_CHECKING:
    from synth_app.evaluation.score import Scored
    from synth_app.training.settings import FitSettings

DataArgument = Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")]
DeviceOption = Annotated[str, typer.Option(help="What nets are fitted on: cpu, cuda or auto.")]
SchedulerOption = Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://node:8786.")]
_SET = "A setting of the training, such as epochs=40; may be given again."
_ROUNDS = "Refine the encoder's codes so many times; note banks of models without pitch had 1."


def train(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", help="Model file to write (.safetensors); its name is the model's.")],
    family: Annotated[str, typer.Option(help="pca, dae, vae, residual-vae, ...")] = "residual-vae",
    spec: Annotated[str, typer.Option(help="Frames: paper (16 kHz) or full (48 kHz).")] = "full",
    latent: Annotated[int, typer.Option(help="Numbers per code.")] = 16,
    seed: Annotated[int, typer.Option(help="Of split, weights, drawn frames and augmentation.")] = 0,
    split: Annotated[str, typer.Option(help="Held out: note, instrument, fold-1 ... or a .json file.")] = "note",
    also: Annotated[list[Path] | None, typer.Option(help="More notes, to learn from only; may be given again.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_SET)] = None,
    bank: Annotated[Path | None, typer.Option(help="Folder of notes for the note bank, if not DATA.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: DeviceOption = "cpu",
    scheduler: SchedulerOption = None,
) -> None:
    """Train a model and write it with its scores and note bank. Given again after a stop, it continues."""
    require_torch()
    from synth_app.evaluation import produce_model

    if out.suffix != ".safetensors":
        raise UserError(f"{out}: models are .safetensors files; choose a name that ends so")
    job = TrainSettings(
        data, family, _spec(spec), latent, seed, split, _fit(family, _spec(spec), settings or []),
        also=tuple(also or ()), bank=bank, threads=threads, device=device, scheduler=scheduler,
    )  # fmt: skip
    with _continued():
        model = produce_model(job, out, report=_TrainingLog())
    if not leads():
        return
    for score in model.card.scores:
        ratio = score.rmse_pooled_db / score.pca_pooled_db
        typer.echo(
            f"{score.split} split: {score.rmse_pooled_db:.2f} dB pooled, {score.rmse_per_note_db:.2f} per note; "
            f"PCA {score.pca_pooled_db:.2f}, {score.pca_per_note_db:.2f}; {ratio:.3f} x PCA"
        )
    typer.echo(f"{out}: {model.card.frame_spec}; {len(model.bank)} notes in its bank")


@contextmanager
def _continued() -> Iterator[None]:
    """On Ctrl+C says that nothing is lost."""
    try:
        yield
    except (KeyboardInterrupt, TrainingCancelled) as stop:
        print("synth-app: stopped; the same command goes on from the last whole epoch", file=sys.stderr)
        raise typer.Exit(130) from stop


class _TrainingLog:
    """Prints a line per stage and epoch on stderr, in the first of several processes."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        if not leads():
            return
        news = progress.message if progress.valid_rmse_db is not None or progress.stage != self._stage else ""
        self._stage = progress.stage
        if news:
            print(f"{progress.stage} {progress.done}/{progress.total}: {news}", file=sys.stderr)


def score(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", help="Model name or file.")],
    split: Annotated[str | None, typer.Option(help="Only the test notes of this split (note, instrument).")] = None,
    seed: Annotated[int, typer.Option(help="Of the split.")] = 0,
    rounds: Annotated[int, typer.Option(min=0, max=20, help=_ROUNDS)] = 0,
    pca_of: Annotated[Path | None, typer.Option(metavar="DATA", help="Beside PCA of these training notes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Print a model's reconstruction error on any folder of notes, by both definitions of a frame that counts."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.evaluation import score_by_rules, training_axes
    from synth_app.training.data.split_and_pca import held_out

    loaded = load_model(model)
    axes = training_axes(loaded.file, pca_of) if pca_of else None
    notes = held_out(read_notes(data), split, seed)
    with progress_bar("scoring") as told:
        scored = score_by_rules(loaded.file, data, notes, axes, rounds=rounds, progress=told)
    if as_json:
        typer.echo(json.dumps(_score_as_dict(loaded.card, scored), indent=2))
    else:
        typer.echo(_score_as_text(loaded.card, scored, pca_of))


def _score_as_dict(card: ModelCard, scored: "Scored") -> dict[str, object]:
    """The first rule's figures at the top, as ever; all rules' under "rules"."""
    from synth_app.evaluation.metrics.frame_rules import RULES

    linear = scored.pca or (None,) * len(RULES)
    rules = {
        rule.name: {"definition": rule.text, **asdict(made.rmse()), **({"pca": asdict(by.rmse())} if by else {})}
        for rule, made, by in zip(RULES, scored.model, linear, strict=True)
    }
    first = {key: value for key, value in rules[RULES[0].name].items() if key != "definition"}
    held_out = [score.model_dump() for score in card.scores]
    return {"model": card.name, "spec": str(card.frame_spec), **first, "rules": rules, "held_out": held_out}


def _score_as_text(card: ModelCard, scored: "Scored", pca_of: Path | None) -> str:
    from synth_app.evaluation.metrics.frame_rules import RULES

    lines = [
        f"{card.name} ({card.frame_spec}); RMSE in dB re a full-scale sine, each frame's maximum taken out as gain"
    ]
    for i, rule in enumerate(RULES):
        made = scored.model[i].rmse()
        lines.append(f"{rule.name}: {made.pooled_db:.2f} dB pooled over {made.frames} frames, "
                     f"{made.per_note_db:.2f} dB mean of {made.notes} notes ({rule.text})")  # fmt: skip
        if scored.pca:
            by = scored.pca[i].rmse()
            lines.append(f"  PCA of {pca_of}: {by.pooled_db:.2f} dB pooled, {by.per_note_db:.2f} per note; "
                         f"the model has {made.pooled_db / by.pooled_db:.3f} x PCA")  # fmt: skip
    for score in card.scores:
        lines.append(f"its card, held-out notes of the {score.split} split: {score.rmse_pooled_db:.2f} dB pooled, PCA "
                     f"{score.pca_pooled_db:.2f}: {score.rmse_pooled_db / score.pca_pooled_db:.3f} x PCA")  # fmt: skip
    return "\n".join(lines)


def grid(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder of the model files, checkpoints and logs.")],
    family: Annotated[list[str] | None, typer.Option(help="One family; may be given again. All if not given.")] = None,
    latent: Annotated[list[int] | None, typer.Option(help="One encoding size; may be given again.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="note, instrument; may be given again.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="One seed; may be given again. 0 if not given.")] = None,
    spec: Annotated[str, typer.Option(help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    budget: Annotated[str, typer.Option(help="Training of every family: quick, study or long.")] = "study",
    bank: Annotated[Path | None, typer.Option(help="Folder of notes for the note banks, if not DATA.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads of one training.")] = 1,
    device: DeviceOption = "cpu",
    workers: Annotated[int, typer.Option(help="Trainings at once, each a process of this machine.")] = 1,
    scheduler: SchedulerOption = None,
) -> None:
    """Train every family at every encoding size and split. Given again after a stop, it continues."""
    require_torch()
    from synth_app.training import grid as grids

    settings = grids.GridSettings(data, out, _spec(spec), budget, bank, threads=threads, device=device)
    cells = grids.grid_cells(
        family or grids.FAMILIES, latent or grids.SIZE_ORDER, split or ("note", "instrument"), seed or (0,)
    )
    done = grids.train_cells(cells, settings, scheduler=scheduler, workers=workers, report=_TrainingLog())
    with _continued():
        for i, (cell, path) in enumerate(done, start=1):
            training = read_card(path).training
            typer.echo(f"{i}/{len(cells)} {cell.name}: {training.epochs} epochs, {training.seconds:.0f} s")


def adopt(
    data: DataArgument,
    models: Annotated[Path, typer.Option("--models", help="Folder of a grid's model files.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write models into, named such as dae-16k.")],
    family: Annotated[list[str], typer.Option(help="One family; may be given again.")],
    latent: Annotated[int, typer.Option(help="Encoding size.")] = 16,
    spec: Annotated[str, typer.Option(help="Frames of the grid: paper (16 kHz) or full (48 kHz).")] = "paper",
    budget: Annotated[str, typer.Option(help="Of the grid: quick, study or long.")] = "study",
) -> None:
    """Make a grid's cells models to be played: the note split's, with the scores of both splits in their cards."""
    require_torch()
    from synth_app.evaluation.adopt import adopt_cells
    from synth_app.training.grid import GridSettings

    settings = GridSettings(data, models, _spec(spec), budget)
    for path in adopt_cells(settings, family, latent, out, report=_TrainingLog()):
        scores = read_card(path).scores
        ratios = ", ".join(f"{score.split} {score.rmse_pooled_db / score.pca_pooled_db:.3f} x PCA" for score in scores)
        typer.echo(f"{path}: {ratios}")


def _fit(family: str, spec: FrameSpec, changes: list[str]) -> "FitSettings | None":
    from synth_app.training.families import family as known
    from synth_app.training.settings import changed_fit

    return changed_fit(known(family).fit(spec), changes) if changes else None


def _spec(name: str) -> FrameSpec:
    if name not in SPECS:
        raise UserError(f"no frames {name!r}; choose one of {', '.join(SPECS)}")
    return SPECS[name]


COMMANDS = (train, score, grid, adopt)
