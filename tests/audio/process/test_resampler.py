"""Streaming rate conversion against closed-form tones."""

import numpy as np
import pytest

from synth_app.audio.process.resampler import RateConverter
from synth_app.audio.protocol.telemetry import Frames


class Tone:
    """Renders a stereo tone (left sine, right cosine) at 48 kHz and counts the frames."""

    def __init__(self, f0_hz: float, level: float = 0.5) -> None:
        self.f0_hz = f0_hz
        self.level = level
        self.clock = 0
        self.largest = 0

    def __call__(self, n: int) -> Frames:
        turn = 2 * np.pi * self.f0_hz / 48_000 * np.arange(self.clock, self.clock + n)
        self.clock += n
        self.largest = max(self.largest, n)
        return (self.level * np.stack([np.sin(turn), np.cos(turn)], axis=1)).astype(np.float32)


def read(converter: RateConverter, block: int, blocks: int) -> Frames:
    out = np.zeros((block * blocks, 2), np.float32)
    for i in range(blocks):
        converter.read(out[i * block : (i + 1) * block])
    return out


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000])
@pytest.mark.parametrize("f0_hz", [40.0, 997.0, 15_000.0])
def test_a_tone_keeps_its_pitch_and_has_the_stated_delay(rate: int, f0_hz: float) -> None:
    converter = RateConverter(Tone(f0_hz), rate, 8192)
    out = read(converter, 256, 200)[4096:].astype(np.float64)
    turn = 2 * np.pi * f0_hz * np.arange(4096, 4096 + len(out)) / rate
    basis = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    fit = np.linalg.lstsq(basis, out, rcond=None)[0]  # columns: left is a sine, right a cosine
    residual = out - basis @ fit
    assert 20 * np.log10(residual.std() / (0.5 / np.sqrt(2))) < -100
    for sine, cosine in ((fit[0, 0], -fit[1, 0]), (fit[1, 1], fit[0, 1])):
        assert np.hypot(sine, cosine) == pytest.approx(0.5, abs=1e-4)
        late = np.arctan2(cosine, sine) / (2 * np.pi * f0_hz) - converter.delay_s
        late -= round(late * f0_hz) / f0_hz  # a phase gives the delay modulo the period
        assert abs(late) < 1e-4
    assert 0 < converter.delay_s < 0.006


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000])
@pytest.mark.parametrize("block", [64, 1024])
def test_work_is_spread_evenly_over_blocks(rate: int, block: int) -> None:
    tone = Tone(440.0)
    converter = RateConverter(tone, rate, 8192)
    read(converter, block, 400)
    owed = block * 400 * 48_000 / rate
    assert owed - 1 <= tone.clock <= owed + 8
    assert tone.largest <= block * 48_000 / rate + 8


def test_the_device_never_gets_more_than_full_scale() -> None:
    class Square(Tone):
        def __call__(self, n: int) -> Frames:
            return np.sign(super().__call__(n) + 1e-6).astype(np.float32)

    out = read(RateConverter(Square(3000.0), 44_100, 8192), 256, 50)
    assert np.abs(out).max() == 1.0
