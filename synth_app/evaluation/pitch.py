"""The pitch of recorded or rendered sound, by an estimator that knows nothing of models: librosa's pYIN."""

import numpy as np
from numpy.typing import NDArray

LOWEST_HZ, HIGHEST_HZ = 25.0, 4500.0  # of A0 and beyond C8
_SECONDS = 4.0  # as much of a long sound as is looked at
_PERIODS = 4.0  # of the lowest pitch in a frame


def estimate_pitch(
    samples: NDArray[np.float32], sample_rate: int, lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ
) -> float | None:
    """Median pitch of the voiced part of a sound (Mauch & Dixon 2014).

    Args:
        samples: float32 [n], mono.
        sample_rate: Hz.
        lowest_hz, highest_hz: range searched.

    Returns:
        MIDI pitch, fractions included; None where no pitch is found.
    """
    import librosa  # slow to import

    part = samples[: round(_SECONDS * sample_rate)]
    frame = 1 << int(np.ceil(np.log2(_PERIODS * sample_rate / lowest_hz)))
    if len(part) < frame:
        part = np.pad(part, (0, frame - len(part)))
    top = min(highest_hz, 0.45 * sample_rate)
    f0_hz, voiced, _ = librosa.pyin(
        part, fmin=lowest_hz, fmax=top, sr=sample_rate, frame_length=frame, hop_length=frame // 4, resolution=0.02
    )
    found = f0_hz[voiced & np.isfinite(f0_hz)]
    return float(69.0 + 12.0 * np.log2(np.median(found) / 440.0)) if len(found) else None
