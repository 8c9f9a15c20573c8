"""The pitch of one recorded note: found by its strength, measured at its partials, checked by repetition."""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.spectrum.pitch_strength import candidate_hz, pitch_strengths

Float64s = NDArray[np.float64]
_RATE_HZ, _LONGEST_S, _STEP_S = 24_000, 2.0, 0.03
_ONSET = 0.05  # of the highest level
_LEAST_STRENGTH = 0.12
_LEAST_LAG_S, _REPEAT_S, _LEAST_LIKENESS = 0.005, 0.3, 0.25
_PARTIALS = 8
_MOST_PARTIALS, _NEAR, _MISSING = 12, 0.2, 0.01  # half width re the pitch; share of the power that is next to nothing
_LOBE_BINS = 3  # half width of a partial in the spectrum
_REACHES_SEMITONES = (0.8, 0.8, 0.6)  # about a partial; each time it is found better, and noise beside it is left out
_PERIODS, _LEAST_WINDOW_S, _ZERO_PADDING = 16.0, 0.2, 4
_LOWEST, _HIGHEST = 0.0, 127.0


def find_pitch(samples: NDArray[np.floating], rate: int) -> float | None:
    """Return the MIDI pitch of one note, fractions allowed, within 0 to 127; None without a clear one.

    The first two seconds count, moments by their level. The strongest candidate (``pitch_strengths``) is measured at
    its partials to a few cents.

    Args:
        samples: mono [n]. rate: in Hz.
    """
    sound = np.asarray(samples, np.float64)
    if rate != _RATE_HZ:
        import soxr

        sound = soxr.resample(sound, rate, _RATE_HZ)
    level = np.abs(sound)
    if not level.any():
        return None
    begin = int(np.argmax(level > _ONSET * level.max()))
    sound = sound[begin : begin + round(_LONGEST_S * _RATE_HZ)]
    strongest = _strongest_hz(sound)
    if strongest is None:
        return None
    rough_hz, clearest_s = strongest
    exact_hz = _measured_hz(sound, rough_hz)
    if not repeats(sound[round(clearest_s * _RATE_HZ) :], _RATE_HZ, exact_hz):
        return None
    return min(max(69.0 + 12.0 * math.log2(exact_hz / 440.0), _LOWEST), _HIGHEST)


def _strongest_hz(sound: Float64s) -> tuple[float, float] | None:
    """Return the candidate that is strongest in the mean over the sound, and the second at which it is clearest."""
    at_s = np.arange(0.0, max(len(sound) / _RATE_HZ - _STEP_S, _STEP_S), _STEP_S)
    half = round(_STEP_S * _RATE_HZ)
    padded = np.pad(sound, half)
    level = np.array([np.linalg.norm(padded[i : i + 2 * half]) for i in np.rint(at_s * _RATE_HZ).astype(int)])
    strengths = level[:, None] * pitch_strengths(sound, _RATE_HZ, at_s)
    strength = strengths.sum(axis=0) / max(level.sum(), 1e-12)
    best = int(strength.argmax())
    if strength[best] < _LEAST_STRENGTH:
        return None
    return float(candidate_hz()[best]), float(at_s[strengths[:, best].argmax()])


def _measured_hz(sound: Float64s, near_hz: float) -> float:
    """Return the pitch near a candidate at which the partials lie, weighted by amplitude and number."""
    size = round(max(_PERIODS / near_hz, _LEAST_WINDOW_S) * _RATE_HZ)
    padded = np.pad(sound, (0, max(size - len(sound), 0)))
    cuts = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2]
    power = (np.abs(np.fft.rfft(cuts * np.blackman(size), _ZERO_PADDING * size, axis=1)) ** 2).sum(axis=0)
    bin_hz = _RATE_HZ / (_ZERO_PADDING * size)
    for reach in _REACHES_SEMITONES:
        near_hz *= 2.0 ** _octaves_off(power, near_hz / bin_hz, 2.0 ** (reach / 12.0))
    return near_hz * _first_partial(power, near_hz / bin_hz)


def _first_partial(power: Float64s, f0_bins: float) -> int:
    """Return the number of the partial that is the pitch: 1, or more if all others than its multiples are missing."""
    last = min(_MOST_PARTIALS, int(len(power) / f0_bins - 0.5))
    half = max(f0_bins * _NEAR, 1.0)
    edges = [(math.ceil(n * f0_bins - half), int(n * f0_bins + half) + 1) for n in range(1, last + 1)]
    powers = np.array([power[low:high].sum() for low, high in edges])
    for divisor in (5, 3, 2):
        others = np.arange(1, last + 1) % divisor != 0
        if powers[others].sum() < _MISSING * powers.sum():
            return divisor * _first_partial(power, divisor * f0_bins)
    return 1


def _octaves_off(power: Float64s, near_bins: float, reach: float) -> float:
    """Return by how many octaves the partials lie above those of a pitch in bins, within a ratio of ``reach``.

    A partial lies at the centre of its power. The highest bin would be at an end of a vibrato's range.
    """
    octaves, total = 0.0, 0.0
    for number in range(1, _PARTIALS + 1):
        half = max(number * near_bins * (reach - 1.0), _LOBE_BINS * _ZERO_PADDING)
        low, high = math.ceil(number * near_bins - half), int(number * near_bins + half)
        if high >= len(power):
            break
        here = power[low : high + 1]
        weight = math.sqrt(here.sum() * number)
        if weight > 0.0:
            octaves += weight * math.log2(float(here @ np.arange(low, high + 1) / here.sum()) / (number * near_bins))
            total += weight
    return octaves / total if total > 0.0 else 0.0


def repeats(samples: NDArray[np.floating], rate: int, f0_hz: float) -> bool:
    """Return whether a sound repeats itself with a frequency, as noise does not in which a pitch seems to be found.

    The normalized autocorrelation of the first 0.3 s is looked at, at the first multiple of the period that is as long
    as 5 ms: over shorter times filtered noise resembles itself too.
    """
    period = rate / f0_hz * max(math.ceil(_LEAST_LAG_S * f0_hz), 1)
    part = samples[: round(_REPEAT_S * rate)].astype(np.float64)
    lags = range(int(period * 0.99), math.ceil(period * 1.01) + 1)
    return any(_likeness(part[:-lag], part[lag:]) > _LEAST_LIKENESS for lag in lags if 0 < lag < len(part) // 2)


def _likeness(x: Float64s, y: Float64s) -> float:
    power = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(power) if power > 0.0 else 0.0
