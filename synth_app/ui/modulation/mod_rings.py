"""Modulation on the controls themselves, the pad too: how far each is moved, and a menu to move it with something."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QMenu

from synth_app.patch.modulation_matrix import PAD_TARGETS
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.state.mod_shapes import modulation_range
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError
from synth_app.ui.modulation.matrix_panel import connect
from synth_app.ui.modulation.mod_specs import source_choices
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.modulation_range import pad_reach
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.control import ValueControl

Targets = dict[str, tuple[ValueControl, float]]  # control and its units per unit of an amount, by target


class ModRings:
    """Keeps the rings of a window's controls; ``targets`` tells which there are, asked anew with every model."""

    def __init__(
        self, subscriptions: Subscriptions, targets: Callable[[], Targets], say: Callable[[str], None]
    ) -> None:
        self._store, self._targets, self._say = subscriptions.store, targets, say
        self._tied: Targets = {}
        subscriptions.on(ModelChanged, lambda _: self._tie())
        subscriptions.on(PatchChanged, self._patch_changed)
        self._tie()

    def _tie(self) -> None:
        before, self._tied = self._tied, self._targets()
        known = {id(control) for control, _ in before.values()}
        for target, (control, _) in self._tied.items():
            if id(control) not in known:
                control.menu_extras.insert(0, partial(offer_sources, self._store, target, self._say))
        self.show_state()

    def show_state(self) -> None:
        """Draw how far everything moves now."""
        for target, (control, scale) in self._tied.items():
            found = modulation_range(self._store.patch.modulation, target)
            control.set_modulated((found[0] * scale, found[1] * scale) if found else None)

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation.connections != change.after.modulation.connections:
            self.show_state()


class PadBoxes:
    """Keeps the boxes on the pad's modes, in which modulation moves the cursor, and adds to their menus."""

    def __init__(
        self, subscriptions: Subscriptions, pads: Iterable[Pad | MapCanvas | MorphPad], say: Callable[[str], None]
    ) -> None:
        self._store, self._pads = subscriptions.store, tuple(pads)
        for pad in self._pads:
            for target, way in zip(PAD_TARGETS, (" across", " up"), strict=True):
                pad.menu_extras.append(partial(offer_sources, self._store, target, say, way=way))
        subscriptions.on(PatchChanged, self._patch_changed)
        self._show()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation.connections != change.after.modulation.connections:
            self._show()

    def _show(self) -> None:
        for pad in self._pads:
            pad.reach = pad_reach(self._store.patch.modulation)
            pad.update()


def offer_sources(store: SessionStore, target: str, say: Callable[[str], None], menu: QMenu, way: str = "") -> None:
    """Entries that connect a source to a control's target, or take its connections away; ``way`` says which of two."""
    more = QMenu(f"Modulate{way} with", menu)  # lives as long as the menu
    menu.addMenu(more)
    for name, text, tip in source_choices():
        action = more.addAction(text)
        action.setToolTip(tip)
        action.triggered.connect(partial(_connect, store, name, target, say))
    if modulation_range(store.patch.modulation, target):
        menu.addAction(f"Remove its modulation{way}").triggered.connect(partial(_remove, store, target))


def _connect(store: SessionStore, source: str, target: str, say: Callable[[str], None], _checked: bool = False) -> None:
    try:
        connect(store, source, target)
    except UserError as error:
        say(str(error))


def _remove(store: SessionStore, target: str, _checked: bool = False) -> None:
    modulation = store.patch.modulation
    kept = tuple(each for each in modulation.connections if each.target != target)
    store.set_modulation(replace(modulation, connections=kept))
