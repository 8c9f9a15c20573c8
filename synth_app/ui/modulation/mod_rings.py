"""Modulation shown on the controls and the pad: their modulation ranges, and menus to connect sources."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PySide6.QtWidgets import QMenu

from synth_app.patch.target import PAD_NAMES
from synth_app.session import ModelChanged, PatchChanged
from synth_app.session.edit.mod_curves import modulation_range
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError
from synth_app.ui.modulation.matrix_panel import add_connection
from synth_app.ui.modulation.mod_specs import source_choices
from synth_app.ui.modulation.source_drag import SourceDrops
from synth_app.ui.pad.map_canvas import MapCanvas
from synth_app.ui.pad.modulation_range import pad_modulation_box
from synth_app.ui.pad.morph_pad import MorphPad
from synth_app.ui.pad.pad import Pad
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.control import ValueControl


class ModulatedControl(NamedTuple):
    """A control that shows how far modulation moves it.

    Attributes:
        control: the control.
        units: of the control, per unit of a connection's amount.
        normalized: whether these units are normalized values, instead of the unit of the parameter.
    """

    control: ValueControl
    units: float = 1.0
    normalized: bool = False


Targets = Mapping[str, ModulatedControl]  # by target


class ModRings:
    """Shows the modulation ranges of a window's controls and adds entries to their menus.

    Args:
        subscriptions: to the store.
        targets: returns the controls by target; called again for every model.
        show_problem: shows a message to the user.
    """

    def __init__(
        self, subscriptions: Subscriptions, targets: Callable[[], Targets], show_problem: Callable[[str], None]
    ) -> None:
        self._store, self._targets, self._show_problem = subscriptions.store, targets, show_problem
        self._attached: Targets = {}
        self._drops = SourceDrops(self._drop)
        subscriptions.on(ModelChanged, lambda _: self._attach())
        subscriptions.on(PatchChanged, self._patch_changed)
        self._attach()

    def _attach(self) -> None:
        before, self._attached = self._attached, self._targets()
        known = {id(each.control) for each in before.values()}
        for target, (control, _, _) in self._attached.items():
            if id(control) not in known:
                self._drops.accept(control, target)
                control.menu_extras.insert(0, partial(offer_sources, self._store, target, self._show_problem))
        self.show_state()

    def show_state(self) -> None:
        """Show the current modulation ranges."""
        for target, (control, units, normalized) in self._attached.items():
            found = modulation_range(self._store.patch.modulation, target)
            shown = (found[0] * units, found[1] * units) if found else None
            control.set_modulation_range(shown, normalized=normalized)

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation.connections != change.after.modulation.connections:
            self.show_state()

    def _drop(self, source: str, target: str) -> None:
        _connect(self._store, source, target, self._show_problem)


class PadBoxes:
    """Shows on the pad's modes the box in which modulation moves the cursor, and adds entries to their menus."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        pads: Iterable[Pad | MapCanvas | MorphPad],
        show_problem: Callable[[str], None],
    ) -> None:
        self._store, self._pads = subscriptions.store, tuple(pads)
        for pad in self._pads:
            for target, direction in zip(PAD_NAMES, (" across", " up"), strict=True):
                pad.menu_extras.append(partial(offer_sources, self._store, target, show_problem, direction=direction))
        subscriptions.on(PatchChanged, self._patch_changed)
        self._show()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation.connections != change.after.modulation.connections:
            self._show()

    def _show(self) -> None:
        for pad in self._pads:
            pad.modulation_box = pad_modulation_box(self._store.patch.modulation)
            pad.update()


def offer_sources(
    store: SessionStore, target: str, show_problem: Callable[[str], None], menu: QMenu, direction: str = ""
) -> None:
    """Add menu entries that connect a source to a target or remove its connections.

    Args:
        store: the session.
        target: name of the modulation target.
        show_problem: shows a message to the user.
        menu: the menu to extend.
        direction: of the pad, with a leading space; "" for other targets.
    """
    more = QMenu(f"Modulate{direction} with", menu)  # the menu owns it
    menu.addMenu(more)
    for name, text, tip in source_choices(store.patch, target):
        action = more.addAction(text)
        action.setToolTip(tip)
        action.triggered.connect(partial(_connect, store, name, target, show_problem))
    if modulation_range(store.patch.modulation, target):
        menu.addAction(f"Remove its modulation{direction}").triggered.connect(partial(_remove, store, target))


def _connect(
    store: SessionStore, source: str, target: str, show_problem: Callable[[str], None], _checked: bool = False
) -> None:
    try:
        add_connection(store, source, target)
    except UserError as error:
        show_problem(str(error))


def _remove(store: SessionStore, target: str, _checked: bool = False) -> None:
    modulation = store.patch.modulation
    kept = tuple(each for each in modulation.connections if each.target != target)
    store.set_modulation(replace(modulation, connections=kept))
