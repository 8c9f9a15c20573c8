"""Pitch of recorded or rendered sound by pYIN (librosa), independent of any model."""

import numpy as np
import soxr
from numpy.typing import NDArray

LOWEST_HZ, HIGHEST_HZ = 25.0, 4500.0  # from A0 to C8
_RATE_HZ = 16_000  # enough to find the fundamental, and quicker
_LOW_HZ = 150.0
_LEAST_FRAME = 2048  # samples
_SECONDS = 2.0  # as much of a long sound as is looked at
_PERIODS = 4.0  # of the lowest pitch in a frame
_COARSE, _FINE = 0.1, 0.01  # semitones
_AROUND = 2.0 ** (2.0 / 12.0)
_OCTAVES_PER_SECOND = 2.0  # that a held note may move


def estimate_pitch(samples: NDArray[np.float32], sample_rate: int) -> float | None:
    """Return the median pitch of the voiced part of a sound (Mauch & Dixon 2014): first coarse, then fine.

    Args:
        samples: float32 [n], mono.
        sample_rate: in Hz.

    Returns:
        MIDI pitch with fractions; None if no pitch is found.
    """
    part = samples[: round(_SECONDS * sample_rate)]
    rough_rate = min(sample_rate, _RATE_HZ)
    rough = soxr.resample(part, sample_rate, rough_rate)
    near_hz = _median_hz(rough, rough_rate, LOWEST_HZ, min(HIGHEST_HZ, 0.45 * rough_rate), _COARSE)
    if near_hz is None:
        return None
    if near_hz < _LOW_HZ:  # periods long enough in samples to be measured there
        part, sample_rate = rough, rough_rate
    exact_hz = _median_hz(part, sample_rate, near_hz / _AROUND, near_hz * _AROUND, _FINE) or near_hz
    return float(69.0 + 12.0 * np.log2(exact_hz / 440.0))


def _median_hz(
    samples: NDArray[np.float32], rate: int, lowest_hz: float, highest_hz: float, resolution: float
) -> float | None:
    from synth_app.support.compiling.librosa_import import librosa  # slow to import

    frame = max(1 << int(np.ceil(np.log2(_PERIODS * rate / lowest_hz))), _LEAST_FRAME)
    padded = np.pad(samples, (0, max(frame - len(samples), 0)))
    f0_hz, voiced, _ = librosa.pyin(
        padded, fmin=lowest_hz, fmax=highest_hz, sr=rate, frame_length=frame, hop_length=frame // 2,
        resolution=resolution, center=False, max_transition_rate=_OCTAVES_PER_SECOND,
    )  # fmt: skip
    found = f0_hz[voiced & np.isfinite(f0_hz)]
    return float(np.median(found)) if len(found) else None
