"""Commands that train and score models: train, score, grid, adopt, correct."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.decoder.correction_fit import SHAPES
from synth_app.modelfile import ModelCard, find_model, read_card
from synth_app.modelfile.correction import MAX_SHAPES
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.support.loading import shown
from synth_app.training import SPECS, Progress, TrainingCancelled, TrainSettings, require_torch
from synth_app.training.families.registry import fit_of
from synth_app.training.fit.torchrun import is_leader
from synth_app.training.settings import PCA_NAME, fine_tuning, with_changes

if TYPE_CHECKING:
    from synth_app.evaluation.score import Errors, RuleScores

DataArgument = Annotated[Path, typer.Argument(metavar="DATA", help="Folder in NSynth's layout.")]
DeviceOption = Annotated[str, typer.Option(metavar="DEVICE", help="Device to train on: cpu, cuda or auto.")]
SchedulerOption = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Address of a Dask scheduler, such as tls://node:8786.")
]
_SET = "A training setting, such as epochs=40; repeatable."
_SCORE_ON = (
    "Split to score the model on (note, instrument, ...), or none; repeatable. For each split other than --split a "
    "second net is trained, because the model has seen that split's test notes. Default: note and instrument."
)
_STEPS = "Steps of latent optimisation after the encoder; note banks of models without pitch conditioning use 1."


# Typer makes one option of every parameter, so commands have more than eight parameters.
def train(
    data: DataArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Model file to write (.safetensors); its name is the model's.")
    ],
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="MODEL", help="Model to fine-tune; its family, frames and latent size stay."),
    ] = None,
    family: Annotated[
        str, typer.Option(metavar="FAMILY", help="Model family: pca, dae, vae, residual-vae, ...")
    ] = "residual-vae",
    spec: Annotated[str, typer.Option(metavar="SPEC", help="Frames: paper (16 kHz) or full (48 kHz).")] = "full",
    latent: Annotated[int, typer.Option(metavar="SIZE", help="Latent size: number of latent dimensions.")] = 16,
    seed: Annotated[
        int, typer.Option(metavar="SEED", help="Seed of split, weights, sampled frames and augmentation.")
    ] = 0,
    split: Annotated[
        str, typer.Option(metavar="SPLIT", help="Held-out notes: note, instrument, fold-1 ... or a .json file.")
    ] = "note",
    score_on: Annotated[list[str] | None, typer.Option(metavar="SPLIT", help=_SCORE_ON)] = None,
    also: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="Additional training notes; repeatable.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_SET)] = None,
    bank: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of notes for the note bank, if not DATA.")
    ] = None,
    threads: Annotated[int, typer.Option(metavar="N", help="CPU threads.")] = 2,
    device: DeviceOption = "cpu",
    scheduler: SchedulerOption = None,
) -> None:
    """Train a model and write it with its scores and note bank. Run it again to continue after a stop."""
    if family != PCA_NAME or start or scheduler:
        require_torch()
    from synth_app.evaluation import produce_model
    from synth_app.training.output import check_output

    check_output(out)
    job = TrainSettings(
        data, family, _spec(spec), latent, seed, split, also=tuple(also or ()), bank=bank, threads=threads,
        device=device, scheduler=scheduler,
    )  # fmt: skip
    if start:
        own = fine_tuning(find_model(start), data)
        job = replace(job, start=own.start, family=own.family, spec=own.spec, latent_size=own.latent_size)
    if settings:
        job = replace(job, fit=with_changes(fit_of(job), settings))
    with _stop_message():
        model = produce_model(job, out, score_splits=_splits_to_score(score_on), report=_TrainingLog())
    if not is_leader():
        return
    for score in model.card.scores:
        ratio = score.rmse_pooled_db / score.pca_pooled_db
        typer.echo(
            f"{score.split} split: {score.rmse_pooled_db:.2f} dB pooled, {score.rmse_per_note_db:.2f} per note; "
            f"PCA {score.pca_pooled_db:.2f}, {score.pca_per_note_db:.2f}; {ratio:.3f} x PCA"
        )
    typer.echo(f"{out}: {model.card.frame_spec}; {len(model.bank)} notes in its bank")


@contextmanager
def _stop_message() -> Iterator[None]:
    """On Ctrl+C, print how to continue."""
    try:
        yield
    except (KeyboardInterrupt, TrainingCancelled) as stop:
        print("synth-app: stopped; run the command again to continue from the last complete epoch", file=sys.stderr)
        raise typer.Exit(130) from stop


class _TrainingLog:
    """Prints a line per stage and epoch on stderr, in the first of several processes only."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        if not is_leader():
            return
        always = progress.valid_rmse_db is not None or progress.stage == "skipped"
        news = progress.message if always or progress.stage != self._stage else ""
        self._stage = progress.stage
        if news:
            print(f"{progress.stage} {progress.done}/{progress.total}: {news}", file=sys.stderr)


def score(
    data: DataArgument,
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name or file.")],
    split: Annotated[
        str | None, typer.Option(metavar="SPLIT", help="Only the test notes of this split (note, instrument).")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="SEED", help="Seed of the split and of --notes.")] = 0,
    count: Annotated[
        int | None, typer.Option("--notes", min=1, metavar="N", help="Number of notes, chosen at random; default: all.")
    ] = None,
    gauss_newton_steps: Annotated[int, typer.Option(min=0, max=20, metavar="N", help=_STEPS)] = 0,
    pca_of: Annotated[Path | None, typer.Option(metavar="DATA", help="Also score PCA of these training notes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Print a model's error on a folder of notes: RMSE by both frame rules, and audible errors, beside baselines."""
    from synth_app.dataset.nsynth import read_notes
    from synth_app.evaluation import score_by_rules, training_axes
    from synth_app.training.data.split_and_pca import held_out, some_notes

    loaded = load_model(model)
    axes = training_axes(loaded.file, pca_of) if pca_of else None
    notes = some_notes(held_out(read_notes(data), split, seed), count, seed)
    with progress_bar("scoring") as progress:
        scored = score_by_rules(
            loaded.file, data, notes, axes, gauss_newton_steps=gauss_newton_steps, progress=progress
        )
    if as_json:
        typer.echo(json.dumps(_score_as_dict(loaded.card, scored), indent=2))
    else:
        typer.echo(_score_as_text(loaded.card, scored, pca_of))


def _score_as_dict(card: ModelCard, scored: "RuleScores") -> dict[str, object]:
    """Return the first rule's values at the top level, and all rules' under "rules"."""
    from synth_app.evaluation.metrics.frame_rules import RULES

    baselines = {"harmonic_envelope": scored.harmonic_envelope, **({"pca": scored.pca} if scored.pca else {})}
    rules = {
        rule.name: {
            "definition": rule.text,
            **asdict(scored.model.rules[i].rmse()),
            **{name: asdict(errors.rules[i].rmse()) for name, errors in baselines.items()},
        }
        for i, rule in enumerate(RULES)
    }
    first = {key: value for key, value in rules[RULES[0].name].items() if key != "definition"}
    audible = {name: asdict(errors.audible) for name, errors in {"model": scored.model, **baselines}.items()}
    held_out = [score.model_dump() for score in card.scores]
    return {
        "model": card.name,
        "spec": str(card.frame_spec),
        **first,
        "rules": rules,
        "audible": audible,
        "held_out": held_out,
    }


def _score_as_text(card: ModelCard, scored: "RuleScores", pca_of: Path | None) -> str:
    from synth_app.evaluation.metrics.frame_rules import RULES

    baselines = {
        "harmonic envelope of 16 numbers": scored.harmonic_envelope,
        **({f"PCA of {pca_of}": scored.pca} if scored.pca else {}),
    }
    lines = [f"{card.name} ({card.frame_spec}); RMSE in dB re a full-scale sine, each frame's maximum removed as gain"]
    for i, rule in enumerate(RULES):
        own = scored.model.rules[i].rmse()
        lines.append(f"{rule.name}: {own.pooled_db:.2f} dB pooled over {own.frames} frames, "
                     f"{own.per_note_db:.2f} dB mean of {own.notes} notes ({rule.text})")  # fmt: skip
        for name, errors in baselines.items():
            other = errors.rules[i].rmse()
            lines.append(f"  {name}: {other.pooled_db:.2f} dB pooled, {other.per_note_db:.2f} per note; "
                         f"the model has {_ratio(own.pooled_db, other.pooled_db)} times its error")  # fmt: skip
    lines.append(f"audible errors of the active frames in dB\n{'':34} bins over -40 dB  mel bands  partials   bias")
    lines += [_audible_row(name, errors) for name, errors in {card.name: scored.model, **baselines}.items()]
    for score in card.scores:
        ratio = score.rmse_pooled_db / score.pca_pooled_db
        lines.append(f"model card, held-out notes of the {score.split} split: {score.rmse_pooled_db:.2f} dB pooled, "
                     f"PCA {score.pca_pooled_db:.2f}; {ratio:.3f} x PCA")  # fmt: skip
    return "\n".join(lines)


def _ratio(own: float, other: float) -> str:
    return f"{own / other:.3f}" if other else "-"


def _audible_row(name: str, errors: "Errors") -> str:
    a = errors.audible
    return f"{name:34} {a.loud_db:16.2f} {a.mel_db:10.2f} {a.partials_db:9.2f} {a.partials_bias_db:+6.2f}"


def grid(
    data: DataArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the model files, checkpoints and logs.")],
    family: Annotated[
        list[str] | None,
        typer.Option(metavar="FAMILY", help="Model family; repeatable. Default: all families of the study."),
    ] = None,
    latent: Annotated[list[int] | None, typer.Option(metavar="SIZE", help="Latent size; repeatable.")] = None,
    split: Annotated[
        list[str] | None, typer.Option(metavar="SPLIT", help="What is held out: note or instrument; repeatable.")
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(metavar="SEED", help="Seed; repeatable. Default: 0.")] = None,
    spec: Annotated[str, typer.Option(metavar="SPEC", help="Frames: paper (16 kHz) or full (48 kHz).")] = "paper",
    budget: Annotated[str, typer.Option(metavar="BUDGET", help="Training budget: quick, study or long.")] = "study",
    bank: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of notes for the note banks, if not DATA.")
    ] = None,
    threads: Annotated[int, typer.Option(metavar="N", help="CPU threads of one training.")] = 1,
    device: DeviceOption = "cpu",
    workers: Annotated[
        int, typer.Option(metavar="N", help="Trainings in parallel, each a process of this machine.")
    ] = 1,
    scheduler: SchedulerOption = None,
) -> None:
    """Train every family at every latent size and split. Run it again to continue after a stop."""
    require_torch()
    from synth_app.training import grid as grids

    settings = grids.GridSettings(data, out, _spec(spec), budget, bank, threads=threads, device=device)
    cells = grids.grid_cells(family or (), latent or grids.SIZE_ORDER, split or ("note", "instrument"), seed or (0,))
    done = grids.train_cells(cells, settings, scheduler=scheduler, workers=workers, report=_TrainingLog())
    with _stop_message():
        for i, (cell, path) in enumerate(done, start=1):
            training = read_card(path).training
            typer.echo(f"{i}/{len(cells)} {cell.name}: {training.epochs} epochs, {training.seconds:.0f} s")


def adopt(
    data: DataArgument,
    models: Annotated[Path, typer.Option("--models", metavar="DIR", help="Folder of a grid's model files.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the models, named such as dae-16k.")],
    family: Annotated[list[str], typer.Option(metavar="FAMILY", help="Model family; repeatable.")],
    latent: Annotated[int, typer.Option(metavar="SIZE", help="Latent size.")] = 16,
    spec: Annotated[
        str, typer.Option(metavar="SPEC", help="Frames of the grid: paper (16 kHz) or full (48 kHz).")
    ] = "paper",
    budget: Annotated[
        str, typer.Option(metavar="BUDGET", help="Training budget of the grid: quick, study or long.")
    ] = "study",
) -> None:
    """Turn a grid's note-split cells into models to play, with the scores of both splits in their cards."""
    require_torch()
    from synth_app.evaluation.adopt import adopt_cells
    from synth_app.training.grid import GridSettings

    settings = GridSettings(data, models, _spec(spec), budget)
    for path in adopt_cells(settings, family, latent, out, report=_TrainingLog()):
        scores = read_card(path).scores
        ratios = ", ".join(f"{score.split} {score.rmse_pooled_db / score.pca_pooled_db:.3f} x PCA" for score in scores)
        typer.echo(f"{path}: {ratios}")


def _splits_to_score(chosen: list[str] | None) -> tuple[str, ...] | None:
    """Return the splits that ``--score-on`` names; None for the default."""
    if chosen is None:
        return None
    if "none" in chosen:
        if len(chosen) > 1:
            raise UserError("--score-on none excludes other splits; give either")
        return ()
    return tuple(chosen)


def _spec(name: str) -> FrameSpec:
    if name not in SPECS:
        raise UserError(f"no frame specification {name!r}; choose one of {', '.join(SPECS)}")
    return SPECS[name]


def correct(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model file or name.")],
    bank: Annotated[
        Path, typer.Option("--bank", metavar="DIR", help="Folder of notes that the model's note bank was made from.")
    ],
    velocities: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the same notes at other velocities.  [default: that of --bank]"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Model file to write.  [default: MODEL itself]")
    ] = None,
    shapes: Annotated[
        int, typer.Option(metavar="N", min=0, max=MAX_SHAPES, help="Moving shapes of each correction beside its mean.")
    ] = SHAPES,
) -> None:
    """Fit a correction to every bank note: what the decoder misses of its recording, for the parameter Detail.

    It holds the share of noise too, and how soft strokes differ if there are recordings at several velocities.
    """
    from synth_app.modelfile import find_model, load_model_file, save_model_file
    from synth_app.training.export.corrections import with_corrections
    from synth_app.training.output import check_output

    path = find_model(model)
    check_output(out or path)
    with progress_bar("notes") as report_progress:
        file = with_corrections(
            load_model_file(path), bank, lambda now: report_progress(now.done, now.total), shapes, velocities
        )
    save_model_file(out or path, file)
    typer.echo(f"{shown(out or path)}: {len(file.bank)} notes corrected")
