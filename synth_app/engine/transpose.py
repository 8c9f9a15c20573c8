"""Transposes a magnitude frame by moving whole spectral peaks, so that partials keep their width (compiled).

Scaling the frequency axis would widen every window lobe; here each region from valley to valley moves by
its own peak's distance ``(ratio - 1) * peak`` bins. Bins are read at fractional places: the window's lobe,
known exactly, is taken out around the peak, the smooth rest is interpolated in dB, and the lobe is put back
around the new place, so a steady partial keeps its shape to a hundredth of a dB and its pitch with it. Phases
are found afterwards from the moved frame, so they fit the new frequencies by themselves. The spectral
envelope is kept by one gain per region: a tilt within a lobe would detune it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.kernels import internal_fast, public_fast
from synth_app.spectrum import window

Float32s = NDArray[np.float32]
_f = np.float32
Real = float | np.floating  # compiled code meets both
MAX_BOOST_DB = _f(24.0)
_LOBE_STEPS = 64  # table entries per bin
_LOBE_FLOOR_DB = -40.0  # beyond it the lobe explains nothing more of a bin
_LOBE_CORE = _f(1.5)  # bins from the peak within which the lobe, not its surroundings, sets the level
_LOBE_REACH = _f(5.0)  # beyond it, with a bin to spare, the tabulated lobe is flat for every window
_RATIO_STEPS = 512
_LOCK_REACH = _f(0.5)  # bins; what stands farther from a harmonic is no mistuned one


class PeakShape(NamedTuple):
    """A window's main lobe.

    Attributes:
        lobe_db: float32, W(x)/W(0) in dB at x = 0, 1/64, ... bins, constant from _LOBE_FLOOR_DB on.
        distance: float32 [513], ratio (upper - lower) / (upper + lower) of a peak's neighbours, from -1 to 1,
            to the peak's distance from its bin.
    """

    lobe_db: Float32s
    distance: Float32s


def peak_shape(window_name: str) -> PeakShape:
    """Tabulate the lobe of a window; it does not depend on the transform length."""
    length = 1024
    taper = window(window_name, length)
    time = (np.arange(length) - length // 2) / length

    def lobe(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.cos(2.0 * np.pi * np.outer(x, time)) @ taper / taper.sum()

    main = lobe(np.arange(4 * _LOBE_STEPS) / _LOBE_STEPS)
    end = int(np.argmax(main < 10.0 ** (_LOBE_FLOOR_DB / 20.0)))
    lobe_db = np.full(end + 2, _LOBE_FLOOR_DB)
    lobe_db[:end] = 20.0 * np.log10(main[:end])
    delta = np.linspace(-0.75, 0.75, 1501)
    upper, lower = lobe(1.0 - delta), lobe(1.0 + delta)
    grid = np.linspace(-1.0, 1.0, _RATIO_STEPS + 1)
    distance = np.interp(grid, (upper - lower) / (upper + lower), delta)
    return PeakShape(lobe_db.astype(np.float32), distance.astype(np.float32))


@internal_fast
def _table(values: Float32s, place: Real) -> Real:
    """Linear interpolation, the last value beyond the end."""
    i = min(int(place), values.shape[0] - 2)
    f = min(_f(place - i), _f(1.0))
    return values[i] + f * (values[i + 1] - values[i])


@internal_fast
def sum_power(amplitude: Float32s, sums: NDArray[np.float64]) -> None:
    """Running sum of power: ``sums[k]`` is that of all bins below k, float64 [bins + 1]."""
    total = 0.0
    sums[0] = 0.0
    for k in range(amplitude.shape[0]):
        total += float(amplitude[k]) * float(amplitude[k])
        sums[k + 1] = total


@internal_fast
def _envelope_power(sums: NDArray[np.float64], place: Real, half: int) -> float:
    """Spectral envelope: mean power over one partial's spacing around a bin, so that it holds about one partial."""
    k = int(place + 0.5)
    low, high = max(k - half, 0), min(k + half + 1, sums.shape[0] - 1)
    return (sums[high] - sums[low]) / (high - low) + 1e-20


@internal_fast
def _peak_place(frame_db: Float32s, k: int, shape: PeakShape) -> Real:
    """Place in bins of the steady partial that peaks at bin ``k``: exact for the window."""
    lower = np.exp(_f(0.11512925) * (frame_db[k - 1] - frame_db[k]))
    upper = np.exp(_f(0.11512925) * (frame_db[k + 1] - frame_db[k]))
    ratio = (upper - lower) / (upper + lower)
    return k + _table(shape.distance, (ratio + _f(1.0)) * _f(_RATIO_STEPS / 2))


@internal_fast
def _locked_place(peak: Real, spacing_bins: float, lock: float) -> Real:
    """The place of a peak, drawn to the harmonic next to it, fully where it is near and not at all from far off."""
    harmonic = np.floor(peak / _f(spacing_bins) + _f(0.5)) * _f(spacing_bins)
    distance = (peak - harmonic) / _LOCK_REACH
    if harmonic < _f(1.0) or abs(distance) >= _f(1.0):
        return peak
    near = _f(1.0) - distance * distance
    return peak - _f(lock) * near * (peak - harmonic)


@internal_fast
def _move(
    frame_db: Float32s, low: int, high: int, peak: Real, shift: Real, gain: Real, done: int, shape: PeakShape,
    out: Float32s,
) -> int:  # fmt: skip
    """Copy one region to its new place; fill from the last written bin ``done`` by a straight line in dB."""
    n = out.shape[0]
    first = max(int(np.ceil(low + shift)), 0)
    last = min(int(np.floor(high + shift)), n - 1)
    lobe = shape.lobe_db
    steps = _f(_LOBE_STEPS)
    for j in range(first, last + 1):
        x = _f(j - shift)
        i = min(max(int(x), low), high - 1)
        f = x - _f(i)
        if abs(x - _f(peak)) > _LOBE_REACH:
            value = frame_db[i] + f * (frame_db[i + 1] - frame_db[i]) + _f(gain)
            out[j] = max(out[j], value) if j <= done else value
            continue
        from_peak, below, above = abs(x - _f(peak)), abs(_f(i) - _f(peak)), abs(_f(i + 1) - _f(peak))
        a = frame_db[i] - _table(lobe, below * steps)
        b = frame_db[i + 1] - _table(lobe, above * steps)
        if from_peak < _LOBE_CORE:  # a bin at the lobe's zero tells nothing about its core
            a, b = b if below > _LOBE_CORE else a, a if above > _LOBE_CORE else b
        value = a + f * (b - a) + _table(lobe, from_peak * steps) + _f(gain)
        out[j] = max(out[j], value) if j <= done else value
    if first > done + 1 and first < n and done >= 0:
        a, b = out[done], out[first]
        for j in range(done + 1, first):
            out[j] = a + (b - a) * _f(j - done) / _f(first - done)
    return max(done, last)


@public_fast
def shift_peaks(
    frame_db: Float32s, amplitude: Float32s, ratio: float, formant: float, spacing_bins: float, lock: float,
    floor_db: float, shape: PeakShape, sums: NDArray[np.float64], out: Float32s,
) -> None:  # fmt: skip
    """Transpose a frame.

    Args:
        frame_db: float32 [bins], finite.
        amplitude: float32 [bins], the same frame, linear.
        ratio: frequency ratio, > 0.
        formant: 0 keeps the spectral envelope where it is, 1 moves it with the partials.
        spacing_bins: distance between the frame's partials in bins.
        lock: 0-1, how far peaks near a harmonic of that spacing are drawn to it.
        floor_db: level of bins that nothing moves to.
        shape: lobe of the frame's window.
        sums: float64 [bins + 1], scratch.
        out: float32 [bins], result.
    """
    n = frame_db.shape[0]
    out[:] = _f(floor_db)
    keep = formant < 1.0
    if keep:
        sum_power(amplitude, sums)
    half = max(2, int(spacing_bins * 0.5 + 0.5))
    low, done, k = 0, -1, 1
    while k < n - 1:
        if frame_db[k] > frame_db[k - 1] and frame_db[k] >= frame_db[k + 1]:
            high = k + 1
            while high < n - 1 and frame_db[high + 1] < frame_db[high]:
                high += 1
            peak = _peak_place(frame_db, k, shape)
            shift = ratio * _locked_place(peak, spacing_bins, lock) - peak
            if low + shift >= n:
                break
            gain = _f(0.0)
            if keep:
                rise = _envelope_power(sums, min(peak * ratio, n - 1.0), half) / _envelope_power(sums, peak, half)
                gain = min(_f((1.0 - formant) * 4.3429448 * np.log(rise)), MAX_BOOST_DB)
            done = _move(frame_db, low, high, peak, shift, gain, done, shape, out)
            low = high
            k = high
        k += 1
