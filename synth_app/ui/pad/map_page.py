"""The timbre map's page: a search field above the map; layout and pitch are in the panel's header."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from synth_app.session import ModelChanged, PadStateChanged, PatchChanged
from synth_app.session.state.state import SLOTS
from synth_app.ui.drawing.search_field import SearchField
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.pad.family_legend import FamilyLegend
from synth_app.ui.pad.map.content import KIND_ENTRIES, MapMark, ShownNotes
from synth_app.ui.pad.map.marks import MapMarks
from synth_app.ui.pad.map.preview import SoundPreview
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.modulation_range import pad_modulation_box
from synth_app.ui.pad.note_marks import note_title
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.family_colors import family_title
from synth_app.ui.widgets.panel import compact_combo, label, tight
from synth_app.ui.widgets.value_format import note_name

_SOURCE = "map"
_COMPUTING = "computing…"


@dataclass(frozen=True)
class MapExtras:
    """What the map has beside its notes; both live as long as the window."""

    marks: MapMarks
    preview: SoundPreview


class MapPage(QWidget):
    """Connects the map to the session's pad controller and to the keyboard's notes.

    Attributes:
        loaded: signal; slot and bank index of a note that the user loads.
    """

    loaded = Signal(str, int)

    def __init__(
        self,
        subscriptions: Subscriptions,
        maps: TimbreMapLoader,
        notes: NotePlayer,
        legend: FamilyLegend,
        extras: MapExtras,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._maps, self._notes, self._legend = subscriptions.store, maps, notes, legend
        self._controller = maps.pad_controller
        self._marks, self._preview, self._key_was_held = extras.marks, extras.preview, False
        self._match = -1  # of the found notes, the one played last
        self.canvas = MapCanvas()
        self.search = SearchField()
        self.search.setProperty("compact", True)
        self.search.setPlaceholderText("Find a note, preset or sound; Enter plays the next one")
        self.search.setAccessibleName("Find a note, preset or sound on the map")
        self.count = label("", "caption")
        self.layout_box = self._combo("Map layout", "UMAP keeps similar notes together; PCA keeps directions")
        self.layout_box.addItems(["PCA", "UMAP"])
        self.pitch_box = self._combo("Pitch of the map's notes", "Mixtures of notes with the same pitch sound cleaner")
        self.tools = (self.count, self.layout_box, self.pitch_box)
        column = QVBoxLayout(self)
        tight(column, 0, 4)
        column.addWidget(self.search)
        column.addWidget(self.canvas, 1)
        self._connect(subscriptions)
        self._show_model()

    def enter(self) -> None:
        """Prepare the page when its mode is chosen: request the UMAP layout if it is selected."""
        if self._store.state.pad.layout == "umap":
            self._maps.request_umap()
        self._marks.want()
        self._show_notes()

    def hideEvent(self, event: QHideEvent) -> None:
        """End the preview."""
        super().hideEvent(event)
        self._preview.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape leave the search field, so that letters play notes again."""
        if event.key() == Qt.Key.Key_Escape and self.search.hasFocus():
            self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def show_state(self) -> None:
        """Show the slots, and the cursor where the present sound is."""
        pad = self._store.state.pad
        if pad.mode != "map":
            return
        slots: dict[str, int] = {
            slot: index for slot in SLOTS if (index := self._store.slots.bank_index(slot)) is not None
        }
        place, note = self._controller.map_place(), None
        if place is not None and not place.on:
            note = self._controller.nearest_note()
        remark = f"Off the map. Nearest in timbre: {note_title(note)}" if note else ""
        modulated = pad_modulation_box(self._store.patch.modulation) is not None
        self.canvas.modulation_at = pad.map_at if modulated else None  # modulation moves around the pad's own position
        self.canvas.show_cursor(place.at if place else None, slots, remark)

    def _connect(self, subscriptions: Subscriptions) -> None:
        self.canvas.moved.connect(lambda x, y: self._controller.move_on_map(x, y, self._legend.hidden))
        self.canvas.drag_started.connect(self._start_note)
        self.canvas.drag_ended.connect(lambda: self._notes.release_all(_SOURCE))
        self.canvas.audition_requested.connect(self._audition)
        self.canvas.load_requested.connect(self._load)
        self.canvas.mark_requested.connect(self._play_mark)
        self.canvas.pointed.connect(self._preview_at)
        self.canvas.pointed_away.connect(self._preview.end)
        self._notes.held_changed.connect(self._held_changed)
        self._marks.changed.connect(self._show_notes)
        self.search.textChanged.connect(self._search_changed)
        self.search.returnPressed.connect(self._audition_next)
        self.layout_box.activated.connect(self._layout_chosen)
        self.pitch_box.activated.connect(self._pitch_chosen)
        self._legend.changed.connect(self._show_notes)
        self._maps.ready.connect(self._show_notes)
        self._maps.busy_changed.connect(lambda _: self._show_count())
        subscriptions.on(ModelChanged, lambda _: self._show_model())
        subscriptions.on(PadStateChanged, self._field_changed)
        subscriptions.on(PatchChanged, lambda _: self.show_state())

    def _combo(self, name: str, tip: str) -> QComboBox:
        box = compact_combo(name, tip, 64)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _field_changed(self, change: PadStateChanged) -> None:
        before, after = change.before, change.after
        if (before.layout, before.pitch) != (after.layout, after.pitch):
            self._show_notes()
        else:
            self.show_state()

    def _show_model(self) -> None:
        self.pitch_box.clear()
        self.pitch_box.addItem("All", None)
        for pitch in self._controller.pitches():
            self.pitch_box.addItem(note_name(pitch), pitch)
        self._show_notes()

    def _show_notes(self) -> None:
        field, bank = self._store.state.pad, self._store.bank
        self.layout_box.setCurrentIndex(1 if field.layout == "umap" else 0)
        self.pitch_box.setCurrentIndex(max(self.pitch_box.findData(field.pitch), 0))
        rows = self._controller.shown(self._legend.hidden)
        words = self.search.text().lower().split()
        marks = tuple(mark for mark in self._marks.marks if KIND_ENTRIES[mark.kind] not in self._legend.hidden)
        found = None
        if words:
            texts = [
                f"{bank[i].name} {bank[i].instrument} {note_name(bank[i].pitch)} {family_title(bank[i].family)}"
                for i in rows
            ]
            texts += [f"{mark.title} {family_title(KIND_ENTRIES[mark.kind])}" for mark in marks]
            found = frozenset(row for row, text in enumerate(texts) if all(word in text.lower() for word in words))
        notes, positions = tuple(bank[i] for i in rows), self._controller.positions()[rows]
        if field.mode == "map":
            self.canvas.ground.regions = self._controller.regions(self._legend.hidden)
        self.canvas.show_notes(ShownNotes(notes, positions, tuple(rows), found, marks))
        self._show_count()
        self.show_state()

    def _show_count(self) -> None:
        shown = self.canvas.shown
        umap = self._store.state.pad.layout == "umap"
        if umap and self._maps.busy:
            text = _COMPUTING
            self.count.setToolTip("Computing the UMAP layout takes about a minute. The map shows PCA until then")
        else:
            count = len(shown.notes)
            text = str(count) if shown.found is None else f"{sum(row < count for row in shown.found)} of {count}"
            self.count.setToolTip("Notes on the map")
        self.count.setText(text)

    def _search_changed(self) -> None:
        self._match = -1
        self._show_notes()

    def _audition_next(self) -> None:
        found = sorted(self.canvas.shown.found or ())
        if found:
            self._match = (self._match + 1) % len(found)
            self.canvas.audition(found[self._match])

    def _layout_chosen(self, index: int) -> None:
        self._store.pad.set_state(replace(self._store.state.pad, layout="umap" if index else "pca"))
        if index:
            self._maps.request_umap()
        self._show_count()

    def _pitch_chosen(self, row: int) -> None:
        self._store.pad.set_state(replace(self._store.state.pad, pitch=self.pitch_box.itemData(row)))

    def _start_note(self, index: int) -> None:
        if not self._notes.held:  # while a key is held, the drag changes that note's sound
            self._notes.press(_SOURCE, self._store.bank[index].pitch, 100)

    def _audition(self, index: int) -> None:
        note = self._store.bank[index]
        self._notes.audition(note.pitch, note.velocity)

    def _play_mark(self, mark: MapMark) -> None:
        self._marks.load(mark)
        note = self._marks.note_of(mark)
        if note is not None:
            self._notes.audition(note)

    def _preview_at(self, x: float, y: float, row: int) -> None:
        """While a key is held, let the engine play what lies under the mouse; the session stays."""
        if not self._notes.keys_held or self.canvas.dragging:
            self._preview.end()
            return
        mark = self.canvas.shown.mark(row) if row >= 0 else None
        if mark is not None:
            patch = self._marks.patch_of(mark)
        else:
            at = self.canvas.shown.positions[row] if row >= 0 else (x, y)
            note = self._controller.note_on_map(float(at[0]), float(at[1]), self._legend.hidden)
            patch = self._store.slots.preview("a", note) if note else None
        if patch is not None:
            self._preview.hear(patch)

    def _held_changed(self) -> None:
        """Return to the session's sound with the next key; the tail of the last one keeps the previewed sound."""
        held = self._notes.keys_held
        if held and not self._key_was_held:
            self._preview.end()
        self._key_was_held = held

    def _load(self, slot: str, index: int) -> None:
        self._store.slots.show("b" if slot == "b" else "a", index)
        self._audition(index)
        self.loaded.emit(slot, index)
