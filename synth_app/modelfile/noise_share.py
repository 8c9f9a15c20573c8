"""The share of noise in a note: in bands of harmonic numbers, at a few knots in time."""

import numpy as np
from numpy.typing import NDArray

KNOTS, STEP_DB, LEAST_DB = 6, 0.5, -60.0
# Edges of the bands in harmonic numbers: each has at least one partial, also when it moves with the key.
EDGES: tuple[float, ...] = (
    0.0, 1.5, 2.5, 3.5, 4.5, 5.5, 7.5, 9.5, 12.5, 16.5, 22.5, 30.5, 44.5, 64.5, 96.5, 160.5,
)  # fmt: skip
BANDS = len(EDGES)
SIZE = KNOTS * BANDS  # bytes of a note


def pack_noise(share_db: NDArray[np.floating]) -> bytes:
    """Return shares [KNOTS, BANDS] in dB, 0 for noise alone, as bytes of steps below 0 dB."""
    return np.rint(np.clip(share_db, LEAST_DB, 0.0) / -STEP_DB).astype(np.uint8).tobytes()


def unpack_noise(noise: bytes) -> NDArray[np.float32]:
    """Return the shares of ``pack_noise`` in dB, float32 [KNOTS, BANDS]."""
    steps = np.frombuffer(noise, np.uint8).reshape(KNOTS, BANDS)
    return steps.astype(np.float32) * np.float32(-STEP_DB)
