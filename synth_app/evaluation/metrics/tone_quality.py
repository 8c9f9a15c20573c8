"""Measures of a held note or chord: harmonics over noise, envelope flutter, fall of the level, and stereo image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt
from scipy.signal.windows import tukey

Float64s = NDArray[np.float64]
Sound = NDArray[np.floating]
MOST_HNR_DB = 35.0  # purer tones sound alike
MOST_FALL_DB = 60.0  # a note that has fallen further is silent
FLUTTER_HZ = (15.0, 50.0)
_HARMONICS = 24
_NEAR = 0.15  # half width of a harmonic's band over the distance of harmonics
_CHORD_HARMONICS, _CHORD_NEAR = 12, 0.08  # their bands must leave room for the noise between them
_PITCH_CENTS = np.arange(-40.0, 40.5, 2.0)  # where a recording's pitch may lie about its key
_ENVELOPE_HZ = 1000
_SLOW_HZ = 8.0  # slower movement of the level is expression, not flutter
_FADE_S, _EDGE_S = 0.02, 0.05  # fades before the transform, and what is left out for them at both ends
_LEVEL_S = 0.2
_LEAST_POWER = 1e-20


def harmonic_to_noise_db(mono: Sound, rate: int, f0_hz: float) -> float:
    """Return the power of harmonics 1 to 24 over that of the noise among them, at most 35 dB.

    Noise is measured between the harmonics, and the part of it that lies under them is subtracted. The value is the
    median over seconds that overlap by half. The pitch may deviate from ``f0_hz`` by 40 cents.

    Args:
        mono: samples [n], at least 1 s. rate: in Hz. f0_hz: pitch of the note.
    """
    return _median_of_seconds(mono, rate, lambda power, hz, ratio: _hnr_at_pitch_db(power, hz, f0_hz * ratio))


def chord_to_noise_db(mono: Sound, rate: int, f0s_hz: tuple[float, ...]) -> float:
    """Return the power of the harmonics of all tones of a chord over that of the noise among them, at most 35 dB.

    As ``harmonic_to_noise_db``, up to 12 times the lowest tone. All pitches deviate by the same interval.

    Args:
        mono: samples [n], at least 1 s. rate: in Hz. f0s_hz: pitches of the tones.
    """

    def at_pitch_db(power: Float64s, hz: Float64s, ratio: float) -> float:
        lowest_hz = ratio * min(f0s_hz)
        inside = (hz > 0.5 * lowest_hz) & (hz < (_CHORD_HARMONICS + 0.5) * lowest_hz)
        near = np.zeros_like(inside)
        for f0_hz in f0s_hz:
            number = hz / (ratio * f0_hz)
            near |= (number > 0.5) & (np.abs(number - np.round(number)) < _CHORD_NEAR)
        return _ratio_db(power, inside & near, inside & ~near)

    return _median_of_seconds(mono, rate, at_pitch_db)


def _median_of_seconds(mono: Sound, rate: int, at_pitch_db: Callable[[Float64s, Float64s, float], float]) -> float:
    """Return the median over seconds of the highest ratio within 40 cents; ``at_pitch_db`` gets power, Hz, ratio."""
    taper, hz = np.blackman(rate), np.fft.rfftfreq(rate, 1.0 / rate).astype(np.float64)
    found = []
    for i in range(0, len(mono) - rate + 1, rate // 2):
        power = np.abs(np.fft.rfft(mono[i : i + rate] * taper)) ** 2
        found.append(max(at_pitch_db(power, hz, 2.0 ** (cents / 1200.0)) for cents in _PITCH_CENTS))
    return float(np.median(found))


def _hnr_at_pitch_db(power: Float64s, hz: Float64s, f0_hz: float) -> float:
    number = hz / f0_hz
    inside = (number > 0.5) & (number < _HARMONICS + 0.5)
    near = inside & (np.abs(number - np.round(number)) < _NEAR)
    return _ratio_db(power, near, inside & ~near)


def _ratio_db(power: Float64s, near: NDArray[np.bool_], between: NDArray[np.bool_]) -> float:
    """Return the power of the bins near harmonics over the noise, in dB; noise has the same level in both."""
    level = power[between].mean()
    harmonics = power[near].sum() - level * near.sum()
    noise = level * (near.sum() + between.sum())
    if harmonics <= 0.0:
        return -MOST_HNR_DB
    return float(np.clip(10.0 * np.log10(harmonics / max(noise, _LEAST_POWER)), -MOST_HNR_DB, MOST_HNR_DB))


def flutter_percent(mono: Sound, rate: int) -> float:
    """Return the RMS of the amplitude envelope's movement between 15 and 50 Hz, in percent of the envelope.

    The periods of notes below 50 Hz (G1) are such movement too, so only notes of the same key are comparable.

    Args:
        mono: samples [n], at least 0.5 s. rate: in Hz, a multiple of 1000.
    """
    faded = np.asarray(mono, np.float64) * tukey(len(mono), 2.0 * _FADE_S * rate / len(mono))
    step, edge = rate // _ENVELOPE_HZ, round(_EDGE_S * _ENVELOPE_HZ)
    amplitude = np.abs(hilbert(faded))[: len(mono) // step * step]
    envelope = amplitude.reshape(-1, step).mean(axis=1)[edge:-edge]
    level = sosfiltfilt(butter(2, _SLOW_HZ, fs=_ENVELOPE_HZ, output="sos"), envelope)
    movement = envelope / np.maximum(level, 1e-3 * envelope.max() + _LEAST_POWER)
    taper = np.hanning(len(movement))
    power = np.abs(np.fft.rfft((movement - movement.mean()) * taper)) ** 2
    hz = np.fft.rfftfreq(len(movement), 1.0 / _ENVELOPE_HZ)
    inside = (hz >= FLUTTER_HZ[0]) & (hz <= FLUTTER_HZ[1])
    return float(100.0 * np.sqrt(2.0 * power[inside].sum() / (len(movement) * (taper @ taper))))


def level_fall_db(mono: Sound, rate: int, from_s: float, to_s: float) -> float:
    """Return how far the level falls between two times, at most 60 dB; negative for a note that swells.

    Args:
        mono: samples [n]. rate: in Hz.
        from_s, to_s: centres of the two windows of 0.2 s, in seconds from the first sample.
    """
    first_db, last_db = (_level_db(mono, rate, seconds) for seconds in (from_s, to_s))
    return float(min(first_db - last_db, MOST_FALL_DB))


def _level_db(mono: Sound, rate: int, at_s: float) -> float:
    part = mono[max(round((at_s - _LEVEL_S / 2) * rate), 0) : round((at_s + _LEVEL_S / 2) * rate)]
    return float(10.0 * np.log10(np.mean(np.asarray(part, np.float64) ** 2) + _LEAST_POWER))


@dataclass(frozen=True)
class StereoImage:
    """The stereo image of a sound.

    Attributes:
        balance_db: power of the left channel over that of the right one.
        side_db: power of the difference (L - R) / 2 over that of the sum (L + R) / 2; -100 for a mono sound.
    """

    balance_db: float
    side_db: float


def stereo_image(stereo: Sound) -> StereoImage:
    """Measure the stereo image of a sound [n, 2]."""
    left, right = np.asarray(stereo, np.float64).T
    powers = [np.mean(each**2) for each in (left, right, (left - right) / 2, (left + right) / 2)]
    left_power, right_power, side, mid = (float(each) + _LEAST_POWER for each in powers)
    return StereoImage(10.0 * float(np.log10(left_power / right_power)),
                       max(10.0 * float(np.log10(side / mid)), -100.0))  # fmt: skip
