"""Textures synthesized from a seed: rain, wind, fire, an engine and applause."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError

Float64s = NDArray[np.float64]
MIN_SECONDS, MAX_SECONDS = 0.5, 600.0
_RMS = 0.1


def synthesize_texture(name: str, seconds: float, sample_rate: int, seed: int) -> NDArray[np.float32]:
    """Synthesize a texture; the same arguments give the same samples.

    Args:
        name: one of ``TEXTURES``.
        seconds: length, 0.5 to 600 s.
        sample_rate: Hz.
        seed: of all random choices.

    Returns:
        float32 [samples], mono, RMS 0.1 of full scale (less where peaks would pass 1).

    Raises:
        UserError: unknown name, or a length out of range.
    """
    if name not in TEXTURES:
        raise UserError(f"unknown texture {name!r}; choose one of {', '.join(TEXTURES)}")
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise UserError(f"a texture of {seconds:g} s; choose {MIN_SECONDS:g} to {MAX_SECONDS:g} s")
    count = round(seconds * sample_rate)
    sound = TEXTURES[name](np.random.default_rng(seed), count, sample_rate)
    sound *= min(_RMS / np.sqrt(np.mean(sound**2)), 0.999 / np.abs(sound).max())
    return sound.astype(np.float32)


def _rain(rng: np.random.Generator, count: int, rate: int) -> Float64s:
    near = _grains(rng, count, rate, per_s=40.0, low_hz=800.0, high_hz=7000.0, decay_s=(0.004, 0.03), spread=1.0)
    far = _grains(rng, count, rate, per_s=900.0, low_hz=500.0, high_hz=10_000.0, decay_s=(0.001, 0.006), spread=0.6)
    hiss = _noise(rng, count, rate, lambda hz: (hz / 3000.0) / (1.0 + (hz / 3000.0) ** 2))
    return _unit(near) + _unit(far) + 0.5 * _unit(hiss)


def _wind(rng: np.random.Generator, count: int, rate: int) -> Float64s:
    gusts = _slow(rng, count, rate, 1.0)
    total = np.zeros(count)
    for center in 80.0 * 2.0 ** np.arange(0.0, 7.5, 0.5):
        own = 0.6 * gusts + 0.8 * _slow(rng, count, rate, 4.0)
        tilt_db = -4.0 * np.log2(center / 80.0) + 5.0 * own
        total += 10.0 ** (tilt_db / 20.0) * _unit(_noise(rng, count, rate, _bell(float(center), 0.5)))
    return total


def _fire(rng: np.random.Generator, count: int, rate: int) -> Float64s:
    crackle = _grains(rng, count, rate, per_s=14.0, low_hz=400.0, high_hz=9000.0, decay_s=(0.002, 0.02), spread=1.4)
    rumble = _noise(rng, count, rate, lambda hz: 1.0 / (1.0 + (hz / 150.0) ** 2))
    lap = 10.0 ** (4.0 * _slow(rng, count, rate, 8.0) / 20.0)
    hiss = _noise(rng, count, rate, lambda hz: 1.0 / (1.0 + (hz / 2500.0) ** 2))
    return 2.0 * _unit(crackle) + 0.7 * lap * _unit(rumble) + 0.25 * lap * _unit(hiss)


def _engine(rng: np.random.Generator, count: int, rate: int) -> Float64s:
    """Four firings in a cycle, each of its own strength, excite resonances of pipe and body."""
    firing_hz = 24.0 * 2.0 ** (0.05 * _slow(rng, count, rate, 0.7))
    phase = np.cumsum(firing_hz) / rate
    starts = np.flatnonzero(np.diff(np.floor(phase), prepend=-1.0) > 0)
    strength = np.exp(0.5 * rng.standard_normal(4))
    impulses = np.zeros(count)
    impulses[starts] = strength[np.arange(len(starts)) % 4] * np.exp(0.15 * rng.standard_normal(len(starts)))
    total = np.zeros(count)
    for center in (70.0, 140.0, 310.0, 620.0, 1400.0, 2900.0, 5200.0):
        burst = _grain(rng, rate, center, 0.012 + 1.5 / center)
        total += (70.0 / center) ** 0.5 * _convolve(impulses, burst)
    return _unit(total) + 0.08 * _unit(_noise(rng, count, rate, lambda hz: 1.0 / (1.0 + (hz / 4000.0) ** 2)))


def _applause(rng: np.random.Generator, count: int, rate: int) -> Float64s:
    near = _grains(rng, count, rate, per_s=18.0, low_hz=700.0, high_hz=2500.0, decay_s=(0.006, 0.015), spread=0.5)
    crowd = _grains(rng, count, rate, per_s=400.0, low_hz=600.0, high_hz=4000.0, decay_s=(0.005, 0.02), spread=0.5)
    return _unit(near) + _unit(crowd)


def _grains(
    rng: np.random.Generator, count: int, rate: int, *, per_s: float, low_hz: float, high_hz: float,
    decay_s: tuple[float, float], spread: float,
) -> Float64s:  # fmt: skip
    """Return short bursts at random moments (Poisson); their strengths have a log-normal spread in nepers."""
    total = np.zeros(count)
    kinds = 12
    for _ in range(kinds):
        impulses = np.zeros(count)
        events = int(rng.poisson(per_s * count / rate / kinds))
        at = rng.integers(0, count, events)
        np.add.at(impulses, at, np.exp(spread * rng.standard_normal(events)) * rng.choice((-1.0, 1.0), events))
        center = float(np.exp(rng.uniform(np.log(low_hz), np.log(high_hz))))
        total += _convolve(impulses, _grain(rng, rate, center, float(rng.uniform(*decay_s))))
    return total


def _grain(rng: np.random.Generator, rate: int, center_hz: float, decay_s: float) -> Float64s:
    """Return a burst of noise around a frequency that decays by 1/e in ``decay_s``; its energy is 1."""
    count = max(64, round(6.0 * decay_s * rate))
    noise = _noise(rng, count, rate, _bell(min(center_hz, 0.4 * rate), 0.6))
    burst = noise * np.exp(-np.arange(count) / (decay_s * rate))
    return np.asarray(burst / np.sqrt(np.sum(burst**2)))


def _noise(rng: np.random.Generator, count: int, rate: int, gain: Callable[[Float64s], Float64s]) -> Float64s:
    """Return Gaussian noise with an amplitude gain over frequency in Hz."""
    hz = np.asarray(np.fft.rfftfreq(count, 1.0 / rate), np.float64)
    spectrum = np.fft.rfft(rng.standard_normal(count)) * gain(hz)
    return np.asarray(np.fft.irfft(spectrum, count))


def _slow(rng: np.random.Generator, count: int, rate: int, highest_hz: float) -> Float64s:
    """Return a random curve of variance 1 that moves no faster than ``highest_hz``."""
    return _unit(_noise(rng, count, rate, lambda hz: (hz > 0.0) / (1.0 + (hz / highest_hz) ** 2) ** 2))


def _bell(center_hz: float, octaves: float) -> Callable[[Float64s], Float64s]:
    def gain(hz: Float64s) -> Float64s:
        return np.asarray(np.exp(-0.5 * (np.log2(np.maximum(hz, 1.0) / center_hz) / octaves) ** 2), np.float64)

    return gain


def _convolve(impulses: Float64s, burst: Float64s) -> Float64s:
    size = 1 << (len(impulses) + len(burst) - 1).bit_length()  # other lengths take up to ten times as long
    product = np.fft.rfft(impulses, size) * np.fft.rfft(burst, size)
    return np.asarray(np.fft.irfft(product, size)[: len(impulses)])


def _unit(sound: Float64s) -> Float64s:
    """Return the sound with RMS 1; silence, such as no event in a short time, stays silence."""
    rms = float(np.sqrt(np.mean(sound**2)))
    return sound / rms if rms > 0.0 else sound


TEXTURES: dict[str, Callable[[np.random.Generator, int, int], Float64s]] = {
    "rain": _rain,
    "wind": _wind,
    "fire": _fire,
    "engine": _engine,
    "applause": _applause,
}
