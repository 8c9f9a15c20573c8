"""The work behind slot S: textures are taken, solved for the notes in the slots, and rendered into new notes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.export.style_job import StyleJob
from synth_app.patch import StyleTexture, UserNote
from synth_app.session import ModelChanged, PatchChanged, SessionStore, Slot
from synth_app.session.edit.style_worker import Solved, StyleWorker, Taken
from synth_app.session.state.state import SLOTS
from synth_app.session.store.style_solutions import StyleTask
from synth_app.style import StyleSource, slot_notes
from synth_app.support.errors import UserError
from synth_app.ui.ports.shell import Messages

_POLL_MS = 40


class StyleJobPort(Protocol):
    """A style being rendered in another process."""

    note: UserNote | None
    error: str

    def start(self) -> None:
        """Start rendering."""

    def done(self) -> bool:
        """Return whether the job has ended."""
        ...

    def progress(self) -> float:
        """Return the fraction done, 0-1."""
        ...

    def cancel(self) -> None:
        """Stop the job."""


MakeJob = Callable[[UserNote, StyleTexture, float, str], StyleJobPort]


class StyleControl(QObject):
    """One per window.

    Signals:
        changed: ``busy`` or ``rendering`` changed.
    """

    changed = Signal()

    def __init__(
        self,
        store: SessionStore,
        messages: Messages,
        step: Callable[[str], AbstractContextManager[None]],
        make_job: MakeJob = StyleJob,
    ) -> None:
        super().__init__(messages.as_widget())
        self._store, self._messages, self._step, self._make_job = store, messages, step, make_job
        self._worker = StyleWorker()
        self._taking: StyleSource | None = None
        self._solving: StyleTask | None = None
        self._job: StyleJobPort | None = None
        self._job_slot: Slot = "a"
        self._shown: tuple[bool, float | None] = (False, None)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self._ends = (
            store.subscribe(PatchChanged, lambda _: self._solve_missing()),
            store.subscribe(ModelChanged, lambda _: self.cancel()),
        )

    @property
    def busy(self) -> bool:
        """Whether a texture is being taken or solved."""
        return self._taking is not None or self._solving is not None

    @property
    def rendering(self) -> float | None:
        """The fraction of the style that is rendered, 0-1; None where none is being rendered."""
        return None if self._job is None else self._job.progress()

    def choose(self, source: StyleSource) -> None:
        """Put the texture of a source into slot S, as soon as it is taken."""
        if self._store.model is None:
            self._messages.show_problem("no model is loaded yet: choose one first, then a texture")
            return
        self._taking, self._solving = source, None
        self._submit(source)

    def render(self) -> None:
        """Render the style of the note that is heard more of two: a new note takes its place when it is done."""
        model, patch = self._store.model, self._store.patch
        if model is None or patch.style_texture is None or self._job is not None:
            return
        self._job_slot = SLOTS[round(patch.value("morph"))]
        content = replace(slot_notes(patch, model)[SLOTS.index(self._job_slot)], others=())
        amount = patch.value("style") or 1.0
        self._job = self._make_job(content, patch.style_texture, amount, patch.model)
        self._job.start()
        self._timer.start()
        self._tell()

    def cancel(self) -> None:
        """Stop rendering."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
            self._tell()

    def close(self) -> None:
        """Stop all work."""
        self._timer.stop()
        for end in self._ends:
            end()
        self.cancel()
        self._worker.close()

    # ---- internal

    def _submit(self, wanted: StyleSource | StyleTask) -> None:
        self._worker.submit(self._store.patch.model, wanted)
        self._timer.start()
        self._tell()

    def _solve_missing(self) -> None:
        """Solve what the present patch needs, unless a new texture is being taken."""
        task = self._store.styles.missing()
        if task is not None and self._taking is None and task != self._solving:
            self._solving = task
            self._submit(task)

    def _poll(self) -> None:
        for result in self._worker.results():
            if isinstance(result, Taken):
                self._use_texture(result)
            else:
                self._use_change(result)
        if self._job is not None and self._job.done():
            self._use_note()
        if not self._worker.busy:
            self._taking = self._solving = None
            self._solve_missing()
        if not self.busy and self._job is None:
            self._timer.stop()
        self._tell()

    def _use_texture(self, taken: Taken) -> None:
        if taken.source == self._taking:
            self._taking = None
        if taken.texture is None:
            self._messages.show_problem(taken.problem)
            return
        with self._step("Texture in slot S"):
            self._store.styles.choose(taken.texture)
        title = texture_title(taken.texture)
        self._messages.show_message(f"{title} is in slot S. The knob Style sets how much of it is heard")

    def _use_change(self, solved: Solved) -> None:
        self._store.styles.put(solved.task, solved.change)
        if solved.change is None:
            self._messages.show_problem(solved.problem)

    def _use_note(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        try:
            if job.note is None:
                raise UserError(job.error)
            with self._step("Rendered style"):
                self._store.styles.play_rendered(self._job_slot, job.note)
        except UserError as error:  # another model has been loaded in the meantime, or the note has no texture
            self._messages.show_problem(str(error))
        else:
            self._messages.show_message(f"{job.note.name} is in slot {self._job_slot.upper()}. Ctrl+Z undoes it")

    def _tell(self) -> None:
        shown = self.busy, self.rendering
        if shown != self._shown:
            self._shown = shown
            self.changed.emit()


def texture_title(texture: StyleTexture) -> str:
    """Return the name of a texture as the window shows it: with a capital letter."""
    return texture.name[:1].upper() + texture.name[1:]
