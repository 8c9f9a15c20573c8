"""Loudness against the reference values of ITU-R BS.1770-4 and the test signals of EBU Tech 3341."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.evaluation.metrics.loudness import RATE, integrated_loudness
from synth_app.support.errors import UserError


def sine(level_db: float, seconds: float, hz: float = 1000.0, channels: int = 2) -> NDArray[np.float32]:
    t = np.arange(int(seconds * RATE)) / RATE
    return np.repeat((10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t))[:, None], channels, axis=1).astype(np.float32)


def test_full_scale_sine_on_one_channel_reads_minus_3_01() -> None:
    assert integrated_loudness(sine(0, 5, 997, channels=1)) == pytest.approx(-3.01, abs=0.02)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (((-23, 5),), -23.0),  # Tech 3341 case 1
        (((-33, 5),), -33.0),  # case 2
        (((-36, 4), (-23, 24), (-36, 4)), -23.0),  # case 3, shorter: the relative gate
        (((-72, 4), (-36, 4), (-23, 24), (-36, 4), (-72, 4)), -23.0),  # case 4, shorter: both gates
        (((-26, 10), (-20, 10.05), (-26, 10)), -23.0),  # case 5, shorter: nothing is gated
    ],
)
def test_ebu_signals(parts: tuple[tuple[float, float], ...], expected: float) -> None:
    audio = np.concatenate([sine(level, seconds) for level, seconds in parts])
    assert integrated_loudness(audio) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("hz", "gain_db"), [(100.0, -1.1), (10_000.0, 4.0)])
def test_bass_counts_less_and_treble_more(hz: float, gain_db: float) -> None:
    """Values read off the standard's curve, re 1 kHz (+0.7 dB)."""
    measured = integrated_loudness(sine(-20, 3, hz)) - integrated_loudness(sine(-20, 3))
    assert measured == pytest.approx(gain_db - 0.7, abs=0.5)


def test_silence_and_too_short() -> None:
    assert integrated_loudness(np.zeros((RATE, 2), np.float32)) == -np.inf
    with pytest.raises(UserError, match=r"0.4 s"):
        integrated_loudness(np.zeros((100, 2), np.float32))
