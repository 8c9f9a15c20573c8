"""The shape of soft strokes: how a note's spectrum changes when it is played more softly, in bands of bins."""

import numpy as np
from numpy.typing import NDArray

BANDS, STEP_DB = 32, 0.25
VELOCITY_SPAN = 70  # MIDI velocities between the recording and the stroke that the shape belongs to
_GROWTH = 200.0  # of the last band's distance over the first one's, about: as wide as a bin at 0 Hz


def band_bins(bins: int) -> NDArray[np.float64]:
    """Return the positions of the bands in bins, float64 [BANDS], from the first to the last bin."""
    return (bins - 1) * ((1.0 + _GROWTH) ** np.linspace(0.0, 1.0, BANDS) - 1.0) / _GROWTH


def band_basis(bins: int) -> NDArray[np.float64]:
    """Return the weights of the bands in every bin, float64 [bins, BANDS]: linear interpolation between neighbours."""
    at = band_bins(bins)
    return np.stack([np.interp(np.arange(bins), at, row) for row in np.eye(BANDS)], axis=1)


def pack_soft(levels_db: NDArray[np.floating]) -> bytes:
    """Return levels [BANDS] in dB as bytes of steps, at most 31.75 dB."""
    return np.rint(np.clip(np.asarray(levels_db) / STEP_DB, -127, 127)).astype(np.int8).tobytes()


def unpack_soft(soft: bytes, bins: int) -> NDArray[np.float32]:
    """Return the levels of ``pack_soft`` in dB at every bin, float32 [bins]."""
    levels = np.frombuffer(soft, np.int8).astype(np.float64) * STEP_DB
    return np.interp(np.arange(bins), band_bins(bins), levels).astype(np.float32)  # in the audio thread: no basis
