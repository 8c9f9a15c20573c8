"""The pad's settings: mode, map, corners, cursors and axes."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.session.state.pad_state import PadState
from synth_app.session.store.core import StoreCore
from synth_app.support.errors import UserError


class PadSettings:
    """Edits the state of the pad."""

    def __init__(self, core: StoreCore) -> None:
        self._core = core

    def set_state(self, pad: PadState) -> None:
        """Set mode, map, corners and cursors. It is audible only where modulation moves over the pad."""
        self._core.apply(replace(self._core.state, pad=pad))

    def set_axes(self, x: int, y: int) -> None:
        """Set the latent dimensions that the pad spans.

        Raises:
            UserError: the model lacks one of them.
        """
        size = len(self._core.ranges)
        for dim in (x, y):
            if not 0 <= dim < max(size, 1):
                raise UserError(f"no dimension {dim}; this model has {size}, counted from 0")
        state = self._core.state
        self._core.apply(replace(state, pad=replace(state.pad, axes=(x, y))))

    def set_umap(self, positions: NDArray[np.floating]) -> None:
        """Set the UMAP positions of the loaded model's notes. Raises as ``PadGrids.set_umap``."""
        grids = self._core.pad_grids
        if grids is None:
            raise UserError("no model is loaded yet: choose one first")
        grids.set_umap(positions)
        self._core.apply(self._core.state)
