"""`synth-app train-folder`: from a folder of recordings to a model to play, with a verdict in words."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.support.loading import shown
from synth_app.training import TrainingCancelled


def train_folder(
    recordings: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of recordings, one note each.")],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name of the model.  [default: the folder's]")
    ] = "",
    start: Annotated[str, typer.Option("--from", metavar="MODEL", help="Model to fine-tune.")] = DEFAULT_MODEL,
    family: Annotated[
        str, typer.Option(metavar="FAMILY", help="Fit a new model of this family instead, such as residual-vae.")
    ] = "",
    latent: Annotated[int, typer.Option(metavar="SIZE", help="Latent size of a new model.")] = 16,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Number of epochs.  [default: 12; 90 for a new model]")
    ] = None,
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Licence of the recordings, such as CC0.")] = "",
    threads: Annotated[int, typer.Option(metavar="N", min=1, max=256, help="CPU threads.")] = 2,
) -> None:
    """Check recordings, apply the suggested remedies, and train a model on them. It appears among your models.

    PCA needs no torch and is ready first. With torch, MODEL is fine-tuned, or with --family a new one is fitted.
    Run the command again to continue.
    """
    from synth_app.dataset.check import check_recordings
    from synth_app.modelfile.catalog import user_model_folder
    from synth_app.session.trainings.lengths import USUAL, lengths
    from synth_app.session.trainings.library import TrainingLibrary
    from synth_app.session.trainings.plan import FineTuning, NewModel
    from synth_app.session.trainings.run import run_training

    title = name or shown(recordings.resolve().name)[:64]
    library = TrainingLibrary()
    beginning = NewModel(family, latent) if family else FineTuning(find_model(start))
    entry = library.unfinished(title, recordings, beginning)
    if entry is None:
        with progress_bar("checking files") as progress:
            found = check_recordings(recordings, jobs=threads, progress=progress)
        for problem in found.problems:
            typer.echo(f"{problem.actions[0]}: {shown(problem.path.name)}: {problem.what}", err=True)
        for remark in found.remarks:
            typer.echo(f"note: {remark}", err=True)
        usual = next((each.epochs for each in lengths(beginning)[USUAL:]), 1)
        entry = library.create(
            title, recordings, found.choices(), beginning, licence=licence, epochs=usual if epochs is None else epochs
        )
    try:
        run_training(entry, user_model_folder(), _Log(), lambda: False, threads=threads)
    except (KeyboardInterrupt, TrainingCancelled) as stop:
        print("synth-app: stopped; run the command again to continue from the last complete epoch", file=sys.stderr)
        raise typer.Exit(130) from stop


class _Log:
    """Prints a line for each model, epoch and the verdict."""

    def __call__(self, message: object) -> None:
        from synth_app.session.trainings.messages import Done, EpochDone, NoTorch, Playable

        match message:
            case Playable(path, title):
                print(f"{title} can be played: {path}", file=sys.stderr)
            case EpochDone(epoch=epoch, epochs=epochs, train_db=train_db, valid_db=valid_db, seconds_left=left):
                figures = f"error {train_db:.2f} dB, of held-out notes {valid_db:.2f} dB"
                print(f"epoch {epoch}/{epochs}: {figures}, {left:.0f} s left", file=sys.stderr)
            case NoTorch(command):
                print(f"torch is not installed, so PCA is the result; to fine-tune: {command}", file=sys.stderr)
            case Done(path, verdict):
                typer.echo(f"{path}\n{verdict}")
