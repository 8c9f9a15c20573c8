"""Estimates the key of a recorded note."""

import numpy as np

from synth_app.dataset.audio_io import FloatArray, resample

_PITCH_RATE_HZ = 22_050
_PITCH_SECONDS = 2.0
_PITCH_RESOLUTION = 0.25  # semitones; librosa's default of 0.1 takes seven times as long, and keys do not need it
_MIN_F0_HZ = 440.0 * 2.0 ** ((20.5 - 69) / 12)  # half a semitone below a piano's lowest key
_MAX_F0_HZ = 440.0 * 2.0 ** ((108.5 - 69) / 12)


def estimate_pitch(samples: FloatArray, rate: int) -> int | None:
    """Estimate the MIDI pitch (21 to 108) of one note; None for unpitched audio.

    The median over the voiced frames of pYIN (Mauch and Dixon 2014) in the two seconds around the loudest moment.

    Args:
        samples: shape [n], float32.
        rate: Hz.
    """
    import librosa

    low = resample(samples, rate, _PITCH_RATE_HZ)
    loudest = int(np.argmax(np.abs(low)))
    start = max(0, loudest - _PITCH_RATE_HZ // 10)
    part = low[start : start + round(_PITCH_SECONDS * _PITCH_RATE_HZ)]
    if not part.any():
        return None
    f0_hz, voiced, _probability = librosa.pyin(
        part, fmin=_MIN_F0_HZ, fmax=_MAX_F0_HZ, sr=_PITCH_RATE_HZ, resolution=_PITCH_RESOLUTION
    )
    if not voiced.any():
        return None
    pitch = float(librosa.hz_to_midi(np.median(f0_hz[voiced])))
    return int(np.clip(round(pitch), 21, 108))
