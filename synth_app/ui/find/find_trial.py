"""Lets the user hear what was found, through the engine, and take it or go back."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from synth_app.patch import UserNote
from synth_app.session import SessionStore
from synth_app.session.find.similar import Similar
from synth_app.session.presets.preset_service import LoadResult
from synth_app.session.state.pad_state import Corner
from synth_app.session.state.state import Snapshot
from synth_app.support.errors import UserError
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.ports.actions import try_action
from synth_app.ui.ports.shell import Messages, Place
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.sounds.sound_control import SoundControl


class FindTrial(QObject):
    """What is heard is tried out in the session: the whole window shows it, and it is an undo step once it is taken.

    Signals:
        heard: something else is heard, is prepared, or nothing is.
        taken: what was heard is kept.

    Args:
        messages: shows problems.
        store: the session.
        presets, sounds: load what is found.
        notes: plays it.
        set_corner: puts a note into a corner of the morph pad.
        performing: returns what runs that must not be disturbed, as a sentence; "" if nothing does.

    Attributes:
        item: what is heard, or is encoded to be heard; None for nothing.
        preparing: whether it is being encoded for the model.
    """

    heard = Signal()
    taken = Signal()

    def __init__(
        self,
        messages: Messages,
        store: SessionStore,
        presets: PresetControl,
        sounds: SoundControl,
        notes: NotePlayer,
        set_corner: Callable[[int, Corner], None],
        performing: Callable[[], str],
    ) -> None:
        super().__init__(messages.as_widget())
        self._messages, self._store, self._presets, self._sounds = messages, store, presets, sounds
        self._notes, self._set_corner, self._performing = notes, set_corner, performing
        self._audition = presets.service.audition
        self.item: Similar | None = None
        self.preparing = False
        self._place, self._key = Place(), 60
        self._loaded: LoadResult | None = None
        self._corner: Corner = ""
        self._job = 0
        self._take_when_ready = False
        presets.service.history.watch(self._follow_history)

    def hear(self, item: Similar, place: Place, key: int) -> None:
        """Play something that was found in the place of what was heard before, unless that disturbs a recording.

        Args:
            item: to play.
            place: where a note or a sound would be taken to; one for a corner is heard from its slot.
            key: MIDI note that is played.
        """
        reason = self._performing()
        if reason:
            self._messages.show_message(f"{reason}: finds are not heard meanwhile. Enter takes one")
        else:
            self._try(item, place, key)

    def take(self, item: Similar, place: Place, key: int) -> None:
        """Keep something that was found, as one undo step."""
        if self.item != item or place != self._place:
            self._try(item, place, key, silent=True)
        if self.preparing:
            self._take_when_ready = True
        elif self.item is not None:
            self._keep(item)

    def back(self) -> None:
        """Return to the sound before, and end the note. What is being recorded stays as it is."""
        self._notes.end_audition()
        if self.item is not None:
            self._forget_job()
            self.item = None
            if self._performing():
                self._audition.keep()
            else:
                self._audition.cancel()
            self.heard.emit()

    # ---- internal

    def _try(self, item: Similar, place: Place, key: int, *, silent: bool = False) -> None:
        self._forget_job()
        self._notes.end_audition()
        self._place, self._key = place, min(max(key, 0), 127)
        self._loaded, self._corner = None, ""
        if try_action(self._messages, lambda: self._load(item)):
            self.item = item
            if not (self.preparing or silent):
                self._notes.audition(self._key)
            self.heard.emit()
        else:
            self.back()

    def _load(self, item: Similar) -> bool:
        """Try something out, at once or after it is encoded."""
        match item.kind:
            case "preset":
                self._loaded = self._presets.service.preview(item.key)
            case "note":
                self._corner = item.key
                self._try_note(item, self._bank_index(item.key))
            case "sound":
                self._audition.cancel()
                self.preparing = True
                self._job = self._sounds.encode(item.key, self._encoded, self._refused)
        return True

    def _try_note(self, item: Similar, note: int | UserNote) -> None:
        """Try a note out in the sound that comes back on leaving. Raises UserError if it is of another model."""
        earlier = self._audition.earlier
        patch = self._store.slots.showing(earlier.patch.settings, self._place.slot, note)
        self._audition.hear(Snapshot(patch, earlier.preset, earlier.pad), f"{item.name} in {self._place.text()}")

    def _bank_index(self, name: str) -> int:
        index = next((i for i, note in enumerate(self._store.bank) if note.name == name), None)
        if index is None:
            raise UserError(f"the model that is loaded has no note {name}; search again")
        return index

    def _encoded(self, note: UserNote) -> None:
        item, take = self.item, self._take_when_ready
        self.preparing, self._take_when_ready, self._corner = False, False, note
        if item is None:
            return
        try:
            self._try_note(item, note)
        except UserError as error:
            self._refused(str(error))
            return
        if take:
            self._keep(item)
        else:
            self._notes.audition(self._key)
            self.heard.emit()

    def _refused(self, problem: str) -> None:
        self._messages.show_problem(problem)
        self.back()

    def _keep(self, item: Similar) -> None:
        corner = self._place.corner if item.kind != "preset" else None
        self.item = None
        if corner is not None:
            self._audition.cancel()
            self._set_corner(corner, self._corner)
        else:
            self._audition.keep()
        if item.kind == "preset":
            self._presets.playback.show_result(self._loaded)
        else:
            self._messages.show_message(f"{item.name} is in {self._place.text()}: play the keys")
        self.heard.emit()
        self.taken.emit()

    def _follow_history(self) -> None:
        """Forget what is heard if it is kept or undone elsewhere, or because another model was loaded."""
        if self.item is not None and not self.preparing and not self._audition.active:
            self.item = None
            self.heard.emit()

    def _forget_job(self) -> None:
        if self.preparing:
            self._sounds.jobs.forget(self._job)
        self.preparing = self._take_when_ready = False
