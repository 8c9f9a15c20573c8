"""Scaling as in the reference study: the frame's maximum becomes its gain, the rest is mapped to [-1, 1].

The shape of a frame carries the timbre, the gain the loudness envelope. With a floor of -100 dB one unit is 50 dB.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def remove_gain(frames_db: Array, floor_db: float) -> tuple[Array, Array]:
    """Split dB frames [..., bins] into shape (maximum 0, floored at ``floor_db``) and gain [...] in dB."""
    gain_db = frames_db.max(axis=-1)
    shape_db = np.maximum(frames_db - gain_db[..., None], np.float32(floor_db))
    return shape_db.astype(np.float32, copy=False), gain_db.astype(np.float32, copy=False)


def restore_gain(shape_db: Array, gain_db: Array) -> Array:
    """Invert ``remove_gain`` for bins above the floor; return dB frames [..., bins]."""
    return (shape_db + np.asarray(gain_db, dtype=np.float32)[..., None]).astype(np.float32, copy=False)


def to_unit(shape_db: Array, floor_db: float) -> Array:
    """Map [floor_db, 0] dB linearly to [-1, 1], float32."""
    return (1.0 - shape_db * np.float32(2.0 / floor_db)).astype(np.float32, copy=False)


def from_unit(unit: Array, floor_db: float) -> Array:
    """Invert ``to_unit``; values outside [-1, 1] are not clipped."""
    return ((1.0 - unit) * np.float32(floor_db / 2.0)).astype(np.float32, copy=False)
