"""What the window does with files and sounds that are dropped on it."""

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QPointF

from synth_app.patch import UserNote
from synth_app.session import SessionStore, Slot
from synth_app.style import StyleSource
from synth_app.support.errors import UserError
from synth_app.ui.files.pack_control import PackControl
from synth_app.ui.pad.map_page import MapExtras
from synth_app.ui.pad.timbre_map_loader import TimbreMapLoader
from synth_app.ui.ports.shell import Messages, Place
from synth_app.ui.presets.preset_control import PresetControl
from synth_app.ui.settings.model_control import ModelControl
from synth_app.ui.style.style_control import StyleControl
from synth_app.ui.window.workspace import Workspace


class DropHost(Messages, Protocol):
    """The parts of the window that take what is dropped. ``work`` changes when the window is rebuilt."""

    models: ModelControl
    presets: PresetControl
    packs: PackControl
    style_control: StyleControl
    maps: TimbreMapLoader
    map_extras: MapExtras
    work: Workspace


class WindowDrops:
    """The window as ``ports.shell.DropTarget``."""

    def __init__(self, host: DropHost, store: SessionStore) -> None:
        self._host, self._store = host, store

    def import_model_file(self, path: Path) -> None:
        """Copy a model file into the user's models and load it."""
        self._host.models.loader.import_file(path)

    def import_presets(self, names: list[str]) -> None:
        """Copy preset files into the user's presets."""
        self._host.presets.library.import_files(names)

    def play_patch_of(self, path: Path) -> bool:
        """Play the whole patch that an audio file of the program holds. Return whether it holds one."""
        if not path.is_file():
            return False  # the encoding says so
        try:
            remark = self._host.presets.service.load_audio(path)
        except UserError as error:  # its sound can still be encoded
            self._host.show_problem(str(error))
            return False
        if remark is not None:
            self._host.show_message(remark or f"{path.name} plays as it was made")
        return remark is not None

    def model_path(self) -> str:
        """Return the path of the loaded model, or "" without one."""
        return "" if self._store.model is None else self._store.patch.model

    def import_pack(self, path: Path) -> None:
        """Add the models, sounds and presets of a pack to the user's own."""
        self._host.packs.read(path)

    def corner_at(self, position: QPointF) -> int | None:
        """Return the corner 0-3 of the morph pad at a position in the window; None outside the visible morph pad."""
        pad = self._host.work.pad.morph.pad
        return pad.corner_at(pad.mapFrom(self._host.as_widget(), position)) if pad.isVisible() else None

    def choose_texture(self, path: Path, position: QPointF) -> bool:
        """Take a sound file into slot S if the position is on the visible style panel. Return whether it is."""
        panel = self._host.work.style_panel
        if not (panel.isVisible() and panel.rect().contains(panel.mapFrom(self._host.as_widget(), position).toPoint())):
            return False
        self._host.style_control.choose(StyleSource(path))
        return True

    def assign_note(self, note: UserNote, corner: int | None, slot: Slot = "a") -> None:
        """Assign a user note to a slot, or to a corner of the morph pad; UserError if it does not fit the model."""
        if corner is None:
            self._store.slots.play_user_note(slot, note)
        else:
            self._host.maps.pad_controller.set_corner(corner, note)
        self._host.map_extras.marks.refresh()  # a sound has a place on the map once it is encoded

    def place_at(self, position: QPointF) -> Place | None:
        """Return the slot or the corner whose card is at a position in the window; None elsewhere."""
        corner = self.corner_at(position)
        if corner is not None:
            return Place(corner=corner)
        for slot, card in self._host.work.morph.cards.items():
            if card.isVisible() and card.rect().contains(card.mapFrom(self._host.as_widget(), position).toPoint()):
                return Place(slot)
        return None
