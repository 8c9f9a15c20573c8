"""The pad as data: a grid of latent vectors that modulation moves over."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError

SIDE = 33  # nodes along each side in the engine


@dataclass(frozen=True)
class PadGrid:
    """Latent vectors at even steps over the pad, and the position of its cursor.

    Modulation that moves a voice by ``d`` adds the difference of the latent vectors at ``at + d`` and at ``at``. So
    without modulation nothing is added.

    Attributes:
        latent_size: of the model that it belongs to.
        side: nodes along each side, 2 to ``SIDE``; between them the engine interpolates bilinearly.
        codes: float32 [side, side, latent] as bytes in C order; rows from bottom to top, then from left to right.
        at: position of the cursor, across and up, 0 to 1.
    """

    latent_size: int
    side: int
    codes: bytes
    at: tuple[float, float]

    def __post_init__(self) -> None:
        """Refuse a grid that cannot be played."""
        if not 2 <= self.side <= SIDE or len(self.codes) != 4 * self.side**2 * self.latent_size:
            raise UserError(f"{len(self.codes)} bytes for a pad of {self.side} x {self.side} latent vectors of "
                            f"{self.latent_size} dimensions; give 2 to {SIDE} vectors each way")  # fmt: skip
        if not all(math.isfinite(x) and 0.0 <= x <= 1.0 for x in self.at):
            raise UserError(f"the pad's cursor at {self.at}; give 0 to 1 across and up")
        if not np.isfinite(self.nodes()).all():
            raise UserError("a pad's latent vectors must be finite")

    @classmethod
    def of(cls, nodes: NDArray[np.floating], at: tuple[float, float]) -> "PadGrid":
        """Return a grid of latent vectors [side, side, latent]."""
        side, _, latent = nodes.shape
        return cls(latent, side, np.ascontiguousarray(nodes, np.float32).tobytes(), at)

    def nodes(self) -> NDArray[np.float32]:
        """Return the latent vectors, float32 [side, side, latent], read-only."""
        return np.frombuffer(self.codes, np.float32).reshape(self.side, self.side, self.latent_size)

    def even_nodes(self) -> NDArray[np.float32]:
        """Return the grid with ``SIDE`` nodes each way, float32 [SIDE, SIDE, latent]; exact for 2 and for ``SIDE``."""
        nodes = self.nodes()
        if self.side == SIDE:
            return nodes
        position = np.linspace(0.0, self.side - 1.0, SIDE)
        low = np.minimum(position.astype(int), self.side - 2)
        weight = (position - low).astype(np.float32)
        rows = nodes[low] + weight[:, None, None] * (nodes[low + 1] - nodes[low])
        out: NDArray[np.float32] = rows[:, low] + weight[None, :, None] * (rows[:, low + 1] - rows[:, low])
        return out
