"""The timbre map's page: a search field above the map; layout and pitch are in the panel's header."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from synth_app.session import ModelChanged, PadStateChanged, PatchChanged
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.pad.family_legend import FamilyLegend
from synth_app.ui.pad.map_canvas import MapCanvas, ShownNotes
from synth_app.ui.pad.modulation_range import pad_modulation_box
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.family_colors import family_title
from synth_app.ui.widgets.panel import compact_combo, label, tight
from synth_app.ui.widgets.value_format import note_name

_SOURCE = "map"
_COMPUTING = "computing…"


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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._maps, self._notes, self._legend = subscriptions.store, maps, notes, legend
        self._controller = maps.pad_controller
        self._match = -1  # of the found notes, the one played last
        self.canvas = MapCanvas()
        self.search = QLineEdit()
        self.search.setProperty("compact", True)
        self.search.setPlaceholderText("Find a note: name, family or pitch; Enter plays the next one")
        self.search.setAccessibleName("Find a note on the map")
        self.search.setClearButtonEnabled(True)
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
        self.show_state()

    def show_state(self) -> None:
        """Show the slots, and the cursor where the present sound is."""
        patch = self._store.patch
        slots = {
            slot: index
            for slot, index, own in zip("ab", (patch.slot_a, patch.slot_b), patch.user_notes, strict=True)
            if own is None
        }
        modulated = pad_modulation_box(patch.modulation) is not None  # it moves around the pad's own position
        at = self._store.state.pad.map_at if modulated else self._controller.map_position()
        self.canvas.show_cursor(at, slots)

    def _connect(self, subscriptions: Subscriptions) -> None:
        self.canvas.moved.connect(lambda x, y: self._controller.move_on_map(x, y, self._legend.hidden))
        self.canvas.drag_started.connect(self._start_note)
        self.canvas.drag_ended.connect(lambda: self._notes.release_all(_SOURCE))
        self.canvas.audition_requested.connect(self._audition)
        self.canvas.load_requested.connect(self._load)
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
        found = None
        if words:
            texts = [
                f"{bank[i].name} {bank[i].instrument} {note_name(bank[i].pitch)} {family_title(bank[i].family)}"
                for i in rows
            ]
            found = frozenset(row for row, text in enumerate(texts) if all(word in text.lower() for word in words))
        notes, positions = tuple(bank[i] for i in rows), self._controller.positions()[rows]
        self.canvas.show_notes(ShownNotes(notes, positions, tuple(rows), found))
        self._show_count()
        self.show_state()

    def _show_count(self) -> None:
        shown = self.canvas.shown
        umap = self._store.state.pad.layout == "umap"
        if umap and self._maps.busy:
            text = _COMPUTING
            self.count.setToolTip("Computing the UMAP layout takes about a minute. The map shows PCA until then")
        else:
            text = str(len(shown.notes)) if shown.found is None else f"{len(shown.found)} of {len(shown.notes)}"
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

    def _load(self, slot: str, index: int) -> None:
        self._store.slots.show("b" if slot == "b" else "a", index)
        self._audition(index)
        self.loaded.emit(slot, index)
