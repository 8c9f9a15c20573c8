"""The drive against the same clipper at 64 times the sample rate."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.effects.drive import LATENCY
from tests.effects.helpers import RATE, Samples, chain, noise, send, sine, through

REFERENCE = 0.25
Floats = NDArray[np.float64]


def lines(wave: NDArray[np.floating], hz: float, count: int) -> Floats:
    """Amplitudes of the first harmonics, over a whole second."""
    spectrum = np.abs(np.fft.rfft(wave[-RATE:].astype(np.float64))) / (RATE / 2)
    return np.asarray(spectrum[round(hz) * np.arange(1, count + 1)])


def ideal(hz: float, level: float, gain_db: float, bias: float, count: int) -> Floats:
    """Amplitudes of the harmonics of a clipped sine, sampled so densely that nothing folds back."""
    turns = np.arange(64 * 1024) / (64 * 1024)
    gain = 10 ** (gain_db / 20)

    def clip(x: Floats) -> Floats:
        return np.asarray(x / np.sqrt(1.0 + x * x))

    height = clip(np.array([bias + gain * REFERENCE])) - clip(np.array([bias - gain * REFERENCE]))
    wave = clip(bias + gain * level * np.sin(2 * np.pi * turns)) * 2 * REFERENCE / height
    return np.asarray(np.abs(np.fft.rfft(wave))[1 : count + 1] / (len(turns) / 2))


@pytest.mark.parametrize(("gain_db", "even"), [(0.0, 0.0), (12.0, 0.0), (30.0, 0.0), (18.0, 0.6)])
def test_harmonics_are_those_of_the_clipper(gain_db: float, even: float) -> None:
    heard = through(sine(1.5, 500.0, 0.4), drive_on=1, drive_gain_db=gain_db, drive_even=even)[:, 0]
    found, wanted = lines(heard, 500.0, 30), ideal(500.0, 0.4, gain_db, even, 30)
    strong = wanted > 1e-4
    assert strong.sum() >= (3 if gain_db == 0.0 else 6)
    error_db = 20 * np.log10(found[strong] / wanted[strong])
    assert np.abs(error_db).max() < 0.25
    assert found[~strong].max(initial=0.0) < 2e-4
    if not even:
        assert found[1::2].max() < 1e-5, "a symmetric clipper makes odd harmonics only"


def test_what_would_fold_back_is_removed() -> None:
    """A sine of 4.7 kHz, driven hard: between its harmonics there is at least 70 dB less than without oversampling."""
    hz, level = 4700.0, 0.5
    wave = sine(1.5, hz, level)
    heard = through(wave, drive_on=1, drive_gain_db=24.0)[-RATE:, 0].astype(np.float64)
    driven = 10 ** (24 / 20) * wave[-RATE:, 0].astype(np.float64)
    plain = driven / np.sqrt(1.0 + driven**2)

    def folded_db(audio: Floats) -> float:
        power = np.abs(np.fft.rfft(audio)) ** 2
        harmonics = np.arange(round(hz), len(power), round(hz))
        total = power[harmonics].sum()
        power[harmonics] = 0.0
        return float(10 * np.log10(power[20:18_000].sum() / total))

    assert folded_db(heard) < -60.0
    assert folded_db(heard) < folded_db(plain) - 35.0


def test_the_level_stays_about_the_same() -> None:
    """A sine of -12 dB, over the whole range of both knobs."""
    for gain_db in (0.0, 12.0, 36.0):
        for even in (0.0, 0.5, 1.0):
            heard = through(sine(1.0, 300.0, REFERENCE), drive_on=1, drive_gain_db=gain_db, drive_even=even)[-4800:, 0]
            assert np.ptp(heard) == pytest.approx(2 * REFERENCE, rel=0.15), (gain_db, even)


def test_an_asymmetric_wave_has_no_constant_part() -> None:
    heard = through(sine(2.0, 300.0), drive_on=1, drive_gain_db=24.0, drive_even=1.0)[-RATE:]
    assert abs(heard.mean()) < 1e-4


def test_without_mix_it_is_a_delay() -> None:
    audio = noise(0.5, 0.1)
    spectrum = np.fft.rfft(audio, axis=0)
    hz = np.fft.rfftfreq(len(audio), 1 / RATE)
    spectrum[(hz < 200) | (hz > 10_000)] = 0.0  # above the high-pass, below the low-pass
    audio = np.fft.irfft(spectrum, axis=0).astype(np.float32)
    heard = through(audio, drive_on=1, drive_gain_db=36.0, drive_mix=0.0)
    late = np.fft.rfft(audio.astype(np.float64), axis=0)
    late *= np.exp(-2j * np.pi * np.fft.rfftfreq(len(audio)) * (LATENCY + 0.125))[:, None]
    wanted = np.fft.irfft(late, axis=0)
    part = slice(2400, -2400)
    assert np.sqrt(np.mean((heard[part] - wanted[part]) ** 2)) < 0.02 * np.sqrt(np.mean(wanted[part] ** 2))


def test_both_sides_are_distorted_alone() -> None:
    audio = sine(0.2, 200.0)
    audio[:, 1] = 0.0
    heard = through(audio, drive_on=1, drive_gain_db=20.0, drive_even=1.0)
    assert np.abs(heard[2400:, 0]).max() > 0.2
    assert not heard[:, 1].any()


def test_it_sleeps_after_its_last_sample_and_wakes_without_a_click() -> None:
    effects = chain(drive_on=1, drive_gain_db=20.0, drive_even=1.0)
    send(effects, sine(0.1, 200.0))
    silence = np.zeros((3 * RATE, 2), np.float32)
    send(effects, silence)
    assert not send(effects, silence[:4800]).any()
    assert not effects.ringing
    again: Samples = send(effects, sine(0.1, 200.0))
    first = through(sine(0.1, 200.0), drive_on=1, drive_gain_db=20.0, drive_even=1.0)
    np.testing.assert_allclose(again, first, atol=1e-6)
