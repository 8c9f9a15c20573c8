"""An envelope as a curve over time with a point for each of its stages."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from synth_app.params import ParamSpec
from synth_app.patch.modulation_matrix import ModEnvelope
from synth_app.session.edit.mod_curves import envelope_levels
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.graphs.snap_grid import SnapGrid
from synth_app.ui.theme.theme import qcolor
from synth_app.ui.widgets.value_format import format_value

_POINTS = 600
_HELD = 0.25  # of the times of all stages: how long the sustain is drawn
_GRID_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_GRID_LINES = 60
PEAK, SUSTAIN, END = range(3)


class EnvelopeGraph(PointEditor):
    """Attack, decay, sustain and release by three points. The owner reads and writes the values.

    Args:
        name: accessible name.
        specs: parameters of ``attack_s``, ``decay_s``, ``sustain`` and ``release_s``.
        write: called with the changed fields.
        token: colour of the curve.
    """

    def __init__(
        self, name: str, specs: Mapping[str, ParamSpec], write: Callable[[Mapping[str, float]], None], token: str
    ) -> None:
        super().__init__(
            name, GraphAxis("bottom", "Time", seconds_tick), GraphAxis("left", "Level"), grows=False, token=token
        )
        self._specs, self._write = specs, write
        self._envelope = ModEnvelope()
        self._held_s = 1.0
        pen = pg.mkPen(qcolor("border"), width=1, style=Qt.PenStyle.DashLine)
        self._key_up = pg.InfiniteLine(
            angle=90, pen=pen, label="key up", labelOpts={"color": qcolor("muted"), "position": 0.5}
        )
        self.addItem(self._key_up, ignoreBounds=True)
        self.drag_ended.connect(self._rescale)
        self.moved.connect(self._moved)
        self.reset.connect(self._reset)

    def show_envelope(self, envelope: ModEnvelope) -> None:
        """Show the values; the time axis follows them, except during a drag."""
        self._envelope = envelope
        if self.dragging:
            self._draw()
        else:
            self._rescale()

    def origin_x(self, which: int) -> float:
        """Return where the stage that ends at a point begins."""
        starts = (0.0, self._envelope.attack_s, self._key_up_s())
        return starts[which]

    # ---- internal

    def _key_up_s(self) -> float:
        return self._envelope.attack_s + self._envelope.decay_s + self._held_s

    def _rescale(self) -> None:
        envelope = self._envelope
        stages_s = envelope.attack_s + envelope.decay_s + envelope.release_s
        self._held_s = _HELD * stages_s
        total_s = stages_s + self._held_s
        self.grid = SnapGrid(next((step for step in _GRID_STEPS if total_s / step <= _GRID_LINES), 1.0), 0.1)
        self.set_extent((0.0, 1.1 * total_s), (0.0, 1.0))
        self._draw()

    def _draw(self) -> None:
        envelope, key_up_s = self._envelope, self._key_up_s()
        end_s = key_up_s + envelope.release_s
        corners = (0.0, envelope.attack_s, envelope.attack_s + envelope.decay_s, key_up_s, end_s)
        x = np.unique(np.concatenate([np.linspace(*ends, _POINTS // 4) for ends in pairwise(corners)]))
        self._key_up.setPos(key_up_s)
        y = envelope_levels(envelope, x, key_up_s)
        self.show_curve(x, y, (
            Handle(envelope.attack_s, 1.0, self._text("attack_s"), moves_y=False),
            Handle(corners[2], envelope.sustain, f"{self._text('decay_s')}   {self._text('sustain')}"),
            Handle(end_s, float(y[-1]), self._text("release_s"), moves_y=False),
        ))  # fmt: skip

    def _text(self, field: str) -> str:
        spec = self._specs[field]
        return f"{spec.label} {format_value(spec, getattr(self._envelope, field))}"

    def _moved(self, which: int, x: float, y: float) -> None:
        stage_s = x - self.origin_x(which)
        if which == PEAK:
            self._change(attack_s=stage_s)
        elif which == SUSTAIN:
            self._change(decay_s=stage_s, sustain=y)
        else:
            self._change(release_s=stage_s)

    def _reset(self, which: int) -> None:
        fields = (("attack_s",), ("decay_s", "sustain"), ("release_s",))[which]
        self._change(**{field: self._specs[field].default for field in fields})

    def _change(self, **fields: float) -> None:
        self._write({field: self._specs[field].clamp(value) for field, value in fields.items()})
