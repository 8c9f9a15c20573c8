"""What a training does, as its file describes it: which recordings, which model to begin with, and how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from synth_app.dataset.recordings.choice import MAX_GAIN_DB, FileChoice
from synth_app.dataset.recordings.importer import MAX_LICENCE
from synth_app.session.state.json_files import MAX_BYTES, StrictModel, write_text
from synth_app.session.state.preset import Name
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, read_bytes, shown

PLAN_NAME = "training.json"
MAX_NOTES = 5000  # of a training beside the window
MAX_EPOCHS = 400
LATENT_SIZES = (2, 64)  # of a new model, smallest and largest
ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Line = Annotated[str, StringConstraints(max_length=MAX_LICENCE, pattern=r"^[^\r\n]*$")]


@dataclass(frozen=True)
class FineTuning:
    """Train a model further, from its weights. ``start`` is its file."""

    start: Path


@dataclass(frozen=True)
class NewModel:
    """Fit a new model.

    Attributes:
        family: of the models that can be trained (``training.families``).
        latent_size: number of latent dimensions.
    """

    family: str
    latent_size: int = 16


Beginning = FineTuning | NewModel


class SavedChoice(StrictModel):
    """A ``FileChoice``, by the file's path below the folder of the recordings."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    leave_out: bool = False
    key: int | None = Field(default=None, ge=0, le=127)
    start_s: float = Field(default=0.0, ge=0.0, lt=600.0)
    gain_db: float = Field(default=0.0, ge=-MAX_GAIN_DB, le=MAX_GAIN_DB)


class TrainingPlan(StrictModel):
    """One training.

    Attributes:
        name: of the model, shown to the user.
        model: name of the model's file.
        source: folder of the recordings. It is read once; the notes are kept with the training.
        licence: of the recordings, one line.
        start: path of the model to fine-tune; "" for a new model.
        family: of a new model, "" otherwise. latent_size: of a new model.
        epochs: of the training.
        choices: how each file is imported.
        verdict: one to three sentences; "" until the training is finished.
    """

    version: Literal[1] = 1
    name: Name
    model: ModelName
    source: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    licence: Line = ""
    start: Annotated[str, StringConstraints(max_length=4096)] = ""
    family: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{0,64}$")] = ""
    latent_size: int = Field(default=16, ge=LATENT_SIZES[0], le=LATENT_SIZES[1])
    epochs: int = Field(ge=1, le=MAX_EPOCHS)
    choices: tuple[SavedChoice, ...] = Field(default=(), max_length=20_000)
    verdict: Annotated[str, StringConstraints(max_length=1000)] = ""

    @model_validator(mode="after")
    def _begins_in_one_way(self) -> "TrainingPlan":
        if bool(self.start) == bool(self.family):
            raise ValueError("a training begins with a model, or with a family; give one of them")
        return self

    @property
    def beginning(self) -> Beginning:
        """What the training begins with."""
        return FineTuning(Path(self.start)) if self.start else NewModel(self.family, self.latent_size)

    def file_choices(self) -> dict[Path, FileChoice]:
        """Return the choices by the files' paths."""
        return {
            Path(self.source) / each.path: FileChoice(each.leave_out, each.key, each.start_s, each.gain_db)
            for each in self.choices
        }


def saved_choices(folder: Path, choices: Mapping[Path, FileChoice]) -> tuple[SavedChoice, ...]:
    """Return choices for files below ``folder`` as a plan holds them."""
    return tuple(
        SavedChoice(
            path=shown(path.relative_to(folder).as_posix()), leave_out=each.leave_out, key=each.key,
            start_s=each.start_s, gain_db=each.gain_db,
        )
        for path, each in choices.items()
    )  # fmt: skip


def read_plan(path: Path) -> TrainingPlan:
    """Read a plan.

    Raises:
        UserError: the file is missing, not JSON, of a newer version, or has an invalid field; the message names it.
    """
    with loading(path, "the description of a training", "start the training again"):
        try:
            return TrainingPlan.model_validate_json(read_bytes(path, MAX_BYTES))
        except ValidationError as error:
            first = error.errors()[0]
            if first["loc"] == ("version",) and isinstance(first["input"], int):
                raise UserError(
                    f"{shown(path)}: made by a newer synth_app (training version {first['input']}); update"
                ) from error
            raise


def write_plan(path: Path, plan: TrainingPlan) -> None:
    """Write a plan atomically. Raises UserError if it cannot be written."""
    write_text(path, plan.model_dump_json(indent=1), "the training is not saved")
