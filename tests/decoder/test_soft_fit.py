"""The shape of soft strokes: what recordings at other velocities have, beside the engine's own tilt."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder.soft_fit import Stroke, fit_soft
from synth_app.modelfile.soft_shape import unpack_soft
from synth_app.spectrum import FrameSpec

SPEC = FrameSpec(48_000, 2048, 512)
BINS = np.arange(SPEC.bins)
LOUD = np.tile(-0.05 * BINS, (150, 1))  # audible up to bin 1024
DULL = -8.0 * np.clip((BINS - 50) / 200.0, 0.0, 1.0)
HEARD = slice(4, 700)


def _shape(*others: Stroke, tilt: float = 0.0, velocity: int = 100) -> NDArray[np.float32]:
    return unpack_soft(fit_soft(Stroke(velocity, LOUD), others, SPEC, tilt), SPEC.bins)


def test_the_shape_is_that_of_a_stroke_seventy_softer() -> None:
    found = _shape(Stroke(30, LOUD + DULL - 20.0))
    np.testing.assert_allclose((found - found[10])[HEARD], (DULL - DULL[10])[HEARD], atol=0.6)
    less = _shape(Stroke(44, LOUD + 0.8 * DULL))
    np.testing.assert_allclose(less[HEARD], found[HEARD], atol=0.6)


def test_the_shape_keeps_the_level() -> None:
    found = _shape(Stroke(30, LOUD + DULL))
    power = 10.0 ** (LOUD[0] / 10.0)
    assert 10.0 * np.log10((power * 10.0 ** (found / 10.0)).sum() / power.sum()) == pytest.approx(0.0, abs=0.2)


def test_what_the_tilt_does_is_left_out() -> None:
    """With the engine's tilt the sound of the soft stroke is that of its recording."""
    tilt = 1.5 * -70 / 126 * np.log2(np.maximum(BINS * 48_000 / 2048, 20.0) / 1000.0)
    total = _shape(Stroke(30, LOUD + DULL), tilt=1.5) + tilt
    np.testing.assert_allclose((total - total[10])[HEARD], (DULL - DULL[10])[HEARD], atol=0.8)


def test_strokes_that_sound_alike_have_no_shape() -> None:
    """The same at other levels, and with the noise of a 16-bit file under the soft one."""
    assert fit_soft(Stroke(100, LOUD), [Stroke(30, LOUD - 25.0)], SPEC, 1.5) == b""
    steep = np.tile(-0.15 * BINS, (150, 1))
    rng = np.random.default_rng(0)
    floor = -70.0 + 10.0 * np.log10(rng.exponential(size=steep.shape))
    noisy = np.maximum(steep, floor)
    assert fit_soft(Stroke(100, np.maximum(steep, -120.0)), [Stroke(30, noisy)], SPEC, 1.5) == b""


def test_one_recording_has_no_shape() -> None:
    assert fit_soft(Stroke(100, LOUD), [], SPEC, 1.5) == b""
    assert fit_soft(Stroke(100, LOUD), [Stroke(100, LOUD + DULL)], SPEC, 1.5) == b""
