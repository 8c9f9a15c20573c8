"""Searches for what sounds like something, in the sound worker."""

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from synth_app.export.sounds.tasks import Failed, FindSimilar, FoundSimilar, Measuring, SoundAnswer
from synth_app.session import ModelChanged, SessionStore
from synth_app.session.find.likes import Like, LikeFile, LikeSound
from synth_app.ui.sounds.sound_jobs import SoundJobs

_NO_MODEL = "no model is loaded yet: choose one first, then search"


@dataclass(frozen=True)
class SearchState:
    """The state of a search.

    Attributes:
        title: what is looked for; "" before the first search.
        searching: whether the answer is awaited; ``result`` is the one before.
        measured, to_measure: things that can be found, while they are measured for the first time.
        result: None before the answer.
        problem: why the search failed; "" otherwise.
    """

    title: str = ""
    searching: bool = False
    measured: int = 0
    to_measure: int = 0
    result: FoundSimilar | None = None
    problem: str = ""


class FindSearch(QObject):
    """One search at a time. A new one replaces the one before, whose answer is then ignored.

    Signals:
        changed: ``state`` is another one.

    Args:
        jobs: of the sound worker.
        store: whose model is searched.
        presets: folder of the user's presets.
        parent: Qt's parent.

    Attributes:
        state: for the page.
    """

    changed = Signal()

    def __init__(self, jobs: SoundJobs, store: SessionStore, presets: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self._store, self._presets = jobs, store, presets
        self.state = SearchState()
        self._like: Like | None = None
        self._number = self._preparing = 0
        self._end = store.subscribe(ModelChanged, lambda _: self._follow_model())

    def prepare(self) -> None:
        """Start the worker, and measure what can be found, so that a search need not wait for it."""
        self._jobs.prepare()
        if self._path() and not self.state.searching:
            self._jobs.forget(self._preparing)
            self._preparing = self._ask(None)

    def look(self, like: Like, title: str) -> None:
        """Search for what sounds like something.

        Args:
            like: what is looked for.
            title: its name, for the user.
        """
        self._jobs.forget(self._number)
        self._like = like
        if not self._path():
            self._show(SearchState(title, problem=_NO_MODEL))
            return
        self._show(replace(self.state, title=title, searching=True, problem=""))
        self._number = self._ask(like)

    def refuse(self, title: str, problem: str) -> None:
        """Show why something cannot be looked for."""
        self.cancel()
        self._show(SearchState(title, problem=problem))

    def cancel(self) -> None:
        """Await no answer any more; a result that is shown stays."""
        self._jobs.forget(self._number)
        if self.state.searching:
            self._show(SearchState())

    def close(self) -> None:
        """Follow the session no longer."""
        self._end()

    # ---- internal

    def _path(self) -> str:
        return "" if self._store.model is None else self._store.patch.model

    def _ask(self, like: Like | None) -> int:
        path = self._path()
        return self._jobs.ask(lambda number: FindSimilar(number, path, self._presets, like), self._handle)

    def _handle(self, answer: SoundAnswer) -> None:
        match answer:
            case Measuring(done=done, total=total):
                self._show(replace(self.state, measured=done, to_measure=total))
            case FoundSimilar(number=number) if number == self._preparing:
                self._show(replace(self.state, measured=0, to_measure=0))
            case FoundSimilar():
                self._show(SearchState(self.state.title, result=answer))
            case Failed(problem=problem):
                self._show(SearchState(self.state.title, problem=problem))

    def _follow_model(self) -> None:
        """Search again with the new model, unless what is looked for belongs to the one before."""
        self._jobs.forget(self._preparing)
        shown = self.state
        self._show(replace(shown, measured=0, to_measure=0))
        if not (shown.searching or shown.result):
            return
        if isinstance(self._like, LikeFile | LikeSound):
            self.look(self._like, shown.title)
        else:
            self.cancel()
            self._show(SearchState())

    def _show(self, state: SearchState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()
