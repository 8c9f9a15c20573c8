"""What the pad lies over, as data: codes at even steps across and up, among which modulation moves."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError

SIDE = 33  # nodes along each side that a rig keeps


@dataclass(frozen=True)
class PadGrid:
    """Codes all over the pad, and where its cursor stands.

    A voice moved by ``d`` across the pad gets the difference of the codes at ``at + d`` and at ``at`` added to its own,
    so that what it plays without modulation stays as it is.

    Attributes:
        latent_size: of the model that it belongs to.
        side: nodes along each side, 2 to ``SIDE``; between them codes are interpolated bilinearly.
        codes: float32 [side, side, latent] as bytes in C order; rows from bottom to top, then from left to right.
        at: the cursor across and up, 0 to 1.
    """

    latent_size: int
    side: int
    codes: bytes
    at: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        if not 2 <= self.side <= SIDE or len(self.codes) != 4 * self.side**2 * self.latent_size:
            raise UserError(f"{len(self.codes)} bytes for a pad of {self.side} x {self.side} codes of "
                            f"{self.latent_size} numbers; there can be 2 to {SIDE} each way")  # fmt: skip
        if not all(math.isfinite(x) and 0.0 <= x <= 1.0 for x in self.at):
            raise UserError(f"the pad's cursor at {self.at}; give 0 to 1 across and up")
        if not np.isfinite(self.nodes()).all():
            raise UserError("a pad's codes must be finite")

    @classmethod
    def of(cls, nodes: NDArray[np.floating], at: tuple[float, float]) -> "PadGrid":
        """Made of codes [side, side, latent]."""
        side, _, latent = nodes.shape
        return cls(latent, side, np.ascontiguousarray(nodes, np.float32).tobytes(), at)

    def nodes(self) -> NDArray[np.float32]:
        """The codes, float32 [side, side, latent], read-only."""
        return np.frombuffer(self.codes, np.float32).reshape(self.side, self.side, self.latent_size)

    def even_nodes(self) -> NDArray[np.float32]:
        """The same surface with ``SIDE`` nodes each way, float32 [SIDE, SIDE, latent]; exact for 2 and for ``SIDE``."""
        nodes = self.nodes()
        if self.side == SIDE:
            return nodes
        place = np.linspace(0.0, self.side - 1.0, SIDE)
        low = np.minimum(place.astype(int), self.side - 2)
        share = (place - low).astype(np.float32)
        rows = nodes[low] + share[:, None, None] * (nodes[low + 1] - nodes[low])
        out: NDArray[np.float32] = rows[:, low] + share[None, :, None] * (rows[:, low + 1] - rows[:, low])
        return out
