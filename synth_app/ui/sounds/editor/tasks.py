"""What the editor asks the worker for: one recording, read, sliced, followed or compared with a model."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from synth_app.export.sounds.tasks import (
    Compared,
    CompareSound,
    Failed,
    Previewed,
    PreviewSound,
    Sliced,
    SliceSound,
    SoundAnswer,
    SoundTask,
    Tracked,
    TrackSound,
)
from synth_app.patch import Patch
from synth_app.ui.sounds.sound_control import SoundControl


class EditorTasks(QObject):
    """Asks for one thing of each kind at a time: a new request takes the place of the one before.

    Signals:
        loaded, sliced, compared, tracked: the answers.
        failed: why a request failed.

    Args:
        control: of the sounds.
        key: of the sound.
        parent: Qt's parent; nothing is answered once it is deleted.
    """

    loaded = Signal(Previewed)
    sliced = Signal(Sliced)
    compared = Signal(Compared)
    tracked = Signal(Tracked)
    failed = Signal(str)

    def __init__(self, control: SoundControl, key: str, parent: QObject) -> None:
        super().__init__(parent)
        self._control, self._key = control, key
        self._pending: dict[str, int] = {}  # number of the running task by its kind

    def load(self, index: int) -> None:
        """Read a whole recording, by its number."""
        key, folder = self._key, self._control.folder()
        self._ask("samples", lambda number: PreviewSound(number, key, index, folder, whole=True))

    def find_slices(self, index: int) -> None:
        """Find the notes in a recording."""
        self._ask("slices", lambda number: SliceSound(number, self._key, index))

    def compare(self, index: int, patch: Patch) -> None:
        """Compare a recording with what the model of a patch makes of it."""
        key, folder = self._key, self._control.folder()
        self._ask("comparison", lambda number: CompareSound(number, key, index, patch.model, patch.quality, folder))

    def track(self, index: int) -> None:
        """Follow the pitch of a recording."""
        self._ask("track", lambda number: TrackSound(number, self._key, index))

    def forget(self) -> None:
        """Drop everything that is not answered yet."""
        for number in self._pending.values():
            self._control.jobs.forget(number)
        self._pending.clear()

    def _ask(self, kind: str, make: Callable[[int], SoundTask]) -> None:
        self._control.jobs.forget(self._pending.pop(kind, -1))
        self._pending[kind] = self._control.jobs.ask(make, self._answer)

    def _answer(self, answer: SoundAnswer) -> None:
        if not isValid(self):  # the window was closed, or built again
            return
        match answer:
            case Failed(problem=problem):
                self.failed.emit(problem)
            case Previewed():
                self.loaded.emit(answer)
            case Sliced():
                self.sliced.emit(answer)
            case Compared():
                self.compared.emit(answer)
            case Tracked():
                self.tracked.emit(answer)
