"""Places of notes between left and right."""

import numpy as np
from numpy.typing import NDArray

_DISTANCES = (0.6, 1.0, 0.3, 0.8)  # pairs of places, in the order in which they are taken
_OCCUPIED = 0.1
_GOLDEN = 0.6180339887  # golden ratio: more notes than places are spread evenly


def free_side(taken: NDArray[np.float32], serial: int) -> float:
    """Return a place for one more note, -1 (left) to 1 (right).

    The first note is in the middle. Further ones take pairs of places, first on the side that has less.

    Args:
        taken: places of the notes that sound.
        serial: number of the note; it decides between equal sides.
    """
    if not (np.abs(taken) < _OCCUPIED).any():
        return 0.0
    balance = float(taken.sum())
    first = -np.sign(balance) if abs(balance) > _OCCUPIED else 1.0 - 2.0 * (serial % 2)
    for distance in _DISTANCES:
        for side in (first * distance, -first * distance):
            if not (np.abs(taken - side) < _OCCUPIED).any():
                return float(side)
    return 2.0 * ((0.5 + serial * _GOLDEN) % 1.0) - 1.0
