"""Periodic analysis windows by name."""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError

# The Gaussian exp(-pi (n - N/2)^2 / (GAUSSIAN_WIDTH N^2)) falls to about -40 dB at its ends,
# the value used for phase-gradient integration (Prusa et al., "Phase Vocoder Done Right", 2017).
GAUSSIAN_WIDTH = 0.17054704423023

_COSINE_TERMS: dict[str, tuple[float, ...]] = {
    "hann": (0.5, -0.5),
    "hamming": (0.54, -0.46),
    "blackman": (0.42, -0.5, 0.08),
}
WINDOWS: tuple[str, ...] = (*_COSINE_TERMS, "gaussian")


def window(name: str, n: int) -> NDArray[np.float64]:
    """Return the periodic window of ``n`` samples, with its peak of 1 at sample n/2.

    Args:
        name: one of ``WINDOWS``.
        n: length in samples, at least 2.

    Returns:
        float64 [n].

    Raises:
        UserError: unknown name, or fewer than 2 samples.
    """
    if n < 2:
        raise UserError(f"a window of {n} samples is too short; the minimum is 2")
    phase = 2 * np.pi * np.arange(n) / n
    if name in _COSINE_TERMS:
        terms = _COSINE_TERMS[name]
        taper: NDArray[np.float64] = np.sum([a * np.cos(i * phase) for i, a in enumerate(terms)], axis=0)
        return taper
    if name == "gaussian":
        centred = (np.arange(n) - n / 2) / n
        taper = np.exp(-np.pi * centred**2 / GAUSSIAN_WIDTH)
        return taper
    raise UserError(f"unknown window {name!r}; choose one of {', '.join(WINDOWS)}")
