"""The chorus: pitch, level and stereo width of its copies."""

import math

import numpy as np
import pytest
import scipy.signal

from tests.effects.helpers import RATE, impulse, noise, sine, through


def test_copies_without_modulation_have_their_mean_delays() -> None:
    heard = through(impulse(0.1), chorus_on=1, chorus_depth_ms=0, chorus_mix=1)
    for channel, centres_s in ((0, (0.0090, 0.0143)), (1, (0.0107, 0.0161))):
        found = heard[:, channel]
        total = sum(found[round(at * RATE) - 3 : round(at * RATE) + 4].sum() for at in centres_s)
        assert total == pytest.approx(math.sqrt(2.0), rel=1e-4)
        near = [abs(np.flatnonzero(found) - at * RATE).min() for at in centres_s]
        assert max(near) <= 2.0


def test_copies_swing_the_pitch_by_depth_times_rate() -> None:
    """A copy delayed by D sin(2 pi f t) sounds higher by at most 2 pi f D; here both copies of one side, opposed."""
    rate_hz, depth_ms = 2.0, 1.0
    heard = through(sine(2.0, 3000.0), chorus_on=1, chorus_rate_hz=rate_hz, chorus_depth_ms=depth_ms, chorus_mix=1)
    hz = np.fft.rfftfreq(RATE, 1 / RATE)
    power = np.abs(np.fft.rfft(heard[RATE:, 0] * np.blackman(RATE))) ** 2
    width = 3000.0 * 2 * np.pi * rate_hz * depth_ms * 1e-3
    loud = hz[power > power.max() * 1e-2]
    assert loud.min() == pytest.approx(3000 - width, abs=10)
    assert loud.max() == pytest.approx(3000 + width, abs=10)


def test_loudness_stays_and_sides_differ() -> None:
    wave = noise(4.0)
    mono = np.repeat(wave[:, :1], 2, axis=1)
    heard = through(mono, chorus_on=1, chorus_mix=0.5)[4800:]
    assert 20 * math.log10(heard.std() / mono.std()) == pytest.approx(0.0, abs=1.0)
    both = heard.mean(axis=1)
    assert 20 * math.log10(both.std() / heard.std()) > -3.1  # in mono no more is lost than of independent sides
    above = scipy.signal.butter(4, 1000, "high", fs=RATE, output="sos")
    correlation = np.corrcoef(scipy.signal.sosfilt(above, heard.T))
    assert correlation[0, 1] < 0.7
