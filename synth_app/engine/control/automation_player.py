"""Plays a recorded gesture back: where it wants the controls at a sample of the engine's clock."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS, ParamSpec, param_index
from synth_app.patch.automation import AUTOMATION_RATE_HZ, Automation
from synth_app.patch.patch import ENGINE_RATE, Patch

Floats = NDArray[np.float64]
_PER_SAMPLE = AUTOMATION_RATE_HZ / ENGINE_RATE


class _Driven(NamedTuple):
    """A parameter that the gesture moves: its place in the targets, the column of its curve, itself."""

    place: int
    column: int
    spec: ParamSpec


class AutomationPlayer:
    """One rig's gesture. A function of the time alone: no block size, no earlier call has a say in it.

    Args:
        latent_size: dimensions of the model; curves of others are left out.

    Attributes:
        index: places in the targets that the gesture moves; empty while none plays.
        moves: what was taken over last.
    """

    def __init__(self, latent_size: int) -> None:
        self._latent_size = latent_size
        self.index: NDArray[np.intp] = np.zeros(0, np.intp)
        self.moves: Automation | None = None
        self._table: Floats = np.zeros((1, 0))  # deviations [frames, curves]
        self._params: list[_Driven] = []
        self._dims: NDArray[np.intp] = np.zeros(0, np.intp)  # places in the targets, and columns
        self._columns: NDArray[np.intp] = np.zeros(0, np.intp)
        self._stand: Floats = np.zeros(0)  # where the controls stand: travel, or latent units, by curve

    def set(self, patch: Patch) -> None:
        """Take a sound's gesture over, and where its controls stand."""
        if patch.gesture != self.moves:
            self.moves = patch.gesture
            self._compile(patch.gesture if patch.gesture is not None and patch.gesture.playing else None)
        for each in self._params:
            self._stand[each.column] = each.spec.to_normalized(patch.params[each.place])
        for place, column in zip(self._dims, self._columns, strict=True):
            dim = place - len(PARAMS)
            self._stand[column] = patch.offset[dim] if dim < len(patch.offset) else 0.0

    def write(self, clock: int, phrase_start: int, targets: Floats) -> None:
        """Put the moved controls' targets at sample ``clock`` into ``targets`` [parameters, then dimensions]."""
        if self.moves is None or not len(self.index):
            return
        frames = len(self._table)
        at = (clock - (phrase_start if self.moves.with_keys else 0)) * _PER_SAMPLE
        at = at % frames if self.moves.looping else min(at, frames - 1.0)
        first = int(at)
        then = (first + 1) % frames if self.moves.looping else min(first + 1, frames - 1)
        now = self._stand + (1.0 - (at - first)) * self._table[first] + (at - first) * self._table[then]
        targets[self._dims] = now[self._columns]
        for each in self._params:
            targets[each.place] = each.spec.from_normalized(float(now[each.column]))

    def _compile(self, moves: Automation | None) -> None:
        known = [
            curve
            for curve in (moves.curves if moves else ())
            if curve.dimension is None or curve.dimension < self._latent_size
        ]
        self._table = (
            np.stack([curve.array() for curve in known], axis=1, dtype=np.float64) if known else np.zeros((1, 0))
        )
        self._stand = np.zeros(len(known))
        self._params, dims = [], list[tuple[int, int]]()
        for column, curve in enumerate(known):
            if curve.dimension is None:
                index = param_index(curve.target)
                self._params.append(_Driven(index, column, PARAMS[index]))
            else:
                dims.append((len(PARAMS) + curve.dimension, column))
        self._dims = np.array([place for place, _ in dims], np.intp)
        self._columns = np.array([column for _, column in dims], np.intp)
        self.index = np.array([*self._dims, *(each.place for each in self._params)], np.intp)
