"""The editor of a modulation envelope: its shape and its four values."""

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from synth_app.patch.modulation_matrix import ModEnvelope
from synth_app.session import PatchChanged
from synth_app.session.edit.mod_curves import envelope_curve
from synth_app.ui.drawing.shape_canvas import ShapeCanvas
from synth_app.ui.modulation.mod_specs import ENVELOPE_SPECS
from synth_app.ui.modulation.shape_row import shape_row
from synth_app.ui.ports.subscriptions import Subscriptions

_POINTS = 161


class ModEnvelopeEditor(QWidget):
    """A modulation envelope of the store, bound in both directions.

    Args:
        subscriptions: to the store.
        picture: whether the editor shows the shape beside the knobs.
    """

    def __init__(self, subscriptions: Subscriptions, *, picture: bool = True) -> None:
        super().__init__()
        self._store = subscriptions.store
        self.index = 0
        self.canvas = ShapeCanvas("Shape of the envelope", bipolar=False)
        self.knobs = shape_row(self, self.canvas if picture else None, ENVELOPE_SPECS, "Modulation", self.change)
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    def edit(self, index: int) -> None:
        """Show another envelope, counted from 0."""
        self.index = index
        self.show_state()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation != change.after.modulation:
            self.show_state()

    @property
    def envelope(self) -> ModEnvelope:
        """The envelope shown, from the store."""
        return self._store.patch.modulation.envelopes[self.index]

    def show_state(self) -> None:
        """Show the store's values."""
        for name, knob in self.knobs.items():
            knob.set_value(getattr(self.envelope, name))
        self.canvas.show_curve(*envelope_curve(self.envelope, _POINTS), "starts with every note")

    def change(self, **fields: Any) -> None:
        """Change fields of the envelope shown, by name."""
        modulation = self._store.patch.modulation
        envelopes = list(modulation.envelopes)
        envelopes[self.index] = replace(self.envelope, **fields)
        self._store.set_modulation(replace(modulation, envelopes=tuple(envelopes)))
