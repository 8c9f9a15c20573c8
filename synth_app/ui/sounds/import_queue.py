"""The queue of files that become sounds, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from synth_app.dataset.audio_files import AUDIO_SUFFIXES, COMMON_AUDIO_SUFFIXES
from synth_app.export.sounds.tasks import Added, AddSound, Failed, SoundAnswer
from synth_app.session.sounds.file_groups import FileGroup, group_files
from synth_app.support.loading import shown
from synth_app.ui.sounds.sound_jobs import SoundJobs

State = Literal["waiting", "adding", "done", "failed"]
_MOST_FILES = 1000  # in one drop


@dataclass
class QueueItem:
    """One sound to be.

    Attributes:
        group: its files.
        state: where it is.
        problem: why it failed; "" otherwise.
        key: of the sound, once it is in the library.
    """

    group: FileGroup
    state: State = "waiting"
    problem: str = ""
    key: str = ""
    number: int = field(default=0, repr=False)

    def title(self) -> str:
        """Return the name of the file, or of the instrument and how many files it has."""
        paths = self.group.paths
        return paths[0].name if len(paths) == 1 else f"{self.group.name} ({len(paths)} files)"


class ImportQueue(QObject):
    """Adds files to the library, and says beside each file why it failed.

    Signals:
        changed: an item changed its state.
        added: the keys of the sounds of one ``add``, once all of its files are done.
        unwanted: the key of a sound that was added while it was taken out of the queue.

    Args:
        jobs: that do the work.
        parent: Qt's parent.
    """

    changed = Signal()
    added = Signal(list)
    unwanted = Signal(str)

    def __init__(self, jobs: SoundJobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._batches: list[list[QueueItem]] = []
        self.items: list[QueueItem] = []

    @property
    def running(self) -> bool:
        """Whether a file is added or waits."""
        return any(item.state in ("waiting", "adding") for item in self.items)

    def add(self, paths: list[Path]) -> None:
        """Add files and folders at the end of the queue. What is no audio file fails at once, beside its name."""
        if not self.running:
            self.items = []
        usable, problems = list[Path](), list[tuple[Path, str]]()
        for path in paths:
            if path.is_dir() or path.suffix.lower() in AUDIO_SUFFIXES:
                usable.append(path)
            else:
                common = ", ".join(COMMON_AUDIO_SUFFIXES)
                problems.append((path, f"is not an audio file; choose one of these types: {common}"))
        groups, unusable = group_files(usable)
        problems += [*unusable, *((g.paths[0], f"more than {_MOST_FILES} sounds") for g in groups[_MOST_FILES:])]
        batch = [QueueItem(group) for group in groups[:_MOST_FILES]]
        self.items += batch + [QueueItem(FileGroup("", (path,)), "failed", text) for path, text in problems]
        if batch:
            self._batches.append(batch)
        self.changed.emit()
        self._next()

    def cancel(self, item: QueueItem) -> None:
        """Take an item out of the queue; the one that is being added is stopped."""
        if item.state == "adding":
            self._stop(item)
        if item in self.items:
            self.items.remove(item)
        for batch in self._batches:
            if item in batch:
                batch.remove(item)
        self._finish_batches()
        self.changed.emit()
        self._next()

    def cancel_all(self) -> None:
        """Stop, and take out everything that is not done."""
        for item in [each for each in self.items if each.state == "adding"]:
            self._stop(item)
        kept = [each for each in self.items if each.state in ("done", "failed")]
        self.items = kept
        self._batches = [[each for each in batch if each in kept] for batch in self._batches]
        self._finish_batches()
        self.changed.emit()

    def clear(self) -> None:
        """Forget what is done or failed."""
        self.items = [each for each in self.items if each.state in ("waiting", "adding")]
        self.changed.emit()

    def _stop(self, item: QueueItem) -> None:
        for answer in self._jobs.cancel(item.number):
            if isinstance(answer, Added):
                self.unwanted.emit(answer.key)

    def _next(self) -> None:
        """Add the first item that waits, unless one is being added."""
        if any(item.state == "adding" for item in self.items):
            return
        item = next((each for each in self.items if each.state == "waiting"), None)
        if item is None:
            return
        item.state = "adding"
        make: Callable[[int], AddSound] = partial(AddSound, paths=item.group.paths, name=item.group.name)
        item.number = self._jobs.ask(make, partial(self._handle, item))
        self.changed.emit()

    def _handle(self, item: QueueItem, answer: SoundAnswer) -> None:
        match answer:
            case Added(key=key):
                item.state, item.key = "done", key
            case Failed(problem=problem):
                item.state = "failed"
                item.problem = problem.removeprefix(f"{shown(item.group.paths[0])} ")  # the row names the file
        self.changed.emit()
        self._finish_batches()
        self._next()

    def _finish_batches(self) -> None:
        """Tell about every batch that is done."""
        done = [batch for batch in self._batches if all(each.state in ("done", "failed") for each in batch)]
        self._batches = [batch for batch in self._batches if batch not in done]
        for batch in done:
            keys = [each.key for each in batch if each.key]
            if keys:
                self.added.emit(keys)
