"""The panel of slots A and B: their notes, the morph fader between them, and the motion knob."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from synth_app.params import param
from synth_app.session import ModelChanged, PatchChanged, Slot
from synth_app.session.state.state import SLOTS
from synth_app.ui.pad.note_picker import NotePicker
from synth_app.ui.pad.slot_card import SlotCard
from synth_app.ui.ports.shell import OwnSounds, Place
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.fader import MorphFader
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel, Readout
from synth_app.ui.widgets.value_format import format_value


class MorphPanel(Panel):
    """Two slot cards above the morph fader, the knobs of motion and detail beside them."""

    def __init__(self, subscriptions: Subscriptions, sounds: OwnSounds, parent: QWidget | None = None) -> None:
        super().__init__("Morph", parent)
        self._sounds = sounds
        self._store = subscriptions.store
        self.readout = Readout(_morph_text(1.0))
        self.header.addWidget(self.readout)
        self.cards = {slot: SlotCard(slot) for slot in SLOTS}
        self.swap = QToolButton()
        self.swap.setIcon(icon("swap", "muted"))
        self.swap.setAccessibleName("Swap slots A and B")
        self.swap.setToolTip("Swap slots A and B; the sound stays the same")
        self.swap.clicked.connect(self._store.slots.swap)
        self.fader = MorphFader(param("morph"))
        self.fader.moved.connect(self._store.set_morph)
        self.motion, self.detail = Knob(param("motion")), Knob(param("detail"))
        self.motion.moved.connect(lambda value: self._store.set_param("motion", value))
        self.detail.moved.connect(lambda value: self._store.set_param("detail", value))
        self._lay_out()
        for slot, card in self.cards.items():
            card.clicked.connect(lambda _=False, slot=slot: self.open_picker(slot))
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        subscriptions.on(PatchChanged, lambda _: self.show_state())
        self.show_state()

    def show_state(self) -> None:
        """Show the store's slots, morph, motion and detail."""
        store, ready = self._store, self._store.model is not None
        for slot, card in self.cards.items():
            card.show_note(store.slots.note(slot))
            card.setEnabled(ready)
        self.fader.set_value(store.patch.value("morph"))
        self.motion.set_value(store.patch.value("motion"))
        self.detail.set_value(store.patch.value("detail"))
        self.fader.setEnabled(ready)
        self.swap.setEnabled(ready)
        self.readout.set_text(_morph_text(store.patch.value("morph")))

    def open_picker(self, slot: Slot) -> NotePicker:
        """Open the list of bank notes for a slot."""
        current = self._store.slots.bank_index(slot)
        titles = self._sounds.titles()
        index = -1 if current is None else current
        picker = NotePicker(self._store.bank, index, self, own=titles, with_similar=True)
        picker.similar_requested.connect(lambda what: self._sounds.find_similar(what, Place(slot)))
        picker.sound_chosen.connect(lambda key: self._sounds.load(key, Place(slot)))
        picker.chosen.connect(lambda index: self._store.slots.choose(slot, index))
        picker.open_at(self.cards[slot])
        return picker

    def _lay_out(self) -> None:
        body = QHBoxLayout()
        body.setSpacing(px(GRID))
        left = QVBoxLayout()
        left.setSpacing(px(4))
        cards = QHBoxLayout()
        cards.setSpacing(px(GRID))
        cards.addWidget(self.cards["a"], 1)
        cards.addWidget(self.swap)
        cards.addWidget(self.cards["b"], 1)
        left.addLayout(cards)
        left.addWidget(self.fader)
        left.addStretch(1)
        body.addLayout(left, 1)
        for knob in (self.motion, self.detail):
            body.addWidget(knob, 0, Qt.AlignmentFlag.AlignTop)
        self.box.addLayout(body, 1)


def _morph_text(morph: float) -> str:
    return f"A → B  {format_value(param('morph'), morph)}"
