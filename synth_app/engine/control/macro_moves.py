"""Moves of shared parameters by macros: connections of the modulation matrix that are the same for all voices."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS, ParamSpec, param_index
from synth_app.patch.modulation_matrix import mod_target
from synth_app.patch.patch import Patch

Floats = NDArray[np.float64]
_NO_VIA = -1


class _Route(NamedTuple):
    """A connection: indices of the macro, of the macro that scales it or ``_NO_VIA``, and its normalized amount."""

    macro: int
    via: int
    amount: float


class _MovedParam(NamedTuple):
    """A parameter that macros move: its position, spec, connections, and its normalized value without them.

    ``rest`` is None where automation writes the parameter before each call.
    """

    param: int
    spec: ParamSpec
    routes: tuple[_Route, ...]
    rest: float | None


class MacroMoves:
    """The macros' connections to parameters of one instrument. Values move along the controls' curves.

    Attributes:
        index: indices in the parameters that macros move.
    """

    def __init__(self) -> None:
        self.index: NDArray[np.intp] = np.zeros(0, np.intp)
        self._moved: tuple[_MovedParam, ...] = ()

    def set(self, patch: Patch, automated: NDArray[np.intp]) -> None:
        """Use a patch's connections and values. ``automated`` are the indices that automation writes."""
        routes: dict[int, list[_Route]] = {}
        for each in patch.modulation.connections:
            if each.on and not mod_target(each.target).per_voice:
                via = param_index(each.via) if each.via else _NO_VIA
                routes.setdefault(param_index(each.target), []).append(
                    _Route(param_index(each.source), via, each.amount)
                )
        written = set(automated.tolist())
        self._moved = tuple(
            _MovedParam(
                index,
                PARAMS[index],
                tuple(found),
                None if index in written else PARAMS[index].to_normalized(patch.params[index]),
            )
            for index, found in routes.items()
        )
        self.index = np.array([each.param for each in self._moved], np.intp)

    def write(self, targets: Floats) -> None:
        """Set the moved parameters in ``targets``, float64 [parameters, ...], in their units."""
        for each in self._moved:
            rest = each.spec.to_normalized(float(targets[each.param])) if each.rest is None else each.rest
            for route in each.routes:
                via = 1.0 if route.via == _NO_VIA else float(targets[route.via])
                rest += route.amount * float(targets[route.macro]) * via
            targets[each.param] = each.spec.from_normalized(rest)
