"""Handles as data: what moving each handle by some steps adds to the latent vector and the level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.params.handles import HANDLE_REACH, SPECTRAL_HANDLES
from synth_app.support.errors import UserError

NODES_PER_SIDE = int(HANDLE_REACH)
NODES = 2 * NODES_PER_SIDE + 1  # one a step, from -HANDLE_REACH to HANDLE_REACH


@dataclass(frozen=True)
class HandleCurves:
    """Moves of the handles around one sound, which modulation and automation read.

    Between two nodes the engine interpolates linearly.

    Attributes:
        latent_size: of the model.
        values: float32 [handles, NODES, latent + 1] as bytes in C order: what is added to the latent vector, and to the
            level in dB. 0 in the middle, and everywhere for handles that nothing moves.
    """

    latent_size: int
    values: bytes

    def __post_init__(self) -> None:
        """Refuse curves that cannot be played."""
        wanted = 4 * len(SPECTRAL_HANDLES) * NODES * (self.latent_size + 1)
        if len(self.values) != wanted:
            raise UserError(f"{len(self.values)} bytes for the curves of the handles; give {wanted}")
        array = self.array()
        if not np.isfinite(array).all() or array[:, NODES_PER_SIDE].any():
            raise UserError("the curves of the handles must be finite, and 0 in the middle")

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> "HandleCurves":
        """Return curves from an array [handles, NODES, latent + 1]."""
        return cls(values.shape[2] - 1, np.ascontiguousarray(values, np.float32).tobytes())

    def array(self) -> NDArray[np.float32]:
        """Return the values, float32 [handles, NODES, latent + 1], read-only."""
        shape = len(SPECTRAL_HANDLES), NODES, self.latent_size + 1
        return np.frombuffer(self.values, np.float32).reshape(shape)
