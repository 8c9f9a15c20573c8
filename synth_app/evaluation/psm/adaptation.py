"""Adaptation of the auditory nerve: five feedback loops that pass changes and compress steady input."""

import numpy as np
from numpy.typing import NDArray

from synth_app.support.kernels import public

Float64s = NDArray[np.float64]

# Dau, Pueschel & Kohlrausch 1996: time constants of the loops in seconds
TIME_CONSTANTS_S = (0.005, 0.050, 0.129, 0.253, 0.500)
# Muenkner 1993, as Dau, Kollmeier & Kohlrausch 1997 use it: onset over steady state of one loop, at most
OVERSHOOT_LIMIT = 10.0
# The absolute threshold, of a scale whose 1 is 100 dB SPL, is 0 dB SPL at all frequencies
THRESHOLD = 1e-5
MODEL_UNITS = 100.0  # output for a steady 1; the threshold gives 0


def adapt(hair_cells: Float64s, rate_hz: float, limit: float = OVERSHOOT_LIMIT) -> Float64s:
    """Return the adapted activity of each channel in model units.

    Each loop divides its input by its own low-passed output. Its steady state is therefore a square root, and that of
    all five the 32nd root. The result is mapped linearly so that the threshold is 0 and 1 is 100 (Dau, Pueschel &
    Kohlrausch 1996). All loops start at rest, in the steady state of the threshold.

    Args:
        hair_cells: float64 [channels, samples], 1 is 100 dB SPL. Values below the threshold are raised to it.
        rate_hz: samples per second.
        limit: maximum overshoot of a loop, see ``OVERSHOOT_LIMIT``; 1 or less for none.

    Returns:
        float64 [channels, samples] in model units.
    """
    decays = np.exp(-1.0 / (np.array(TIME_CONSTANTS_S) * rate_hz))
    rest = THRESHOLD ** (0.5 ** np.arange(1, len(decays) + 1))
    out = np.maximum(hair_cells, THRESHOLD)
    _run_loops(out, decays, rest, limit)
    result: Float64s = (out - rest[-1]) * (MODEL_UNITS / (1.0 - rest[-1]))
    return result


@public
def _run_loops(values: Float64s, decays: Float64s, rest: Float64s, limit: float) -> None:
    """Pass each row of ``values`` through the loops, in place.

    An output above 1 is limited by a sigmoid of slope 1 at 1 (Muenkner 1993): with m = limit (1 - rest^2) - 1, v
    becomes 2m / (1 + exp(-2 (v - 1) / m)) - m + 1.
    """
    loops = len(decays)
    for channel in range(values.shape[0]):
        state = rest.copy()
        for n in range(values.shape[1]):
            value = values[channel, n]
            for k in range(loops):
                value /= state[k]
                if limit > 1.0 and value > 1.0:
                    most = limit * (1.0 - rest[k] * rest[k]) - 1.0
                    value = 2.0 * most / (1.0 + np.exp(-2.0 * (value - 1.0) / most)) - most + 1.0
                state[k] = decays[k] * state[k] + (1.0 - decays[k]) * value
            values[channel, n] = value
