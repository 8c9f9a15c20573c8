"""Transposition of a magnitude frame by moving whole spectral peaks, so that partials keep their width (compiled).

Scaling the frequency axis would widen every window lobe. Here the region of each clear peak, from valley to valley,
moves by its own peak's distance ``(ratio - 1) * peak`` bins, and the bins between such regions are stretched. Bins are
read at fractional positions: the window's lobe, known exactly, is removed around the peak, the smooth rest is
interpolated in dB, and the lobe is added again around the new position. So a steady partial keeps its shape within a
hundredth of a dB, and its pitch with it. Phases are estimated afterwards from the moved frame, so they fit the new
frequencies. The spectral envelope is kept by one gain per region, because a tilt within a lobe would detune it.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.phase import UNKNOWN
from synth_app.spectrum import window
from synth_app.support.disk_cache import cached_on_disk
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
_f = np.float32
Real = float | np.floating  # compiled code is called with both
MAX_BOOST_DB = _f(24.0)
_TAPER = 1024  # samples of the window for the tables
_LOBE_STEPS = 64  # table entries per bin
_LOBE_FLOOR_DB = -40.0  # level at which the table ends
LOBE_CORE_BINS = _f(1.5)  # distance from the peak within which its lobe sets level and frequency
_RATIO_STEPS = 512
_TINY = _f(1e-30)
_PEAK_DB = _f(6.0)  # height over both valleys of a partial; less is a ripple of noise
_LONGEST_STRETCH = 48  # bins
_LOCK_REACH = _f(0.5)  # bins; a peak farther from a harmonic is not a mistuned harmonic


class PeakShape(NamedTuple):
    """A window's main lobe.

    Attributes:
        lobe_db: float32, W(x)/W(0) in dB at x = 0, 1/64, ... bins, constant from _LOBE_FLOOR_DB on.
        distance: float32 [513], ratio (upper - lower) / (upper + lower) of a peak's neighbours, from -1 to 1,
            to the peak's distance from its bin.
        reach: distance in bins beyond which the tabulated lobe is flat, plus one bin.
        power: sum over a steady partial's bins, relative to its peak's.
    """

    lobe_db: Float32s
    distance: Float32s
    reach: np.float32
    power: np.float32


class Transposition(NamedTuple):
    """How to move a frame's partials.

    Attributes:
        ratio: frequency ratio, > 0.
        formant: 0 keeps the spectral envelope in place, 1 moves it with the partials.
        spacing_bins: distance between the frame's partials in bins.
        lock: harmonic lock, 0-1: how far peaks near a harmonic of that spacing move onto it.
        floor_db: level of bins to which nothing moves.
    """

    ratio: float
    formant: float
    spacing_bins: float
    lock: float
    floor_db: float


class MovedFrame(NamedTuple):
    """A transposed frame, float32 [bins] each.

    Attributes:
        level_db: magnitudes in dB.
        known_delta: distance from each bin to the peak moved there, within the peak's core; UNKNOWN elsewhere, as in
            ``SweepState.known_delta``. The peak's own frequency, moved, is more exact than an estimate from the moved
            frame, in which near neighbours overlap differently.
        min_tonal: as in ``SweepState.min_tonal``.
    """

    level_db: Float32s
    known_delta: Float32s
    min_tonal: Float32s


@lru_cache(maxsize=8)
def peak_shape(window_name: str) -> PeakShape:
    """Tabulate a window's main lobe, which does not depend on the transform length."""
    taper, lobe_db = window(window_name, _TAPER), _main_lobe_db(window_name)
    reach = _f((len(lobe_db) - 2) / _LOBE_STEPS + 1.0)
    return PeakShape(lobe_db, _peak_distances(window_name), reach, _f(_TAPER * np.sum(taper**2) / np.sum(taper) ** 2))


@cached_on_disk
def _main_lobe_db(window_name: str) -> Float32s:
    main = _lobe(window_name, np.arange(4 * _LOBE_STEPS) / _LOBE_STEPS)
    end = int(np.argmax(main < 10.0 ** (_LOBE_FLOOR_DB / 20.0)))
    tabulated = np.full(end + 2, _LOBE_FLOOR_DB)
    tabulated[:end] = 20.0 * np.log10(main[:end])
    return tabulated.astype(np.float32)


@cached_on_disk
def _peak_distances(window_name: str) -> Float32s:
    delta = np.linspace(-0.75, 0.75, 1501)
    upper, lower = _lobe(window_name, 1.0 - delta), _lobe(window_name, 1.0 + delta)
    grid = np.linspace(-1.0, 1.0, _RATIO_STEPS + 1)
    return np.interp(grid, (upper - lower) / (upper + lower), delta).astype(np.float32)


def _lobe(window_name: str, at_bins: NDArray[np.float64]) -> NDArray[np.float64]:
    taper = window(window_name, _TAPER)
    time = (np.arange(_TAPER) - _TAPER // 2) / _TAPER
    return np.cos(2.0 * np.pi * np.outer(at_bins, time)) @ taper / taper.sum()


@internal_fast
def _table(values: Float32s, position: Real) -> Real:
    """Interpolate a table linearly; beyond the end it has its last value."""
    i = min(int(position), values.shape[0] - 2)
    f = min(_f(position - i), _f(1.0))
    return values[i] + f * (values[i + 1] - values[i])


@internal_fast
def lobe_db(shape: PeakShape, distance: Real) -> Real:
    """Return the level in dB, relative to its peak, of a steady partial ``distance`` bins from it."""
    return _table(shape.lobe_db, distance * _f(_LOBE_STEPS))


@internal_fast
def sum_power(amplitude: Float32s, sums: NDArray[np.float64]) -> None:
    """Compute the running sum of power: ``sums[k]`` is that of all bins below k, float64 [bins + 1]."""
    total = 0.0
    sums[0] = 0.0
    for k in range(amplitude.shape[0]):
        total += float(amplitude[k]) * float(amplitude[k])
        sums[k + 1] = total


@internal_fast
def _envelope_power(sums: NDArray[np.float64], position: Real, half: int) -> float:
    """Return the spectral envelope: mean power over one partial's spacing around a bin, so about one partial."""
    k = int(position + 0.5)
    low, high = max(k - half, 0), min(k + half + 1, sums.shape[0] - 1)
    return (sums[high] - sums[low]) / (high - low) + 1e-20


@internal_fast
def _peak_position(amplitude: Float32s, k: int, shape: PeakShape) -> Real:
    """Return the position in bins of the steady partial that peaks at bin ``k``; exact for the window."""
    lower, upper = amplitude[k - 1], amplitude[k + 1]
    ratio = (upper - lower) / (upper + lower + _TINY)
    return k + _table(shape.distance, (ratio + _f(1.0)) * _f(_RATIO_STEPS / 2))


@internal_fast
def _locked_position(peak: Real, spacing_bins: float, lock: float) -> Real:
    """Return a peak's position, moved towards the nearest harmonic: fully if it is near, not at all if it is far."""
    harmonic = np.floor(peak / _f(spacing_bins) + _f(0.5)) * _f(spacing_bins)
    distance = (peak - harmonic) / _LOCK_REACH
    if harmonic < _f(1.0) or abs(distance) >= _f(1.0):
        return peak
    near = _f(1.0) - distance * distance
    return peak - _f(lock) * near * (peak - harmonic)


@internal_fast
def _move(
    frame_db: Float32s, low: int, high: int, peak: Real, shift: Real, gain: Real, done: int, shape: PeakShape,
    moved: MovedFrame,
) -> int:  # fmt: skip
    """Copy a peak's region to its new position; where bins up to ``done`` are already written, keep the louder one."""
    first = max(int(np.ceil(low + shift)), 0)
    last = min(int(np.floor(high + shift)), moved.level_db.shape[0] - 1)
    lobe = shape.lobe_db
    steps = _f(_LOBE_STEPS)
    for j in range(first, last + 1):
        x = _f(j - shift)
        i = min(max(int(x), low), high - 1)
        f = x - _f(i)
        from_peak = abs(x - _f(peak))
        a, b = frame_db[i], frame_db[i + 1]
        value = a + f * (b - a) + _f(gain)
        if from_peak <= shape.reach:
            below, above = abs(_f(i) - _f(peak)), abs(_f(i + 1) - _f(peak))
            a -= _table(lobe, below * steps)
            b -= _table(lobe, above * steps)
            if from_peak < LOBE_CORE_BINS:  # a bin at the lobe's zero says nothing about its core
                a, b = b if below > LOBE_CORE_BINS else a, a if above > LOBE_CORE_BINS else b
            value = a + f * (b - a) + _table(lobe, from_peak * steps) + _f(gain)
        if j > done or value > moved.level_db[j]:
            moved.level_db[j] = value
            moved.known_delta[j] = _f(peak) + _f(shift) - _f(j) if from_peak < LOBE_CORE_BINS else UNKNOWN
    return max(done, last)


@internal_fast
def _stretch(
    frame_db: Float32s, low: Real, high: Real, new_low: Real, new_high: Real, gain: Real, new_gain: Real, done: int,
    moved: MovedFrame,
) -> int:  # fmt: skip
    """Stretch the bins between two positions to their new positions; the gain changes linearly between them."""
    first, last = max(int(np.ceil(new_low)), 0), min(int(np.floor(new_high)), moved.level_db.shape[0] - 1)
    if last < first:
        return done
    per_bin = _f(1.0) / max(_f(new_high - new_low), _f(1e-3))
    step, slope = _f(high - low) * per_bin, _f(new_gain - gain) * per_bin
    top = frame_db.shape[0] - 2
    for j in range(first, last + 1):
        t = _f(j) - _f(new_low)
        x = _f(low) + t * step
        i = min(int(x), top)
        value = frame_db[i] + (x - _f(i)) * (frame_db[i + 1] - frame_db[i]) + _f(gain) + t * slope
        if j > done or value > moved.level_db[j]:
            moved.level_db[j] = value
            moved.known_delta[j] = UNKNOWN
    return max(done, last)


@internal_fast
def envelope_gain_db(
    sums: NDArray[np.float64], position: Real, new_position: Real, half: int, formant: float, top: Real
) -> np.float32:
    """Return the gain that keeps the envelope in place: its level at the new position over that at the old one."""
    if formant >= 1.0:
        return _f(0.0)
    rise = _envelope_power(sums, min(new_position, top), half) / _envelope_power(sums, position, half)
    return min(_f((1.0 - formant) * 4.3429448 * np.log(rise)), MAX_BOOST_DB)


@public_fast
def shift_peaks(
    frame_db: Float32s, amplitude: Float32s, transposition: Transposition, shape: PeakShape,
    sums: NDArray[np.float64], moved: MovedFrame,
) -> None:  # fmt: skip
    """Transpose a frame.

    Args:
        frame_db: float32 [bins], finite.
        amplitude: float32 [bins], the same frame, linear.
        transposition: ratio, formant, spacing, lock and floor.
        shape: lobe of the frame's window.
        sums: float64 [bins + 1], scratch.
        moved: result; its ``min_tonal`` stays unchanged.
    """
    ratio, formant, spacing_bins = transposition.ratio, transposition.formant, transposition.spacing_bins
    n = frame_db.shape[0]
    moved.level_db[:] = _f(transposition.floor_db)
    moved.known_delta[:] = UNKNOWN
    if formant < 1.0:
        sum_power(amplitude, sums)
    half, top = max(2, int(spacing_bins * 0.5 + 0.5)), n - 1.0
    # bins up to `position` are moved, to `new_position`, the last of them with `gain`; `valley` is the last minimum
    position, new_position, gain, started = 0.0, 0.0, _f(0.0), False
    done, valley, k = -1, 0, 1
    while valley < n - 1 and frame_db[valley + 1] < frame_db[valley]:  # energy at 0 Hz is not the foot of a partial
        valley += 1
    while k < n - 1 and new_position < n:
        if frame_db[k] > frame_db[k - 1] and frame_db[k] >= frame_db[k + 1]:
            high = k + 1
            while high < n - 1 and frame_db[high + 1] < frame_db[high]:
                high += 1
            if frame_db[k] - max(frame_db[valley], frame_db[high]) > _PEAK_DB:
                peak = _peak_position(amplitude, k, shape)
                shift = ratio * _locked_position(peak, spacing_bins, transposition.lock) - peak
                new_gain = envelope_gain_db(sums, peak, peak * ratio, half, formant, top)
                before = gain if started else new_gain
                done = _stretch(frame_db, position, valley, new_position, valley + shift, before, new_gain, done, moved)
                done = _move(frame_db, valley, high, peak, shift, new_gain, done, shape, moved)
                position, new_position, gain, started = float(high), high + shift, new_gain, True
            valley = high
            k = high
        if k - position >= _LONGEST_STRETCH:  # the envelope bends on the way
            new_gain = envelope_gain_db(sums, float(k), k * ratio, half, formant, top)
            before = gain if started else new_gain
            done = _stretch(frame_db, position, k, new_position, k * ratio, before, new_gain, done, moved)
            position, new_position, gain, started = float(k), k * ratio, new_gain, True
        k += 1
    _stretch(frame_db, position, top, new_position, top * ratio, gain, gain, done, moved)
