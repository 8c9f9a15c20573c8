"""The map's page: search above, the map below, its layout and pitch in the panel's header."""

from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from synth_app.session import FieldChanged, ModelChanged, PatchChanged
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.pad.legend import Legend
from synth_app.ui.pad.map_canvas import MapCanvas, MapNotes
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.family_colors import family_title
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.panel import label, tight
from synth_app.ui.widgets.value_format import note_name

_SOURCE = "map"
_MAKING = "making…"


class MapPage(QWidget):
    """Joins the map to the session's timbre and to the ear."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        maps: TimbreMapLoader,
        notes: NotePlayer,
        legend: Legend,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._maps, self._notes, self._legend = subscriptions.store, maps, notes, legend
        self._timbre = maps.timbre
        self._match = -1
        self.canvas = MapCanvas()
        self.canvas.setToolTip("")
        self.search = QLineEdit()
        self.search.setProperty("compact", True)
        self.search.setPlaceholderText("Find a note: name, family or pitch; Enter hears the next one")
        self.search.setAccessibleName("Find a note on the map")
        self.search.setClearButtonEnabled(True)
        self.count = label("", "caption")
        self.layout_box = self._combo("Map layout", "How notes are laid out: UMAP keeps neighbours, PCA directions")
        self.layout_box.addItems(["PCA", "UMAP"])
        self.pitch_box = self._combo("Pitch of the map's notes", "Notes of one pitch sound clean in between")
        self.tools = (self.count, self.layout_box, self.pitch_box)
        column = QVBoxLayout(self)
        tight(column, 0, 4)
        column.addWidget(self.search)
        column.addWidget(self.canvas, 1)
        self._connect(subscriptions)
        self._show_model()

    def enter(self) -> None:
        """The mode was chosen: UMAP's map is wanted now, if that is the layout."""
        if self._store.state.field.layout == "umap":
            self._maps.want_umap()
        self.show_state()

    def show_state(self) -> None:
        """Cursor and slots as the store has them."""
        patch, field = self._store.patch, self._store.state.field
        slots = {
            slot: index
            for slot, index, own in zip("ab", (patch.slot_a, patch.slot_b), patch.custom, strict=True)
            if own is None
        }
        self.canvas.show_cursor(field.map_at, slots)

    def _connect(self, subscriptions: Subscriptions) -> None:
        self.canvas.moved.connect(lambda x, y: self._timbre.move_on_map(x, y, self._legend.hidden))
        self.canvas.grabbed.connect(self._grabbed)
        self.canvas.let_go.connect(lambda: self._notes.release_all(_SOURCE))
        self.canvas.heard.connect(self._heard)
        self.canvas.loaded.connect(self._loaded)
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self._hear_next)
        self.layout_box.activated.connect(self._layout_chosen)
        self.pitch_box.activated.connect(self._pitch_chosen)
        self._legend.changed.connect(self._show_notes)
        self._maps.ready.connect(self._show_notes)
        self._maps.busy_changed.connect(lambda _: self._show_count())
        subscriptions.on(ModelChanged, lambda _: self._show_model())
        subscriptions.on(FieldChanged, self._field_changed)
        subscriptions.on(PatchChanged, lambda _: self.show_state())

    def _combo(self, name: str, tip: str) -> QComboBox:
        box = QComboBox()
        box.setProperty("compact", True)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.setMinimumWidth(px(64))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _field_changed(self, change: FieldChanged) -> None:
        before, after = change.before, change.after
        if (before.layout, before.pitch) != (after.layout, after.pitch):
            self._show_notes()
        else:
            self.show_state()

    def _show_model(self) -> None:
        self.pitch_box.clear()
        self.pitch_box.addItem("All", None)
        for pitch in self._timbre.pitches():
            self.pitch_box.addItem(note_name(pitch), pitch)
        self._show_notes()

    def _show_notes(self) -> None:
        field, bank = self._store.state.field, self._store.bank
        self.layout_box.setCurrentIndex(1 if field.layout == "umap" else 0)
        self.pitch_box.setCurrentIndex(max(self.pitch_box.findData(field.pitch), 0))
        rows = self._timbre.shown(self._legend.hidden)
        words = self.search.text().lower().split()
        found = None
        if words:
            told = [
                f"{bank[i].name} {bank[i].instrument} {note_name(bank[i].pitch)} {family_title(bank[i].family)}"
                for i in rows
            ]
            found = frozenset(row for row, text in enumerate(told) if all(word in text.lower() for word in words))
        self.canvas.show_notes(MapNotes(tuple(bank[i] for i in rows), self._timbre.places()[rows], tuple(rows), found))
        self._show_count()
        self.show_state()

    def _show_count(self) -> None:
        shown = self.canvas.shown
        wanted = self._store.state.field.layout == "umap"
        if wanted and self._maps.busy:
            text = _MAKING
            self.count.setToolTip("The UMAP map is being computed, about a minute; PCA's is shown meanwhile")
        else:
            text = str(len(shown.notes)) if shown.found is None else f"{len(shown.found)} of {len(shown.notes)}"
            self.count.setToolTip("Notes on the map")
        self.count.setText(text)

    def _searched(self) -> None:
        self._match = -1
        self._show_notes()

    def _hear_next(self) -> None:
        found = sorted(self.canvas.shown.found or ())
        if found:
            self._match = (self._match + 1) % len(found)
            self.canvas.hear(found[self._match])

    def _layout_chosen(self, index: int) -> None:
        self._store.set_field(replace(self._store.state.field, layout="umap" if index else "pca"))
        if index:
            self._maps.want_umap()
        self._show_count()

    def _pitch_chosen(self, row: int) -> None:
        self._store.set_field(replace(self._store.state.field, pitch=self.pitch_box.itemData(row)))

    def _grabbed(self, index: int) -> None:
        if not self._notes.held:  # a held key is what moves; without one the map sounds by itself
            self._notes.press(_SOURCE, self._store.bank[index].pitch, 100)

    def _heard(self, index: int) -> None:
        note = self._store.bank[index]
        self._notes.audition(note.pitch, note.velocity)

    def _loaded(self, slot: str, index: int) -> None:
        self._store.show_note("b" if slot == "b" else "a", index)
        self._heard(index)
