"""The latent sliders: their values, edits and locks."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.patch.target import Target, latent_dimension
from synth_app.session.store.core import StoreCore
from synth_app.session.store.slots import Slots

# Sliders convert between value and offset; a smaller difference is rounding.
_EPSILON = 1e-9


class LatentSliders:
    """Reads and edits the latent sliders. A slider shows the centre of the slots' notes plus the patch's offset."""

    def __init__(self, core: StoreCore, slots: Slots) -> None:
        self._core, self._slots = core, slots

    def center(self) -> NDArray[np.float64]:
        """Return the centre between the slots' notes at the present morph, float64 [latent]: sliders at zero offset."""
        if self._core.model is None:
            return np.zeros(0)
        morph = self._core.patch.value("morph")
        center: NDArray[np.float64] = (1 - morph) * self._slots.center("a") + morph * self._slots.center("b")
        return center

    def values(self) -> NDArray[np.float64]:
        """Return the values that the sliders show, float64 [latent]."""
        values: NDArray[np.float64] = self.center() + np.asarray(self._core.patch.offset, dtype=np.float64)
        return values

    def set(self, dim: int, value: float) -> None:
        """Set one slider, clamped to its range. Raises UserError for a dimension that the model lacks."""
        self.set_many([(dim, value)])

    def set_many(self, pairs: Iterable[tuple[int, float]], offset_db: float | None = None) -> None:
        """Set several sliders as one change, from (dimension, value) pairs. Errors as ``set``.

        Args:
            pairs: dimensions and values.
            offset_db: the level offset that belongs to them; None leaves it.
        """
        offset, center = list(self._core.patch.offset), self.center()
        for dim, value in pairs:
            self._core.check_dimension(dim)
            low, high = self._core.ranges[dim]
            moved = min(max(value, low), high) - center[dim]
            if abs(moved - offset[dim]) > _EPSILON:
                offset[dim] = float(moved)
        patch = replace(self._core.patch, offset=tuple(offset))
        if offset_db is not None:
            patch = replace(patch, offset_db=min(max(offset_db, -MAX_OFFSET_DB), MAX_OFFSET_DB))
        self._core.apply_patch(patch, roaming=offset_db is None)

    def reset(self, dim: int) -> None:
        """Set one slider to the notes' centre. Errors as ``set``."""
        self.set(dim, float(self.center()[dim]) if 0 <= dim < len(self._core.ranges) else 0.0)

    def reset_all(self) -> None:
        """Set every slider that is not locked to the notes' centre."""
        patch, locked = self._core.patch, self._core.state.locked
        offset = tuple(value if dim in locked else 0.0 for dim, value in enumerate(patch.offset))
        self._core.apply_patch(replace(patch, offset=offset, offset_db=patch.offset_db if any(offset) else 0.0))

    def lock(self, dims: Iterable[int]) -> None:
        """Set the slider lock of these dimensions, and of no others. Raises UserError for one that the model lacks."""
        locked = frozenset(dims)
        for dim in locked:
            self._core.check_dimension(dim)
        names = {str(Target.latent(dim)) for dim in locked}
        state = self._core.state
        others = {name: on for name, on in state.locks if latent_dimension(name) is None}
        locks = {**others, **dict.fromkeys(names, True)}
        self._core.apply(replace(state, locks=tuple(sorted(locks.items()))))
