"""The panel of slot S: its texture, the knob Style, and the button that renders the style into a new note."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from synth_app.dataset.audio_files import AUDIO_SUFFIXES
from synth_app.params import param
from synth_app.patch import StyleTexture, UserNote
from synth_app.session import ModelChanged, PatchChanged
from synth_app.style import StyleSource
from synth_app.texture import TEXTURES
from synth_app.ui.pad.note_picker import NotePicker
from synth_app.ui.pad.slot_card import LetterCard
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.style.style_control import StyleControl, texture_title
from synth_app.ui.style.texture_view import TextureView
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import Panel, Readout

_READOUT = "Rendering 100 %"
_HELP = "Optimize the note against this texture: closer than the knob. A new note takes its place, at every key"


class StylePanel(Panel):
    """A card for slot S, a picture of its texture, and the knob; a click on the card chooses another texture."""

    def __init__(self, subscriptions: Subscriptions, control: StyleControl, parent: QWidget | None = None) -> None:
        super().__init__("Style", parent)
        self._store, self._control = subscriptions.store, control
        self.readout = Readout(_READOUT)
        self.header.addWidget(self.readout)
        self.card = LetterCard("S", "slot_c")
        self.view = TextureView()
        self.knob = Knob(param("style"))
        self.render_button = QPushButton("Render")
        self.render_button.setToolTip(_HELP)
        self._lay_out()
        self.knob.moved.connect(lambda value: self._store.set_param("style", value))
        self.card.clicked.connect(self.open_menu)
        self.render_button.clicked.connect(self._render_or_cancel)
        control.changed.connect(self._show_work)  # a bound method: it ends with the panel
        subscriptions.on(PatchChanged, lambda _: self.show_state())
        subscriptions.on(ModelChanged, lambda _: self.show_state())
        self.show_state()
        self._show_work()

    def show_state(self) -> None:
        """Show the store's texture and knob."""
        texture, ready = self._store.styles.texture, self._store.model is not None
        self._show_card(texture)
        self.view.show_texture(texture)
        self.knob.set_value(self._store.patch.value("style"))
        self.knob.set_effective(texture is not None)
        self.card.setEnabled(ready)
        self.render_button.setEnabled(ready and texture is not None)

    def open_menu(self) -> QMenu:
        """Open the choices of slot S below its card."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in TEXTURES:
            menu.addAction(name.capitalize()).triggered.connect(
                lambda _=False, name=name: self._control.choose(StyleSource(name))
            )
        menu.addSeparator()
        menu.addAction("Note of the model…").triggered.connect(lambda _=False: self.open_picker())
        menu.addAction("Sound file…").triggered.connect(lambda _=False: self._ask_file())
        menu.addSeparator()
        clear = menu.addAction("Empty the slot")
        clear.setEnabled(self._store.styles.texture is not None)
        clear.triggered.connect(lambda _=False: self._store.styles.clear())
        menu.popup(self.card.mapToGlobal(QPoint(0, self.card.height())))
        return menu

    def open_picker(self) -> NotePicker:
        """Open the list of bank notes."""
        bank = self._store.bank
        picker = NotePicker(bank, -1, self)
        picker.chosen.connect(lambda index: self._control.choose(StyleSource(UserNote.of(bank[index]))))
        picker.open_at(self.card)
        return picker

    def _ask_file(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in sorted(AUDIO_SUFFIXES))
        name, _ = QFileDialog.getOpenFileName(self, "Choose the texture for slot S", "", f"Sounds ({pattern})")
        if name:
            self._control.choose(StyleSource(Path(name)))

    def _render_or_cancel(self) -> None:
        if self._control.rendering is None:
            self._control.render()
        else:
            self._control.cancel()

    def _show_card(self, texture: StyleTexture | None) -> None:
        if texture is None:
            self.card.show_texts("Empty", "Choose a texture")
        else:
            seconds = len(texture.movement()) / texture.frames_per_second
            self.card.show_texts(texture_title(texture), f"Texture · {seconds:.1f} s")

    def _show_work(self) -> None:
        done, busy = self._control.rendering, self._control.busy
        self.readout.set_text(f"Rendering {100 * done:.0f} %" if done is not None else "Solving…" if busy else "")
        self.render_button.setText("Render" if done is None else "Cancel")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(px(4))
        left.addWidget(self.card)
        left.addWidget(self.render_button)
        left.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(px(GRID))
        body.addLayout(left, 2)
        body.addWidget(self.view, 3)
        body.addWidget(self.knob, 0, Qt.AlignmentFlag.AlignTop)
        self.box.addLayout(body, 1)
