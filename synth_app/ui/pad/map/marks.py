"""The presets and the user's sounds on the map: finds their places in small portions, and loads one when asked."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from synth_app.patch import Patch
from synth_app.session import ModelChanged, PadStateChanged, PresetEntry, PresetLibrary, SessionStore
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.presets.preset_transfer import preset_sound, transfer_preset
from synth_app.session.sounds.encoded_notes import stored_note
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.ui.pad.map.content import MapMark

_PORTION_S = 0.008  # of work before the window handles its events again


@dataclass(frozen=True)
class MarkSources:
    """What can be marked, and how it is loaded.

    Attributes:
        presets: the library of presets. sounds: the user's sounds.
        load_preset, load_sound: play the one of a key.
    """

    presets: PresetLibrary
    sounds: SoundLibrary
    load_preset: Callable[[str], object]
    load_sound: Callable[[str], object]


class MapMarks(QObject):
    """Places presets and sounds on the present map. It lives as long as the window.

    A sound of the user appears once it has been encoded for the model, which happens when it is played first.

    Signals:
        changed: ``marks`` are others.

    Args:
        store: the session. controller: of its pad.
        sources: of the marks.

    Attributes:
        marks: what has a place on the present map.
    """

    changed = Signal()

    def __init__(
        self, store: SessionStore, controller: PadController, sources: MarkSources, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._controller, self._sources = store, controller, sources
        self.marks: tuple[MapMark, ...] = ()
        self._wanted, self._current = False, False
        self._waiting: deque[PresetEntry | SoundEntry] = deque()
        self._found: list[MapMark] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._place_some)
        self._unsubscribe = (
            store.subscribe(ModelChanged, lambda _: self.refresh()),
            store.subscribe(PadStateChanged, self._pad_changed),
        )

    @property
    def busy(self) -> bool:
        """Whether places are still being found."""
        return bool(self._waiting)

    def want(self) -> None:
        """Find the places, unless they are known: the map is shown."""
        self._wanted = True
        if not self._current:
            self._begin()

    def refresh(self) -> None:
        """Find the places again: presets, sounds, the model or the map have changed."""
        self._current = False
        if self._wanted:
            self._begin()

    def load(self, mark: MapMark) -> None:
        """Play a preset or a sound, as one undo step."""
        (self._sources.load_preset if mark.kind == "preset" else self._sources.load_sound)(mark.key)

    def patch_of(self, mark: MapMark) -> Patch | None:
        """Return the patch that loading a mark would play; None if it no longer exists or cannot be read."""
        store, model = self._store, self._store.model
        if model is None:
            return None
        if mark.kind == "preset":
            preset = self._sources.presets.find(mark.key)
            if preset is None:
                return None
            return transfer_preset(preset.preset, model, store.patch.model, store.patch.quality).patch
        entry = next((each for each in self._sources.sounds.entries() if each.key == mark.key), None)
        note = stored_note(entry.folder, entry.sound, model) if entry else None
        return None if note is None else store.slots.preview("a", note)

    def note_of(self, mark: MapMark) -> int | None:
        """Return the MIDI note that demonstrates a preset best; None for a sound, which has its own."""
        entry = self._sources.presets.find(mark.key) if mark.kind == "preset" else None
        return entry.preset.note if entry else None

    def close(self) -> None:
        """Stop the work and end the subscriptions."""
        self._timer.stop()
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    # ---- internal

    def _begin(self) -> None:
        self._current, self._found = True, []
        self._waiting = deque([*self._sources.presets.entries(), *self._sources.sounds.entries()])
        self._timer.start()

    def _pad_changed(self, change: PadStateChanged) -> None:
        if (change.before.layout, change.before.pitch) != (change.after.layout, change.after.pitch):
            self.refresh()

    def _place_some(self) -> None:
        end_s = time.perf_counter() + _PORTION_S
        while self._waiting and time.perf_counter() < end_s:
            mark = self._mark_of(self._waiting.popleft())
            if mark is not None:
                self._found.append(mark)
        if not self._waiting:
            self._timer.stop()
            if tuple(self._found) != self.marks:
                self.marks = tuple(self._found)
                self.changed.emit()

    def _mark_of(self, entry: PresetEntry | SoundEntry) -> MapMark | None:
        model = self._store.model
        if model is None or not model.bank:
            return None
        if isinstance(entry, PresetEntry):
            kind_mark = MapMark("preset", entry.key, entry.preset.name, (0.0, 0.0))
            return self._at_place(kind_mark, preset_sound(entry.preset, model, self._store.patch.model))
        note = stored_note(entry.folder, entry.sound, model)
        if note is None:
            return None
        patch = Patch(self._store.patch.model, offset=(0.0,) * model.card.latent_size, user_notes=(note, None))
        return self._at_place(MapMark("sound", entry.key, entry.sound.name, (0.0, 0.0)), patch)

    def _at_place(self, mark: MapMark, patch: Patch) -> MapMark | None:
        place = self._controller.place_of(patch)
        return None if place is None else replace(mark, at=place.at, on=place.on)
