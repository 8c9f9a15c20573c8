"""The pad's panel and its three modes: two latent dimensions, the timbre map, the morph pad."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from synth_app.handles import dimension_label
from synth_app.session import ModelChanged, PadAxesChanged, PadStateChanged, PatchChanged
from synth_app.session.state.pad_state import MODES
from synth_app.session.state.state import SLOTS
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.pad.family_legend import FamilyLegend
from synth_app.ui.pad.map_page import MapExtras, MapPage
from synth_app.ui.pad.morph_page import MorphPage
from synth_app.ui.pad.pad import Pad
from synth_app.ui.pad.pad_map import PadView
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.shell import OwnSounds
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import Panel, compact_combo
from synth_app.ui.widgets.segments import Segments
from synth_app.ui.widgets.value_format import note_name

_CHOICES = (
    ("plane", "Dimensions", "Move two dimensions of the latent vector"),
    ("map", "Map", "Move through all notes of the model by timbre"),
    ("morph", "Morph", "Mix four sounds of your choice"),
)


class PadPanel(Panel):
    """Connects the pad's modes to the store and to the keyboard's notes.

    Attributes:
        loaded: signal; a sentence about the note that the user has loaded into a slot.
    """

    loaded = Signal(str)

    def __init__(
        self,
        subscriptions: Subscriptions,
        maps: TimbreMapLoader,
        notes: NotePlayer,
        sounds: OwnSounds,
        extras: MapExtras,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Pad")
        self._store, self._notes = subscriptions.store, notes
        self.pad = Pad()
        self.legend = FamilyLegend()
        self.map = MapPage(subscriptions, maps, notes, self.legend, extras)
        self.morph = MorphPage(subscriptions, maps.pad_controller, notes, sounds)
        self.modes = Segments("Pad mode", _CHOICES)
        self.modes.chosen.connect(self._mode_chosen)
        self.choosers = (self._chooser("Horizontal dimension", 0), self._chooser("Vertical dimension", 1))
        self.replace_title(self.modes)
        for widget in (*self.choosers, *self.map.tools):
            # aligned, a picker does not make the header as low as itself, which would move the tabs
            self.header.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self.stack = QStackedWidget()
        for page in (self.pad, self.map, self.morph):
            self.stack.addWidget(page)
        self.box.addWidget(self.stack, 1)
        self.box.addWidget(self.legend)
        self.pad.moved.connect(self._moved)
        self.pad.note_requested.connect(self._load_note)
        self.pad.reset_requested.connect(self._reset)
        self.map.loaded.connect(self._tell)
        self.legend.changed.connect(lambda: self.pad.hide_families(self.legend.hidden))
        subscriptions.on(ModelChanged, lambda _: self._show_model())
        subscriptions.on(PadAxesChanged, lambda _: self._show_view())
        subscriptions.on(PadStateChanged, lambda _: self._show_mode())
        subscriptions.on(PatchChanged, lambda _: self.show_state())
        self._show_model()

    def show_state(self) -> None:
        """Show the store's cursor and slots."""
        store, (x, y) = self._store, self._store.state.pad.axes
        values = store.latents.values()
        if len(values) > max(x, y):
            self.pad.set_cursor_values(float(values[x]), float(values[y]))
            centers = {slot: store.slots.center(slot) for slot in SLOTS}
            self.pad.set_slots({slot: (float(z[x]), float(z[y])) for slot, z in centers.items()})

    def _chooser(self, name: str, axis: int) -> QComboBox:
        box = compact_combo(name, f"{name} of the pad", 104)
        box.activated.connect(lambda index, axis=axis: self._axis_chosen(axis, index))
        return box

    def _axis_chosen(self, axis: int, dim: int) -> None:
        pad = list(self._store.state.pad.axes)
        if dim == pad[1 - axis]:
            pad[1 - axis] = pad[axis]  # the same dimension on both axes would be a line, so swap them
        pad[axis] = dim
        self._store.pad.set_axes(*pad)

    def _mode_chosen(self, mode: str) -> None:
        chosen = next(each for each in MODES if each == mode)
        self._store.pad.set_state(replace(self._store.state.pad, mode=chosen))

    def _show_mode(self) -> None:
        mode = self._store.state.pad.mode
        self.modes.show_choice(mode)
        page = {"plane": self.pad, "map": self.map, "morph": self.morph}[mode]
        entered = self.stack.currentWidget() is not page
        self.stack.setCurrentWidget(page)
        for chooser in self.choosers:
            chooser.setVisible(mode == "plane")
        for tool in self.map.tools:
            tool.setVisible(mode == "map")
        self.legend.setVisible(mode != "morph")
        self.legend.show_kinds(shown=mode == "map")
        if entered:
            self._enter()

    def _enter(self) -> None:
        """Prepare the page of the present mode: it was chosen, or another model was loaded."""
        mode = self._store.state.pad.mode
        if mode == "map":
            self.map.enter()
        elif mode == "morph":
            self.morph.enter()
        else:
            self.show_state()

    def _show_model(self) -> None:
        model = self._store.model
        for chooser in self.choosers:
            chooser.clear()
            chooser.addItems([dimension_label(model, dim) for dim in range(len(self._store.ranges))] if model else [])
            chooser.setEnabled(model is not None)
        self.legend.set_families(tuple(sorted({note.family for note in self._store.bank})))
        self._show_view()
        self._show_mode()
        self._enter()

    def _show_view(self) -> None:
        store, (x, y) = self._store, self._store.state.pad.axes
        if store.model is None or max(x, y) >= len(store.ranges):
            self.pad.set_view(None)
            return
        for chooser, dim in zip(self.choosers, (x, y), strict=True):
            chooser.setCurrentIndex(dim)
        (x0, x1), (y0, y1) = store.ranges[x], store.ranges[y]
        names = [dimension_label(store.model, dim) for dim in range(len(store.ranges))]
        self.pad.set_view(
            PadView(
                notes=store.bank,
                points=store.note_centers[:, [x, y]],
                x_range=(float(x0), float(x1)),
                y_range=(float(y0), float(y1)),
                names=(names[x], names[y]),
            )
        )
        self.show_state()

    def _moved(self, x_value: float, y_value: float) -> None:
        x, y = self._store.state.pad.axes
        # y first: if both axes show the same dimension, the dict keeps the value of x
        self._store.latents.set_many({y: y_value, x: x_value}.items())

    def _reset(self) -> None:
        center = self._store.latents.center()
        self._store.latents.set_many([(dim, float(center[dim])) for dim in self._store.state.pad.axes])

    def _load_note(self, slot: str, index: int) -> None:
        self._store.slots.show("b" if slot == "b" else "a", index)
        note = self._store.bank[index]
        self._notes.audition(note.pitch, note.velocity)
        self._tell(slot, index)

    def _tell(self, slot: str, index: int) -> None:
        note = self._store.bank[index]
        self.loaded.emit(f"{note.instrument} {note_name(note.pitch)} is in slot {slot.upper()} now. Ctrl+Z undoes it")
