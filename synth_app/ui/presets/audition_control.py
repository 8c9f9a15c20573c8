"""Lets sounds be heard before they are chosen: each plays a phrase, and the sound before comes back on leaving."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from synth_app.decoder import Model
from synth_app.patch import Patch
from synth_app.session.presets.phrase import Phrase, patch_phrase, preset_phrase
from synth_app.session.presets.preset_service import LoadResult
from synth_app.session.state.state import SessionState, Snapshot
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.keyboard.phrase_player import PhrasePlayer
from synth_app.ui.presets.preset_state import PresetState


class AuditionControl(QObject):
    """Sets sounds that are tried out, and plays their phrases. Errors are shown, not raised.

    While notes are held, a sound is heard with them instead of a phrase. While a recording runs or a sequencer plays,
    nothing is tried out, so that it is not disturbed.

    Signals:
        blocked: why a sound is not tried out, for the user.
        changed: another sound is tried out, or none.
        phrases_changed: whether phrases are played.

    Args:
        state: of the presets.
        player: of the phrases.
        notes: that the user holds.
        performing: returns what runs that must not be disturbed, as a sentence; "" if nothing does.
    """

    blocked = Signal(str)
    changed = Signal()
    phrases_changed = Signal(bool)

    def __init__(
        self, state: PresetState, player: PhrasePlayer, notes: NotePlayer, performing: Callable[[], str]
    ) -> None:
        super().__init__(player)
        self._state, self._player, self._notes, self._performing = state, player, notes, performing
        self._audition = state.service.audition
        self.with_phrases = True
        notes.held_changed.connect(self._keys_changed)

    @property
    def active(self) -> bool:
        """Whether a sound is tried out."""
        return self._audition.active

    @property
    def earlier(self) -> Patch:
        """The patch that comes back on leaving."""
        return self._audition.earlier.patch

    def hear_preset(self, key: str) -> LoadResult | None:
        """Try a preset out; return what there is to say about it, None if it is not heard."""
        entry = self._state.library.find(key)
        if not self._free() or entry is None:
            return None
        preset = entry.preset
        result = self._state.attempt(lambda: self._state.service.preview(key))
        if result is not None:
            self._play(lambda patch, model: preset_phrase(preset, patch, model))
        return result

    def hear_patch(self, patch: Patch, label: str) -> bool:
        """Try a patch of the loaded model out, with the present preset; return whether it is heard."""
        if not self._free():
            return False
        snapshot = Snapshot(patch, self._audition.earlier.preset)
        done = self._state.attempt(lambda: self._hear(snapshot, label))
        if done:
            self.play_present()
        return bool(done)

    def play_present(self) -> None:
        """Play the phrase of the present sound, unless something runs that must not be disturbed."""
        if not self._performing():
            self._play(self._present_phrase)

    def keep(self) -> None:
        """Make one undo step of what is tried out; the phrase goes on."""
        if self._audition.active:
            self._audition.keep()
            self.changed.emit()

    def hand_over(self) -> None:
        """End the phrase, and keep what is tried out as one undo step: another page goes on with it."""
        self.end_phrase()
        self.keep()

    def leave(self) -> None:
        """End the phrase, and bring back the sound that was there before anything was tried out.

        What a recording or a sequencer plays meanwhile stays as it is.
        """
        self.end_phrase()
        if not self._audition.active:
            return
        reason = self._performing()
        if reason:
            self.blocked.emit(f"{reason}: the sound stays as it is")
            self._audition.keep()
        else:
            self._audition.cancel()
        self.changed.emit()

    def end_phrase(self) -> None:
        """End the phrase; what is tried out stays."""
        self._player.stop()

    def earlier_state(self) -> SessionState:
        """Return the session as ``leave`` would bring it back; the present one if nothing is tried out."""
        return self._audition.earlier

    def set_phrases(self, *, on: bool) -> None:
        """Play phrases, or set sounds in silence."""
        if on == self.with_phrases:
            return
        self.with_phrases = on
        if not on:
            self._player.stop()
        self.phrases_changed.emit(on)

    # ---- internal

    def _free(self) -> bool:
        reason = self._performing()
        if reason:
            self.blocked.emit(f"{reason}: sounds are not tried out meanwhile. Enter takes one")
        return not reason

    def _hear(self, snapshot: Snapshot, label: str) -> bool:
        self._audition.hear(snapshot, label)
        return True

    def _present_phrase(self, patch: Patch, model: Model) -> Phrase:
        entry = self._state.service.entry()
        return preset_phrase(entry.preset, patch, model) if entry is not None else patch_phrase(patch, model)

    def _play(self, phrase_of: Callable[[Patch, Model], Phrase]) -> None:
        model = self._state.store.model
        if model is None or not self.with_phrases or self._notes.held:
            self._player.stop()
        else:
            self._player.play(phrase_of(self._state.store.patch, model))
        self.changed.emit()

    def _keys_changed(self) -> None:
        if self._notes.held:  # the user plays
            self._player.stop()
