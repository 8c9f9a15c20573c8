"""Kernels that sanitize magnitudes and estimate phase gradients from them, bin by bin.

All take float32 rows [bins] and allocate nothing. Formulas: see ``tables``.
"""

import math

import numpy as np

from synth_app.phase.tables import Float32s, Int32s, KernelTables, OddRational
from synth_app.phase.vectors import WIDTH, Vector, floats, load, select, shift_down, shift_up, store, to_ints
from synth_app.support.kernels import internal, public

_f = np.float32
MAX_MAGNITUDE = _f(1e4)  # limit for a decoder whose output diverges
MIN_MAGNITUDE = _f(1e-12)  # smaller values become 0, so that no product is a denormal number
TINY = _f(1e-20)
UNKNOWN = _f(1e9)  # marks bins for which the caller does not know the distance to a sine
_TURN28 = _f(2.0**28)  # increments are converted to units of 2^-28 turn (range 8 turns) and shifted up


@internal
def sanitize(mag: Float32s, clean: Float32s) -> None:
    """Copy magnitudes; NaN, negative and tiny values become 0, the others are limited to MAX_MAGNITUDE."""
    for k in range(0, clean.shape[0], WIDTH):
        x = load(mag, k)
        x = select(x > MIN_MAGNITUDE, x, _f(0))  # NaN is not greater than anything
        store(clean, k, min(x, MAX_MAGNITUDE))


@public
def odd_rational(x: Vector, fit: OddRational) -> Vector:
    """Evaluate an ``OddRational`` for one number or a vector."""
    x = max(min(x, fit.limit), -fit.limit)
    z = x * x
    above = fit.p0 + z * (fit.p1 + z * (fit.p2 + z * fit.p3))
    return x * above / (_f(1) + z * (fit.q1 + z * (fit.q2 + z * fit.q3)))


@public
def advance_gradient(s: Float32s, tables: KernelTables, delta: Float32s) -> None:
    """Estimate the distance in bins from every bin to the steady sine that its neighbours indicate."""
    fit = tables.advance
    before, x = floats(_f(0)), load(s, 0)
    for k in range(0, s.shape[0], WIDTH):
        after = load(s, k + WIDTH)
        lower, upper = shift_up(before, x, 1), shift_down(x, after, 1)
        store(delta, k, odd_rational((upper - lower) / (upper + lower + TINY), fit))
        before, x = x, after
    delta[0] = _f(0)
    delta[s.shape[0] - 1] = _f(0)


@internal
def apply_known_delta(known_delta: Float32s, delta: Float32s) -> None:
    """Replace estimated distances to a sine by the caller's where they are known."""
    for k in range(0, delta.shape[0], WIDTH):
        known = load(known_delta, k)
        store(delta, k, select(known < UNKNOWN, known, load(delta, k)))
    delta[0] = _f(0)
    delta[delta.shape[0] - 1] = _f(0)


@public
def root_ratio(new: Vector, old: Vector) -> Vector:
    """Return (sqrt(new) - sqrt(old)) / (sqrt(new) + sqrt(old)), computed with one root."""
    return (new - old) / (new + old + _f(2) * math.sqrt(new * old) + TINY)


@public
def slope_causal(s: Float32s, old: Float32s, tables: KernelTables, slope: Float32s) -> None:
    """Estimate the phase slope in turns per bin from this and the previous frame.

    The backward difference detects a rise half a hop late and overestimates it. Where the bin rises (b < 0), the rule
    b <- -b^2 / (|b| + hop / (2 n_fft)) corrects it; the rule was fitted on recorded notes.
    """
    fit, knee = tables.slope, tables.rise_knee
    for k in range(0, s.shape[0], WIDTH):
        b = odd_rational(root_ratio(load(s, k), load(old, k)), fit)
        store(slope, k, select(b < _f(0), -b * b / (knee + abs(b)), b))


@public
def slope_lookahead(old: Float32s, coming: Float32s, tables: KernelTables, slope: Float32s) -> None:
    """Estimate the phase slope as ``slope_causal``, from the frames before and after; centred, so no rule for rises."""
    fit = tables.slope_lookahead
    for k in range(0, old.shape[0], WIDTH):
        store(slope, k, odd_rational(root_ratio(load(coming, k), load(old, k)), fit))


@internal
def follow_flux(s: Float32s, old: Float32s, tables: KernelTables, flux: Float32s) -> None:
    """Update the smoothed relative change per hop of every bin."""
    rho = tables.flux_smoothing
    for k in range(0, s.shape[0], WIDTH):
        x, y, before = load(s, k), load(old, k), load(flux, k)
        store(flux, k, before + rho * (abs(x - y) / (x + y + TINY) - before + TINY))


@internal
def time_step(phase: Int32s, delta: Float32s, old_delta: Float32s, tables: KernelTables, out: Int32s) -> None:
    """Compute phases one hop later, at the mean of each bin's old and new frequency: hop / n_fft (k + delta)."""
    bin_advance = tables.bin_advance
    scale = _f(0.5) * tables.hop_over_n_fft * _TURN28
    for k in range(0, phase.shape[0], WIDTH):
        turned = to_ints((load(old_delta, k) + load(delta, k)) * scale) << 4
        store(out, k, load(phase, k) + load(bin_advance, k) + turned)


@internal
def side_step(slope: Float32s, out: Int32s) -> None:
    """Compute the phase difference from bin k-1 to bin k, the mean of their slopes."""
    before = floats(_f(0))
    for k in range(0, slope.shape[0], WIDTH):
        x = load(slope, k)
        store(out, k, to_ints((shift_up(before, x, 1) + x) * (_f(0.5) * _TURN28)) << 4)
        before = x
    out[0] = 0
