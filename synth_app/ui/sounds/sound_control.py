"""What the window does with the user's sounds: bring in, hear, load, rename, delete, undo."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from synth_app.export.sounds.tasks import Encoded, EncodeSound, Failed, Previewed, PreviewSound, SoundAnswer
from synth_app.patch import UserNote
from synth_app.session import SessionStore, Slot
from synth_app.session.sounds.sound_edits import renamed
from synth_app.session.sounds.sound_history import SoundHistory
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.sounds.user_sound import UserSound
from synth_app.session.state.state import SLOTS
from synth_app.support.errors import UserError
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.audio_port import Services
from synth_app.ui.ports.samples import Samples, SampleVoice
from synth_app.ui.ports.shell import DropTarget, Messages, Place
from synth_app.ui.sounds.import_queue import ImportQueue
from synth_app.ui.sounds.sound_jobs import SoundJobs


class SoundControl(QObject):
    """The library, the queue and the preview, for the page and the editor. Errors are shown, not raised.

    Signals:
        changed: the library has changed.
        added: key of the first of the sounds that were added.
        playing_changed: another sound is heard, or none; ``playing`` tells.
        similar_requested: search for what sounds like a bank note (its index) or a sound (its key); the place for a
            find, or None.

    Args:
        messages: shows results.
        target: the window, which takes notes.
        store: the session.
        services: library and worker.
        samples: plays recordings.

    Attributes:
        entries: the sounds, by name.
        playing: key of the sound that is heard or will be; "" for none.
    """

    changed = Signal()
    added = Signal(str)
    playing_changed = Signal()
    similar_requested = Signal(object, object)

    def __init__(
        self, messages: Messages, target: DropTarget, store: SessionStore, services: Services, samples: Samples
    ) -> None:
        super().__init__(messages.as_widget())
        self._messages, self._target, self._store, self.samples = messages, target, store, samples
        self._voice = SampleVoice(samples, self)
        self._voice.ended.connect(self._end)
        self.library = services.sounds
        self.history = SoundHistory(self.library)
        self.jobs = SoundJobs(services.make_sound_worker, self)
        self.queue = ImportQueue(self.jobs, self)
        self.queue.added.connect(self._added)
        self.queue.unwanted.connect(self._take_back)
        self.entries: tuple[SoundEntry, ...] = self.library.entries()
        self.playing = ""
        self._preview_task = 0
        self._folder: TemporaryDirectory[str] | None = None

    # ---- reading

    def entry(self, key: str) -> SoundEntry | None:
        """Return a sound of the list; None if it is gone."""
        return next((each for each in self.entries if each.key == key), None)

    def titles(self) -> dict[str, str]:
        """Return names by key, in the order of the names."""
        return {each.key: each.sound.name for each in self.entries}

    def refresh(self) -> None:
        """Read the library again."""
        self.entries = self.library.entries()
        self.changed.emit()

    # ---- bringing in

    def import_files(self, paths: list[Path]) -> None:
        """Add files and folders to the library, in the background."""
        self.queue.add(paths)

    def _added(self, keys: list[str]) -> None:
        """Show new sounds. A single one plays at once from slot A."""
        self.refresh()
        entries = [each for each in map(self.entry, keys) if each is not None]
        if not entries:
            return
        self.added.emit(entries[0].key)
        names = entries[0].sound.name if len(entries) == 1 else f"{len(entries)} sounds"
        self.history.added(entries, f"Add {names}")
        if len(entries) == 1 and self._target.model_path():
            self.load(keys[0], Place())
        else:
            self._messages.show_message(f"{names} added to your sounds")

    def _take_back(self, key: str) -> None:
        """Remove a sound whose import was cancelled too late to stop it."""
        try_action(self._messages, lambda: self.library.remove(key))
        self.refresh()

    # ---- playing

    def load(self, key: str, place: Place) -> None:
        """Encode a sound for the present model, if that is new to it, and put it into a slot or a corner."""
        entry, path = self.entry(key), self._target.model_path()
        if entry is None:
            self._messages.show_problem("this sound no longer exists; it may have been deleted in another window")
        elif not path:
            self._messages.show_problem("no model is loaded yet: choose one first, then load the sound")
        else:
            self._messages.show_message(f"Preparing {entry.sound.name} for {place.text()}…")
            self.encode(key, lambda note: self._assign(note, place), self._messages.show_problem)

    def encode(self, key: str, use: Callable[[UserNote], None], refuse: Callable[[str], None]) -> int:
        """Encode a sound for the present model.

        Args:
            key: of the sound.
            use: called with the note.
            refuse: called with the problem instead.

        Returns:
            number of the job, for ``jobs.forget``.
        """
        path = self._target.model_path()

        def handle(answer: SoundAnswer) -> None:
            if isinstance(answer, Failed):
                refuse(answer.problem)
            elif isinstance(answer, Encoded) and answer.model_path == self._target.model_path():
                use(answer.note)
            elif isinstance(answer, Encoded):
                refuse(f"{answer.note.name} was encoded for another model; load it again for the present one")

        return self.jobs.ask(lambda number: EncodeSound(number, key, path), handle)

    def _assign(self, note: UserNote, place: Place) -> None:
        try:
            self._target.assign_note(note, place.corner, place.slot)
        except UserError as error:  # another model has been loaded in the meantime
            self._messages.show_problem(str(error))
        else:
            self._messages.show_message(f"{note.name} is in {place.text()}: play the keys")

    def find_similar(self, what: int | str, place: Place | None) -> None:
        """Emit ``similar_requested``."""
        self.similar_requested.emit(what, place)

    def preview(self, key: str) -> None:
        """Hear the recording of a sound as it is; the same one again stops it."""
        if self.playing == key:
            self.stop()
            return
        self.jobs.forget(self._preview_task)
        self._voice.claim()
        self._set_playing(key)
        folder = self.folder()

        def handle(answer: SoundAnswer) -> None:
            if isinstance(answer, Failed):
                self.stop()
                self._messages.show_problem(answer.problem)
            elif isinstance(answer, Previewed):
                self._voice.play((str(answer.path),))

        self._preview_task = self.jobs.ask(lambda number: PreviewSound(number, key, 0, folder), handle)

    def stop(self) -> None:
        """Stop the preview."""
        self.jobs.forget(self._preview_task)
        self._voice.stop()
        self._set_playing("")

    def folder(self) -> Path:
        """Return a folder for raw sounds, which is removed when the window closes."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="synth_app-")
        return Path(self._folder.name)

    def _end(self, problem: str) -> None:
        self.jobs.forget(self._preview_task)
        if problem:
            self._messages.show_problem(problem)
        self._set_playing("")

    def _set_playing(self, key: str) -> None:
        if key != self.playing:
            self.playing = key
            self.playing_changed.emit()

    # ---- changing

    def change(self, entry: SoundEntry, after: UserSound, label: str) -> SoundEntry | None:
        """Save another description of a sound, as one undo step; None if that failed. Slots that play it follow."""
        if after == entry.sound:
            return entry
        changed = try_action(self._messages, lambda: self.history.change(entry, after, label))
        self.refresh()
        if changed is not None:
            self._renew(entry.sound.name, changed)
        return changed

    def rename(self, key: str, name: str) -> None:
        """Rename a sound. A name that another sound has gets a number."""
        entry = self.entry(key)
        if entry is not None:
            free = try_action(self._messages, lambda: renamed(entry.sound, self.library.free_name(name, entry)))
            if free is None:
                self.changed.emit()  # so that the list shows the old name again
            else:
                self.change(entry, free, f"Rename {entry.sound.name}")

    def delete(self, key: str) -> None:
        """Move a sound to the trash, and offer to restore it."""
        entry = self.entry(key)
        if entry is None:
            return
        if self.playing == key:
            self.stop()
        try:
            self.history.remove(entry)
        except UserError as error:
            self._messages.show_problem(str(error))
        else:
            self._messages.offer_action(f"{entry.sound.name} deleted", "Undo", self.undo)
        self.refresh()

    def undo(self) -> None:
        """Undo the last change of the library."""
        self._go(self.history.undo, "Undone")

    def redo(self) -> None:
        """Redo the change that was undone last."""
        self._go(self.history.redo, "Done again")

    def _go(self, act: Callable[[], str], done: str) -> None:
        before = {each.key: each.sound for each in self.entries}
        label = try_action(self._messages, act)
        self.refresh()
        if label:
            self._messages.show_message(f"{done}: {label}")
        for each in self.entries:
            if each.key in before and before[each.key] != each.sound:
                self._renew(before[each.key].name, each)

    def _renew(self, name: str, entry: SoundEntry) -> None:
        """Encode an edited sound again for the slots that play it."""
        notes, show = self._store.patch.user_notes, self._messages.show_problem
        for slot, note in zip(SLOTS, notes, strict=True):
            if self._target.model_path() and note is not None and note.name == name:
                self.encode(entry.key, partial(self._replace, slot, name), show)

    def _replace(self, slot: Slot, name: str, note: UserNote) -> None:
        held = self._store.patch.user_notes[SLOTS.index(slot)]
        if held is not None and held.name == name:
            try_action(self._messages, lambda: self._store.slots.edit_user_note(slot, note))

    def close(self) -> None:
        """Stop the work and remove the raw sounds."""
        self.jobs.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
