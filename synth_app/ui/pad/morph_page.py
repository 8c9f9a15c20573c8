"""The morph pad's page: corners hold bank notes or captured sounds; a drag plays their mixture."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from synth_app.session import ModelChanged, PadStateChanged, PatchChanged
from synth_app.session.edit.pad_controller import PadController
from synth_app.ui.keyboard.notes import NotePlayer
from synth_app.ui.pad.modulation_range import pad_modulation_box
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.note_picker import NotePicker
from synth_app.ui.ports.shell import OwnSounds, Place
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import tight

_SOURCE = "morph pad"


class MorphPage(QWidget):
    """Connects the morph pad to the session's pad controller."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        controller: PadController,
        notes: NotePlayer,
        sounds: OwnSounds,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sounds = sounds
        self._store, self._controller, self._notes = subscriptions.store, controller, notes
        self.pad = MorphPad()
        column = QVBoxLayout(self)
        tight(column, 0, 0)
        column.addWidget(self.pad)
        self.pad.moved.connect(controller.move_between)
        self.pad.drag_started.connect(self._start_note)
        self.pad.drag_ended.connect(lambda: notes.release_all(_SOURCE))
        self.pad.corner_requested.connect(self.open_picker)
        self.pad.corner_cleared.connect(lambda corner: controller.set_corner(corner, ""))
        self.pad.capture_requested.connect(controller.put_present_sound)
        subscriptions.on(PadStateChanged, lambda _: self.show_state())
        subscriptions.on(PatchChanged, lambda _: self.show_state())
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        self.show_state()

    def enter(self) -> None:
        """Prepare the page when its mode is chosen: fill the corners if all are empty."""
        if not any(self._store.state.pad.corners):
            self._controller.fill_corners()
        self.show_state()

    def show_state(self) -> None:
        """Show the corners, and the cursor where the present sound is between them."""
        field = self._store.state.pad
        notes = tuple(map(self._controller.corner_note, field.corners))
        if field.mode != "morph":
            self.pad.show_state(self.pad.at, notes, on=self.pad.on)
            return
        place = self._controller.corner_place()
        modulated = pad_modulation_box(self._store.patch.modulation) is not None
        self.pad.modulation_at = field.morph_at if modulated else None  # modulation moves around the pad's own position
        self.pad.show_state(place.at if place else field.morph_at, notes, on=place is not None and place.on)

    def open_picker(self, corner: int) -> NotePicker:
        """Open the list of bank notes for a corner."""
        bank, held = self._store.bank, self._store.state.pad.corners[corner]
        current = next((i for i, note in enumerate(bank) if note.name == held), -1)
        picker = NotePicker(bank, current, self, own=self._sounds.titles(), with_similar=True)
        picker.similar_requested.connect(lambda what: self._sounds.find_similar(what, Place(corner=corner)))
        picker.chosen.connect(lambda index: self._controller.set_corner(corner, bank[index].name))
        picker.sound_chosen.connect(lambda key: self._sounds.load(key, Place(corner=corner)))
        card = self.pad.card(corner).toRect()
        anchor = QWidget(self.pad)
        anchor.setGeometry(card)
        picker.open_at(anchor)
        picker.move(picker.pos().x(), max(picker.pos().y(), self.screen().availableGeometry().top()))
        picker.destroyed.connect(anchor.deleteLater)
        return picker

    def _start_note(self) -> None:
        notes = [note for note in self.pad.notes if note]
        if notes and not self._notes.held:
            self._notes.press(_SOURCE, notes[0].pitch, 100)
