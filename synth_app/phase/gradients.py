"""Kernels that read phase gradients off magnitudes, bin by bin, after making the magnitudes safe.

All take float32 rows [bins], allocate nothing and vectorise. Formulas: see ``tables``.
"""

import numpy as np

from synth_app.kernels import internal, internal_fast, public_fast
from synth_app.phase.tables import Float32s, Int32s, KernelTables, OddRational

_f = np.float32
MAX_MAGNITUDE = _f(1e4)  # a decoder that runs away is held here
MIN_MAGNITUDE = _f(1e-12)  # below it: 0, so that no product is a denormal number
TINY = _f(1e-20)
_TURN28 = _f(2.0**28)  # increments are converted to 2^-28 turn (room for 8 turns) and shifted up


@internal
def sanitize(mag: Float32s, clean: Float32s) -> None:
    """Copy with NaN, negative and vanishing values as 0 and the rest at most MAX_MAGNITUDE.

    Compiled without fast-math, which would assume that there is no NaN.
    """
    for k in range(clean.shape[0]):
        x = mag[k]
        x = x if x > MIN_MAGNITUDE else _f(0)
        clean[k] = x if x < MAX_MAGNITUDE else MAX_MAGNITUDE


@public_fast
def odd_rational(x: np.float32, fit: OddRational) -> np.float32:
    """Evaluate an ``OddRational``."""
    x = max(min(x, fit.limit), -fit.limit)
    z = x * x
    above = fit.p0 + z * (fit.p1 + z * (fit.p2 + z * fit.p3))
    return x * above / (_f(1) + z * (fit.q1 + z * (fit.q2 + z * fit.q3)))


@public_fast
def advance_gradient(s: Float32s, tables: KernelTables, delta: Float32s) -> None:
    """Distance in bins from every bin to the steady sine its neighbours tell of."""
    last = s.shape[0] - 1
    fit = tables.advance
    delta[0] = _f(0)
    delta[last] = _f(0)
    for k in range(1, last):
        delta[k] = odd_rational((s[k + 1] - s[k - 1]) / (s[k + 1] + s[k - 1] + TINY), fit)


@public_fast
def root_ratio(new: np.float32, old: np.float32) -> np.float32:
    """(sqrt(new) - sqrt(old)) / (sqrt(new) + sqrt(old)), written with one root."""
    return (new - old) / (new + old + _f(2) * np.sqrt(new * old) + TINY)


@public_fast
def slope_causal(s: Float32s, old: Float32s, tables: KernelTables, slope: Float32s) -> None:
    """Phase slope in turns per bin from this and the previous frame.

    The backward difference sees a rise half a hop late and too steeply; b <- -b^2 / (|b| + hop / (2 n_fft))
    where the bin rises (b < 0) was found on recorded notes.
    """
    fit, knee = tables.slope, tables.rise_knee
    for k in range(s.shape[0]):
        b = odd_rational(root_ratio(s[k], old[k]), fit)
        slope[k] = -b * b / (knee - b) if b < _f(0) else b


@public_fast
def slope_lookahead(old: Float32s, coming: Float32s, tables: KernelTables, slope: Float32s) -> None:
    """As ``slope_causal``, from the frames before and after: centred, so without the rule for rises."""
    fit = tables.slope_lookahead
    for k in range(old.shape[0]):
        slope[k] = odd_rational(root_ratio(coming[k], old[k]), fit)


@internal_fast
def follow_flux(s: Float32s, old: Float32s, tables: KernelTables, flux: Float32s) -> None:
    """Smooth the relative change per hop of every bin."""
    rho = tables.flux_smoothing
    for k in range(s.shape[0]):
        flux[k] += rho * (abs(s[k] - old[k]) / (s[k] + old[k] + TINY) - flux[k] + TINY)


@internal_fast
def time_step(phase: Int32s, delta: Float32s, old_delta: Float32s, tables: KernelTables, out: Int32s) -> None:
    """Phase one hop on, at the mean of the old and the new frequency of each bin: hop / n_fft (k + delta)."""
    bin_advance = tables.bin_advance
    scale = _f(0.5) * tables.hop_over_n_fft * _TURN28
    for k in range(phase.shape[0]):
        out[k] = phase[k] + bin_advance[k] + (np.int32((old_delta[k] + delta[k]) * scale) << 4)


@internal_fast
def side_step(slope: Float32s, out: Int32s) -> None:
    """Phase difference from bin k-1 to bin k, the mean of their slopes."""
    out[0] = 0
    for k in range(1, slope.shape[0]):
        out[k] = np.int32((slope[k - 1] + slope[k]) * (_f(0.5) * _TURN28)) << 4
