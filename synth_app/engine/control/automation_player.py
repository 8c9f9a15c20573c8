"""Playback of recorded automation: the positions of the moved controls at a sample of the engine's clock."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS, ParamSpec, param_index
from synth_app.patch.automation import AUTOMATION_RATE_HZ, Automation
from synth_app.patch.patch import ENGINE_RATE, Patch

Floats = NDArray[np.float64]
_FRAMES_PER_SAMPLE = AUTOMATION_RATE_HZ / ENGINE_RATE


class _MovedParam(NamedTuple):
    """A parameter that the automation moves: its index in the targets, the column of its curve, its spec."""

    param_index: int
    column: int
    spec: ParamSpec


class AutomationPlayer:
    """The automation of one instrument. It depends on time alone, not on block sizes or earlier calls.

    Args:
        latent_size: dimensions of the model; curves of other dimensions are left out.

    Attributes:
        index: indices in the targets that the automation moves; empty while none plays.
        automation: the automation set last.
    """

    def __init__(self, latent_size: int) -> None:
        self._latent_size = latent_size
        self.index: NDArray[np.intp] = np.zeros(0, np.intp)
        self.automation: Automation | None = None
        self._table: Floats = np.zeros((1, 0))  # deviations [frames, curves]
        self._params: list[_MovedParam] = []
        self._dims: NDArray[np.intp] = np.zeros(0, np.intp)  # of dimensions and handles: indices in targets, columns
        self._columns: NDArray[np.intp] = np.zeros(0, np.intp)
        self._rest: Floats = np.zeros(0)  # positions of the controls by curve: normalized values, or latent units

    def set(self, patch: Patch) -> None:
        """Use a patch's automation, and the positions of its controls."""
        if patch.automation != self.automation:
            self.automation = patch.automation
            self._compile(patch.automation if patch.automation is not None and patch.automation.playing else None)
        for each in self._params:
            self._rest[each.column] = each.spec.to_normalized(patch.params[each.param_index])
        for index, column in zip(self._dims, self._columns, strict=True):
            dim = index - len(PARAMS)
            self._rest[column] = patch.offset[dim] if dim < min(len(patch.offset), self._latent_size) else 0.0

    def write(self, clock: int, phrase_start: int, targets: Floats) -> None:
        """Write the moved controls' targets at sample ``clock``.

        Args:
            clock: sample of the engine's clock.
            phrase_start: sample at which the present phrase began, for automation that starts with the keys.
            targets: float64 [parameters, then dimensions, level offset and handles], changed at ``index``.
        """
        if self.automation is None or not len(self.index):
            return
        frames, looping = len(self._table), self.automation.looping
        position = (clock - (phrase_start if self.automation.with_keys else 0)) * _FRAMES_PER_SAMPLE
        position = position % frames if looping else min(position, frames - 1.0)
        first = int(position)
        second = (first + 1) % frames if looping else min(first + 1, frames - 1)
        weight = position - first
        now = self._rest + (1.0 - weight) * self._table[first] + weight * self._table[second]
        targets[self._dims] = now[self._columns]
        for each in self._params:
            targets[each.param_index] = each.spec.from_normalized(float(now[each.column]))

    def _compile(self, automation: Automation | None) -> None:
        curves = [
            curve
            for curve in (automation.curves if automation else ())
            if curve.dimension is None or curve.dimension < self._latent_size
        ]
        self._table = (
            np.stack([curve.array() for curve in curves], axis=1, dtype=np.float64) if curves else np.zeros((1, 0))
        )
        self._rest = np.zeros(len(curves))
        self._params, dims = [], list[tuple[int, int]]()
        for column, curve in enumerate(curves):
            if curve.dimension is not None:
                dims.append((len(PARAMS) + curve.dimension, column))
            elif curve.handle is not None:
                dims.append((len(PARAMS) + self._latent_size + 1 + curve.handle, column))
            else:
                index = param_index(curve.target)
                self._params.append(_MovedParam(index, column, PARAMS[index]))
        self._dims = np.array([index for index, _ in dims], np.intp)
        self._columns = np.array([column for _, column in dims], np.intp)
        self.index = np.array([*self._dims, *(each.param_index for each in self._params)], np.intp)
