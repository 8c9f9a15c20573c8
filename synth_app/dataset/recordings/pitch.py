"""Estimates the key of a recorded note."""

import numpy as np

from synth_app.dataset.audio_io import FloatArray
from synth_app.spectrum.note_pitch import find_pitch

_LOWEST_KEY, _HIGHEST_KEY = 21, 108  # of a piano


def estimate_pitch(samples: FloatArray, rate: int) -> int | None:
    """Estimate the MIDI pitch (21 to 108) of one note; None for unpitched audio.

    Args:
        samples: shape [n], float32.
        rate: Hz.
    """
    pitch = find_pitch(samples, rate)
    return None if pitch is None else int(np.clip(round(pitch), _LOWEST_KEY, _HIGHEST_KEY))
