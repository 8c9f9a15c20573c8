"""What a running training has reported so far, so that its page can be made again at any time."""

from dataclasses import dataclass, field
from pathlib import Path

from synth_app.session.trainings.library import TrainingEntry
from synth_app.session.trainings.messages import Done, EpochDone, Message, NoTorch, Pictures, Playable, Step

_FINISHED_MODEL = "The finished model"
_STAGES = {
    "files": "Reading the recordings",
    "frames": "Computing spectra",
    "axes": "Computing PCA",
    "bank": "Encoding the notes",
    "fit": "Training",
    "corrections": "Fitting what the model misses of each note",
}


@dataclass
class RunState:
    """The state of one training.

    Attributes:
        entry: the training.
        step: the last step; None before the first.
        epochs: figures of the epochs of this run. pictures: of the note at the start; None before they are made.
        playable: models that can be heard, and their titles.
        no_torch: the command that installs torch, "" if it is there.
        done: the result; None until it is finished. missing: whether its model was deleted since.
        error: why it stopped, "" otherwise.
        paused: whether it waits. stopped: whether it was cancelled.
    """

    entry: TrainingEntry
    step: Step | None = None
    epochs: list[EpochDone] = field(default_factory=list)
    pictures: Pictures | None = None
    playable: list[Playable] = field(default_factory=list)
    no_torch: str = ""
    done: Done | None = None
    missing: bool = False
    error: str = ""
    paused: bool = False
    stopped: bool = False

    @classmethod
    def of(cls, entry: TrainingEntry) -> "RunState":
        """Return the state of a training that does not run, from its files."""
        state = cls(entry)
        state.playable = [Playable(path, playable_title(path)) for path in entry.playable()]
        if entry.finished:
            state.done = Done(entry.result, entry.plan.verdict)
            state.missing = not entry.result.is_file()
            if not state.missing:
                state.playable.append(Playable(entry.result, _FINISHED_MODEL))
        return state

    @property
    def running(self) -> bool:
        """Whether it has neither ended nor been stopped."""
        return self.done is None and not self.error and not self.stopped

    def add(self, message: Message) -> None:
        """Take a message of the training."""
        match message:
            case Step():
                self.step = message
            case EpochDone():
                self.epochs.append(message)
            case Pictures():
                self.pictures = message
            case Playable():
                if message.path not in [each.path for each in self.playable]:
                    self.playable.append(message)
            case NoTorch(command):
                self.no_torch = command
            case Done():
                self.done = message
                self.playable.append(Playable(message.path, _FINISHED_MODEL))

    def status(self) -> str:
        """Return what happens now in one line."""
        if self.done is not None and self.missing:
            return f"Finished. Its model was deleted: there is no {self.done.path.name} among your models"
        if self.done is not None:
            return "Finished"
        if self.error or self.stopped:
            return "Stopped. It goes on from its last complete epoch"
        if self.paused:
            return "Paused"
        if self.step is None:
            return "Starting…"
        between_epochs = bool(self.epochs) and self.epochs[-1].epoch < self.epochs[-1].epochs
        if self.step.stage == "fit" or between_epochs or (self.epochs and self.step.stage == "axes"):
            return self._epoch_text()
        text = _STAGES.get(self.step.stage, "Working")
        return f"{text}: {self.step.done} of {self.step.total}" if self.step.total > 1 else f"{text}…"

    def _epoch_text(self) -> str:
        if not self.epochs:
            return "Training: the first epoch"
        last = self.epochs[-1]
        if last.epoch == last.epochs:
            return "Making the model"
        return f"Epoch {last.epoch + 1} of {last.epochs}, {duration(last.seconds_left)} left"


def duration(seconds: float) -> str:
    """Return a time in words: ``about 40 seconds``, ``about 3 minutes``."""
    if seconds < 90.0:
        return f"about {max(10 * round(seconds / 10), 10)} seconds"
    return f"about {round(seconds / 60)} minutes"


def playable_title(path: Path) -> str:
    """Return the title of a training's model by its file: ``PCA`` or ``Epoch 3``."""
    number = path.stem.partition("-")[2]
    return f"Epoch {int(number)}" if number.isdigit() else "PCA"
