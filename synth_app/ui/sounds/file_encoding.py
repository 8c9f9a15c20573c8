"""One audio file that is encoded for a model by the sound worker, without entering the library."""

from functools import partial
from pathlib import Path

from synth_app.export.sounds.tasks import Encoded, EncodeFile, Failed, SoundAnswer
from synth_app.patch import UserNote
from synth_app.ui.sounds.sound_jobs import SoundJobs


class FileEncoding:
    """A job; ``note`` or ``error`` is set when it is done.

    Args:
        jobs: of the worker. path: of the file. model_path: the model that the note is for.

    Attributes:
        note: the encoded note, None until it is ready.
        error: why encoding failed, "" otherwise.
    """

    def __init__(self, jobs: SoundJobs, path: Path, model_path: str) -> None:
        self._jobs, self._make = jobs, partial(EncodeFile, path=path, model_path=model_path)
        self._number: int | None = None
        self.note: UserNote | None = None
        self.error = ""

    def start(self) -> None:
        """Request the note."""
        self._number = self._jobs.ask(self._make, self._handle)

    def done(self) -> bool:
        """Return whether it is encoded, or failed."""
        return self.note is not None or bool(self.error)

    def cancel(self) -> None:
        """Stop encoding."""
        if self._number is not None and not self.done():
            self._jobs.cancel(self._number)
        self._number = None

    def _handle(self, answer: SoundAnswer) -> None:
        if isinstance(answer, Encoded):
            self.note = answer.note
        elif isinstance(answer, Failed):
            self.error = answer.problem
