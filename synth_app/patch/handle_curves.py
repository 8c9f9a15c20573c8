"""Handles as data: what moving each handle adds to the latent vector, and what holds pinned ones while morphing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.params.handles import HANDLE_REACH, SPECTRAL_HANDLES
from synth_app.support.errors import UserError

NODES_PER_SIDE = int(HANDLE_REACH)
NODES = 2 * NODES_PER_SIDE + 1  # one a step, from -HANDLE_REACH to HANDLE_REACH
PIN_NODES = 17  # of the morph, from slot A to slot B
PIN_LEVELS = 3  # after the latent vector: level, bite and movement in dB


@dataclass(frozen=True)
class HandleCurves:
    """Moves of the handles around one sound, which modulation and automation read.

    Between two nodes the engine interpolates linearly.

    Attributes:
        latent_size: of the model.
        values: float32 [handles, NODES, latent + 1] as bytes in C order: what is added to the latent vector, and to the
            level in dB. 0 in the middle, and everywhere for handles that nothing moves.
        pins: float32 [PIN_NODES, latent + PIN_LEVELS] as bytes in C order: what is added at even steps of the morph so
            that pinned handles stay where they are, up to a constant; b"" without pins.
    """

    latent_size: int
    values: bytes
    pins: bytes = b""

    def __post_init__(self) -> None:
        """Refuse curves that cannot be played."""
        wanted = 4 * len(SPECTRAL_HANDLES) * NODES * (self.latent_size + 1)
        if len(self.values) != wanted:
            raise UserError(f"{len(self.values)} bytes for the curves of the handles; give {wanted}")
        array = self.array()
        if not np.isfinite(array).all() or array[:, NODES_PER_SIDE].any():
            raise UserError("the curves of the handles must be finite, and 0 in the middle")
        pins = self.pin_array()
        if pins is not None and not np.isfinite(pins).all():
            raise UserError("what holds pinned handles must be finite")

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> "HandleCurves":
        """Return curves from an array [handles, NODES, latent + 1]."""
        return cls(values.shape[2] - 1, np.ascontiguousarray(values, np.float32).tobytes())

    def array(self) -> NDArray[np.float32]:
        """Return the values, float32 [handles, NODES, latent + 1], read-only."""
        shape = len(SPECTRAL_HANDLES), NODES, self.latent_size + 1
        return np.frombuffer(self.values, np.float32).reshape(shape)

    def pin_array(self) -> NDArray[np.float32] | None:
        """Return the pins, float32 [PIN_NODES, latent + PIN_LEVELS], read-only; None without pins."""
        if not self.pins:
            return None
        wanted = 4 * PIN_NODES * (self.latent_size + PIN_LEVELS)
        if len(self.pins) != wanted:
            raise UserError(f"{len(self.pins)} bytes for pinned handles; give {wanted}")
        return np.frombuffer(self.pins, np.float32).reshape(PIN_NODES, self.latent_size + PIN_LEVELS)
