"""Gain removal and unit scaling: closed forms and round trips."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from synth_app.spectrum import from_unit, remove_gain, restore_gain, to_unit

_FRAMES = arrays(np.float32, (3, 17), elements=st.floats(-200, 40, width=32))


def test_unit_scale_is_50_db_per_unit_at_a_100_db_floor() -> None:
    db = np.array([0.0, -25.0, -50.0, -100.0], np.float32)
    np.testing.assert_allclose(to_unit(db, -100.0), [1.0, 0.5, 0.0, -1.0], atol=1e-6)
    np.testing.assert_allclose(to_unit(np.array([0.0, -80.0], np.float32), -80.0), [1.0, -1.0], atol=1e-6)


def test_values_outside_the_unit_range_are_not_clipped() -> None:
    np.testing.assert_allclose(from_unit(np.array([1.5, -2.0], np.float32), -100.0), [25.0, -150.0], atol=1e-4)


def test_gain_is_the_maximum_and_the_floor_cuts_below_it() -> None:
    frames = np.array([[-20.0, -50.0, -170.0], [-90.0, -91.0, -92.0]], np.float32)
    shape_db, gain_db = remove_gain(frames, -100.0)
    np.testing.assert_allclose(gain_db, [-20.0, -90.0])
    np.testing.assert_allclose(shape_db, [[0.0, -30.0, -100.0], [0.0, -1.0, -2.0]])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(_FRAMES, st.sampled_from([-60.0, -80.0, -100.0, -120.0]))
def test_round_trip_restores_all_above_the_floor(frames: NDArray[np.float32], floor_db: float) -> None:
    shape_db, gain_db = remove_gain(frames, floor_db)
    unit = to_unit(shape_db, floor_db)
    assert unit.dtype == np.float32
    assert (np.abs(unit) <= 1.0 + 1e-6).all()
    np.testing.assert_allclose(unit.max(axis=1), 1.0)
    back = restore_gain(from_unit(unit, floor_db), gain_db)
    expected = np.maximum(frames, frames.max(axis=1, keepdims=True) + floor_db)
    np.testing.assert_allclose(back, expected, atol=2e-4)
