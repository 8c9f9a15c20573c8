"""The folder of the user's trainings: one folder for each, with its plan, notes, checkpoints and models."""

import logging
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_app.dataset.recordings.choice import FileChoice
from synth_app.modelfile import model_folders
from synth_app.modelfile.catalog import SUFFIX, user_model_folder
from synth_app.session.trainings.plan import (
    LATENT_SIZES,
    MAX_EPOCHS,
    MAX_NOTES,
    PLAN_NAME,
    Beginning,
    FineTuning,
    NewModel,
    TrainingPlan,
    read_plan,
    saved_choices,
    write_plan,
)
from synth_app.support.errors import UserError
from synth_app.support.file_names import ascii_slug, free_path
from synth_app.support.files import reason
from synth_app.support.loading import shown
from synth_app.support.resources import user_folder
from synth_app.training.families.registry import family_entry

logger = logging.getLogger(__name__)

EPOCHS_FOLDER, PCA_FILE = "epochs", "pca.safetensors"


@dataclass(frozen=True)
class TrainingEntry:
    """One training: its folder, and what it does."""

    folder: Path
    plan: TrainingPlan

    @property
    def finished(self) -> bool:
        """Whether it ended with a verdict."""
        return bool(self.plan.verdict)

    @property
    def result(self) -> Path:
        """File of the model in the user's library. It is not there before the end, nor if the user deleted it."""
        return user_model_folder() / f"{self.plan.model}{SUFFIX}"

    def playable(self) -> tuple[Path, ...]:
        """Return the models that can be heard so far: PCA, then one of each epoch."""
        found = [self.folder / PCA_FILE, *sorted((self.folder / EPOCHS_FOLDER).glob(f"[!.]*{SUFFIX}"))]
        return tuple(path for path in found if path.is_file())


def training_folder() -> Path:
    """Return the folder of the user's trainings: $SYNTH_APP_TRAININGS, else in the user's data folder."""
    override = os.environ.get("SYNTH_APP_TRAININGS")
    return Path(override) if override else user_folder("data") / "trainings"


class TrainingLibrary:
    """The user's trainings. It reads its folder when it is asked.

    Attributes:
        folder: of the trainings. It need not exist.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or training_folder()

    def entries(self) -> tuple[TrainingEntry, ...]:
        """Return every training that can be read, by name."""
        found = list[TrainingEntry]()
        for path in sorted(self.folder.glob(f"[!.]*/{PLAN_NAME}")):
            try:
                found.append(TrainingEntry(path.parent, read_plan(path)))
            except UserError as error:
                logger.warning("training cannot be used: %s", error)
        return tuple(found)

    def unfinished(self, name: str, source: Path, beginning: Beginning) -> TrainingEntry | None:
        """Return the last training of that kind that did not end; None if there is none. Arguments as ``create``."""
        wanted = {"name": name, "source": str(source.resolve()), **_saved_beginning(beginning)}
        left = [each for each in self.entries() if not each.finished]
        found = [each for each in left if wanted.items() <= dict(each.plan).items()]
        return found[-1] if found else None

    def create(
        self, name: str, source: Path, choices: Mapping[Path, FileChoice], beginning: Beginning, *, licence: str,
        epochs: int,
    ) -> TrainingEntry:  # fmt: skip
        """Make the folder of a new training; nothing is computed yet.

        Args:
            name: of the model.
            source: folder of the recordings.
            choices: of its files, from ``Preflight.choices``.
            beginning: a model to fine-tune, or the family and size of a new one.
            licence: of the recordings. epochs: of the training.

        Raises:
            UserError: too many recordings or epochs or none, no such family, a latent size out of range, a text is too
                long, or the folder cannot be written.
        """
        used = sum(not each.leave_out for each in choices.values())
        if not 0 < used <= MAX_NOTES:
            raise UserError(f"{used} recordings are used; a training beside the window takes 1 to {MAX_NOTES}")
        if not 1 <= epochs <= MAX_EPOCHS:
            raise UserError(f"a training of {epochs} epochs; choose 1 to {MAX_EPOCHS}")
        began = _saved_beginning(beginning)
        stem = free_model_name(name, [each.plan.model for each in self.entries()])
        try:
            plan = TrainingPlan(
                name=name, model=stem, source=str(source.resolve()), licence=licence, epochs=epochs,
                choices=saved_choices(source, choices), **began,
            )  # fmt: skip
        except ValueError as error:
            raise UserError("the model's name needs 1 to 64 characters, the licence up to 100 in one line") from error
        folder = free_path(self.folder / stem)
        write_plan(folder / PLAN_NAME, plan)
        return TrainingEntry(folder, plan)

    def remove(self, entry: TrainingEntry) -> None:
        """Delete a training with its checkpoints. The finished model stays. Raises UserError if it cannot."""
        try:
            shutil.rmtree(entry.folder)
        except OSError as error:
            raise UserError(f"cannot delete {shown(entry.folder)}: {reason(error)}; end the training first") from error


def _saved_beginning(beginning: Beginning) -> dict[str, Any]:
    """Return the fields of a plan that say what it begins with. Raises UserError if it cannot."""
    match beginning:
        case FineTuning(start):
            return {"start": str(start.resolve())}
        case NewModel(name, size):
            low, high = LATENT_SIZES
            if not low <= size <= high:
                raise UserError(f"a latent size of {size}; choose {low} to {high}")
            return {"family": family_entry(name).name, "latent_size": size}


def free_model_name(name: str, planned: Collection[str] = ()) -> str:
    """Return a name for a model's file that no model has.

    Args:
        name: any text.
        planned: further names that are taken.
    """
    taken = {path.stem for folder in model_folders() for path in folder.glob(f"*{SUFFIX}")} | set(planned)
    plain = ascii_slug(name, "model")
    stem, number = plain[:60], 2
    while stem in taken:
        stem, number = f"{plain[:56]}-{number}", number + 1
    return stem
