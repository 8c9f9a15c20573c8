"""Axis names and the descriptors behind them."""

import numpy as np

from synth_app.spectrum import FrameSpec, db_frames, remove_gain, to_unit
from synth_app.support.compiling.librosa_import import librosa
from synth_app.training.export.axis_names import axis_names, descriptors

SPEC = FrameSpec(16_000, 1024, 512)


def _sines(partials: list[int], f0_hz: float = 250.0) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    t = np.arange(4096) / 16_000
    sound = np.sum([np.sin(2 * np.pi * k * f0_hz * t) for k in partials], axis=0) * 0.1
    return to_unit(remove_gain(db_frames(sound.astype(np.float32), SPEC), -100.0)[0], -100.0)[3:5]


def test_flatness_and_centroid_agree_with_librosa() -> None:
    rng = np.random.default_rng(0)
    unit = np.clip(1 - 2 * rng.random((6, 513)) ** rng.uniform(0.3, 3, (6, 1)), -1, 1).astype(np.float32)
    unit[np.arange(6), rng.integers(0, 513, 6)] = 1.0
    found = descriptors(unit, np.full(6, 60, np.float32), SPEC)
    magnitude = 10 ** ((unit.astype(np.float64) - 1) * 50 / 20)
    flatness = librosa.feature.spectral_flatness(S=magnitude.T, amin=1e-12, power=2.0)[0]
    # ratio of means over bins: librosa divides by their mean, this by their sum
    np.testing.assert_allclose(found["flatness"] + np.log10(513), np.log10(flatness), atol=1e-4)
    octaves = np.log2(np.maximum(librosa.fft_frequencies(sr=16_000, n_fft=1024), 16_000 / 1024))
    centroid = librosa.feature.spectral_centroid(S=magnitude.T**2, freq=octaves)[0]
    np.testing.assert_allclose(found["centroid"], centroid, rtol=1e-5)


def test_odd_bass_and_air_follow_known_spectra() -> None:
    pitch = np.full(2, 69 + 12 * np.log2(250 / 440), np.float32)
    odd, even = _sines([1, 3, 5, 7]), _sines([2, 4, 6])
    assert (descriptors(odd, pitch, SPEC)["odd"] > 2).all()
    assert (descriptors(even, pitch, SPEC)["odd"] < -2).all()
    low, high = _sines([1], 100.0), _sines([1], 7000.0)
    assert (descriptors(low, pitch, SPEC)["bass"] > -0.1).all()
    assert (descriptors(high, pitch, SPEC)["bass"] < -3).all()
    assert (descriptors(high, pitch, SPEC)["air"] > -0.1).all()
    assert "air" not in descriptors(np.ones((2, 65), np.float32), pitch, FrameSpec(8000, 128, 64))


def test_each_name_goes_to_the_strongest_correlation_with_its_sign() -> None:
    rng = np.random.default_rng(0)
    centroid, flatness = rng.standard_normal((2, 4000)).astype(np.float32)
    noise = rng.standard_normal((4, 4000)).astype(np.float32)
    z = np.stack([centroid + 0.9 * noise[0], noise[1], 0.2 * noise[2] - centroid, flatness + noise[3] * 1.5], axis=1)
    names = axis_names(z, {"centroid": centroid, "flatness": flatness})
    # axis 1 follows the centroid too, but less than axis 3; axis 4 follows flatness at r = 0.55
    assert names == ("z1", "z2", "darkness", "noisiness")
    assert axis_names(noise.T, {"centroid": centroid}) == ("z1", "z2", "z3", "z4")


def test_constant_axes_keep_their_number() -> None:
    z = np.zeros((50, 2), np.float32)
    assert axis_names(z, {"centroid": np.arange(50, dtype=np.float32)}) == ("z1", "z2")
