"""The editor of an LFO: its shape, and its rate in Hz or as a note value."""

from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch.modulation_matrix import LFO_SHAPES, Lfo
from synth_app.session import PatchChanged
from synth_app.session.edit.mod_curves import lfo_curve, lfo_rate_hz
from synth_app.ui.drawing.shape_canvas import ShapeCanvas
from synth_app.ui.modulation.mod_specs import LFO_SPECS
from synth_app.ui.modulation.shape_row import shape_row
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.widgets.panel import compact_combo, tight

_POINTS, _CYCLES = 241, 2.0
_SYNC_TEXTS = ("Hz", *NOTE_BEATS)


class LfoEditor(QWidget):
    """An LFO of the store, bound in both directions; the panel's header contains ``tools``.

    Args:
        subscriptions: to the store.
        picture: whether the editor shows the shape beside the knobs.
    """

    def __init__(self, subscriptions: Subscriptions, *, picture: bool = True) -> None:
        super().__init__()
        self._store = subscriptions.store
        self.index = 0
        self.tools = QWidget()
        self.shape = _combo_box("LFO shape", [shape.capitalize() for shape in LFO_SHAPES])
        self.shape.activated.connect(lambda i: self.change(shape=LFO_SHAPES[i]))
        self.sync = _combo_box("LFO rate in Hz or as a note value", list(_SYNC_TEXTS))
        self.sync.setToolTip("Hz, or the length of a cycle as a note value (. dotted, t triplet)")
        self.sync.activated.connect(lambda i: self.change(sync="" if i == 0 else _SYNC_TEXTS[i]))
        self.retrigger = QCheckBox("Retrigger")
        self.retrigger.setToolTip("On: the LFO restarts with every note. Off: it runs freely, the same for all notes")
        self.retrigger.clicked.connect(lambda on: self.change(retrigger=on))
        tools = QHBoxLayout(self.tools)
        tight(tools, 0)
        for widget in (self.shape, self.sync, self.retrigger):
            tools.addWidget(widget)
        self.canvas = ShapeCanvas("Shape of the LFO", bipolar=True)
        self.knobs = shape_row(self, self.canvas if picture else None, LFO_SPECS, "LFO", self.change)
        subscriptions.on(PatchChanged, self._patch_changed)
        self.show_state()

    def edit(self, index: int) -> None:
        """Show another LFO, counted from 0."""
        self.index = index
        self.show_state()

    def _patch_changed(self, change: PatchChanged) -> None:
        if change.before.modulation != change.after.modulation or "tempo_bpm" in change.params:
            self.show_state()

    @property
    def lfo(self) -> Lfo:
        """The LFO shown, from the store."""
        return self._store.patch.modulation.lfos[self.index]

    def show_state(self) -> None:
        """Show the store's values."""
        lfo, tempo = self.lfo, self._store.patch.value("tempo_bpm")
        self.shape.setCurrentIndex(LFO_SHAPES.index(lfo.shape))
        self.sync.setCurrentIndex(_SYNC_TEXTS.index(lfo.sync) if lfo.sync else 0)
        self.retrigger.setChecked(lfo.retrigger)
        for name, knob in self.knobs.items():
            knob.set_value(getattr(lfo, name))
        self.knobs["rate_hz"].setEnabled(not lfo.sync)
        turns = np.linspace(0.0, _CYCLES, _POINTS)
        seconds = turns / lfo_rate_hz(lfo, tempo)
        depth = np.minimum(seconds / lfo.fade_s, 1.0) if lfo.fade_s > 0 else np.ones(_POINTS)
        caption = f"{lfo.shape.capitalize()}, {_span(float(seconds[-1]))}"
        self.canvas.show_curve(turns / _CYCLES, depth * lfo_curve(lfo, turns), caption)

    def change(self, **fields: Any) -> None:
        """Change fields of the LFO shown, by name."""
        modulation = self._store.patch.modulation
        lfos = list(modulation.lfos)
        lfos[self.index] = replace(self.lfo, **fields)
        self._store.set_modulation(replace(modulation, lfos=tuple(lfos)))


def _combo_box(name: str, texts: list[str]) -> QComboBox:
    box = compact_combo(name)
    box.addItems(texts)
    box.setMinimumContentsLength(max(map(len, texts)) - 2)  # figures are wider than letters
    return box


def _span(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
