"""Descriptors of frames whose partials and noise are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.spectral.loudness import k_weights, loudness_db
from synth_app.handles import SPECTRAL_HANDLES, Descriptors, handle_index
from synth_app.handles.descriptors import LOUDNESS
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError

SPEC = FrameSpec(sample_rate=48_000, n_fft=2048, hop_length=512, window="hann", floor_db=-100.0)
HZ = np.arange(SPEC.bins) * SPEC.sample_rate / SPEC.n_fft
KEY, F0_HZ = 57.0, 220.0
PEAK_HZ = 9.0  # less than half a bin: almost nothing of a partial lies beside it
Frames = NDArray[np.float32]


def frame(levels_db: dict[float, float], floor_db: float = -90.0) -> Frames:
    """A frame with narrow peaks at frequencies in Hz over an even floor, float32 [1, bins] in dB."""
    power = np.full(SPEC.bins, 10.0 ** (floor_db / 10.0))
    for hz, level_db in levels_db.items():
        power += 10.0 ** (level_db / 10.0) * np.exp(-0.5 * ((HZ - hz) / PEAK_HZ) ** 2)
    return (10.0 * np.log10(power))[None].astype(np.float32)


def tone(slope_db: float = -3.0, even_db: float = 0.0, floor_db: float = -90.0, partials: int = 20) -> Frames:
    """Partials of 220 Hz that fall by ``slope_db`` each; the even ones are raised by ``even_db``."""
    levels = {F0_HZ * n: slope_db * (n - 1) + even_db * (n % 2 == 0) for n in range(1, partials + 1)}
    return frame(levels, floor_db)


def value(name: str, levels: Frames, pitch: float = KEY) -> float:
    return float(Descriptors(SPEC)(levels, pitch)[0, handle_index(name)])


def test_the_level_of_a_frame_does_not_count() -> None:
    values = Descriptors(SPEC)(np.concatenate([tone(), tone() - 30.0]), KEY)
    np.testing.assert_allclose(values[0], values[1], atol=1e-4)


def test_hollow_is_the_level_of_odd_over_even_partials() -> None:
    assert value("hollow", tone(even_db=-10.0)) - value("hollow", tone()) == pytest.approx(10.0, abs=0.2)
    flat = tone(slope_db=0.0)  # nine odd partials, ten even ones
    assert value("hollow", flat) == pytest.approx(10.0 * np.log10(0.9), abs=0.2)


def test_noise_is_what_lies_between_the_partials() -> None:
    quiet, loud = value("noise", tone(floor_db=-50.0)), value("noise", tone(floor_db=-40.0))
    assert loud - quiet == pytest.approx(10.0, abs=1.0)
    detuned = frame({F0_HZ * (n + 0.5): -3.0 * n for n in range(1, 20)})
    assert value("noise", detuned) > value("noise", tone()) + 20.0


def test_brightness_is_a_centroid_in_semitones() -> None:
    low, high = frame({1000.0: 0.0}, -160.0), frame({2000.0: 0.0}, -160.0)
    assert value("brightness", high) - value("brightness", low) == pytest.approx(12.0, abs=0.3)
    assert value("brightness", frame({880.0: 0.0}, -160.0)) == pytest.approx(12.0, abs=0.3)


def test_width_is_a_deviation_in_semitones() -> None:
    pair = frame({1000.0: 0.0, 2000.0: 0.0}, -160.0)  # six semitones to either side
    assert value("width", pair) == pytest.approx(6.0, abs=0.3)
    assert value("width", frame({1000.0: 0.0}, -160.0)) < 0.6


def test_air_and_body_leave_the_middle_alone() -> None:
    plain = {220.0: 0.0, 1500.0: -10.0, 2500.0: -12.0, 9000.0: -40.0}
    airy, full = plain | {9000.0: -34.0}, plain | {220.0: 6.0}
    base, more_air, more_body = (Descriptors(SPEC)(frame(each, -160.0), KEY)[0] for each in (plain, airy, full))
    change = more_air - base
    assert change[handle_index("air")] == pytest.approx(6.0, abs=0.2)
    assert change[handle_index("brightness")] == pytest.approx(0.0, abs=0.05)
    change = more_body - base
    assert change[handle_index("body")] == pytest.approx(10.0 * np.log10(10 ** (6.0 / 40.0)), abs=0.2)
    assert change[handle_index("brightness")] == pytest.approx(0.0, abs=0.3)


def test_loudness_is_the_engines() -> None:
    levels = tone()
    wanted = loudness_db(levels - levels.max(), k_weights(SPEC.bins, SPEC.sample_rate / SPEC.n_fft))[0]
    assert Descriptors(SPEC)(levels, KEY)[0, LOUDNESS] == pytest.approx(wanted, abs=1e-3)


def test_handles_have_names() -> None:
    assert [handle_index(handle.name) for handle in SPECTRAL_HANDLES] == list(range(LOUDNESS))
    with pytest.raises(UserError, match="no handle 'sparkle'; choose one of brightness, body"):
        handle_index("sparkle")
