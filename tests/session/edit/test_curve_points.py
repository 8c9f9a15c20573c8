"""Edits of dense curves by points, against straight formulas."""

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from synth_app.session.edit.curve_points import (
    MAX_POINTS,
    PointCurve,
    add_point,
    drawn,
    move_point,
    remove_point,
    straightened,
    with_points,
)

NOISY = np.random.default_rng(3).normal(0.0, 0.1, 101)
CURVE = PointCurve(NOISY, (0, 20, 50, 80, 100))


@seed(5)
@settings(deadline=None, max_examples=60)
@given(arrays.arrays(np.float64, st.integers(2, 300), elements=st.floats(-5, 5)), st.floats(0.01, 2.0))
def test_found_points_describe_the_curve_within_the_tolerance(values: np.ndarray, tolerance: float) -> None:
    points = with_points(values, tolerance).points
    assert points == tuple(sorted(set(points)))
    assert (points[0], points[-1]) == (0, len(values) - 1)
    lines = np.interp(np.arange(len(values)), points, values[list(points)])
    assert np.abs(lines - values).max() <= tolerance + 1e-12 or len(points) == 24


def test_straight_lines_get_only_their_corners() -> None:
    corners = np.interp(np.arange(100), [0, 30, 60, 99], [0.0, 1.0, -1.0, 0.5])
    assert with_points(corners, 1e-6).points == (0, 30, 60, 99)


def test_a_point_moved_up_lifts_a_tent_and_keeps_the_detail() -> None:
    moved = move_point(CURVE, 2, 50, NOISY[50] + 3.0)
    tent = np.interp(np.arange(101), [20, 50, 80], [0.0, 3.0, 0.0])
    np.testing.assert_allclose(moved.values, NOISY + tent, atol=1e-12)
    assert moved.points == CURVE.points
    np.testing.assert_array_equal(CURVE.values, NOISY)


def test_a_point_moved_aside_stretches_its_two_sides() -> None:
    line = PointCurve(np.interp(np.arange(101), [0, 50, 100], [0.0, 5.0, 0.0]), (0, 50, 100))
    moved = move_point(line, 1, 70, 5.0)
    np.testing.assert_allclose(moved.values, np.interp(np.arange(101), [0, 70, 100], [0.0, 5.0, 0.0]), atol=1e-12)
    assert moved.points == (0, 70, 100)
    back = move_point(moved, 1, 50, 5.0)
    np.testing.assert_allclose(back.values, line.values, atol=1e-9)


@pytest.mark.parametrize(("step", "reached"), [(-5, 21), (20, 21), (80, 79), (400, 79)])
def test_points_stay_between_their_neighbours(step: int, reached: int) -> None:
    moved = move_point(CURVE, 2, step, 1.0)
    assert moved.points[2] == reached
    assert moved.values[reached] == 1.0
    np.testing.assert_array_equal(moved.values[:21], NOISY[:21])
    np.testing.assert_array_equal(moved.values[80:], NOISY[80:])


@pytest.mark.parametrize(("which", "end"), [(0, 0), (4, 100)])
def test_the_ends_move_up_and_down_only(which: int, end: int) -> None:
    moved = move_point(CURVE, which, 40, 2.0)
    assert moved.points == CURVE.points
    assert moved.values[end] == 2.0
    assert moved.values[100 - end] == NOISY[100 - end]


def test_neighbouring_points_have_room_for_each_other() -> None:
    tight = PointCurve(np.arange(4.0), (0, 1, 2, 3))
    assert move_point(tight, 1, 3, 9.0).values.tolist() == [0.0, 9.0, 2.0, 3.0]
    assert move_point(PointCurve(np.zeros(2), (0, 1)), 1, 0, 4.0).values.tolist() == [0.0, 4.0]


def test_points_are_added_on_the_curve_or_beside_it() -> None:
    on_it = add_point(CURVE, 33)
    assert on_it.points == (0, 20, 33, 50, 80, 100)
    np.testing.assert_array_equal(on_it.values, NOISY)
    beside = add_point(CURVE, 33, 4.0)
    assert beside.values[33] == 4.0
    np.testing.assert_array_equal(beside.values[:21], NOISY[:21])
    assert add_point(CURVE, 50, 4.0) is CURVE
    full = PointCurve(np.zeros(200), tuple(range(MAX_POINTS)))
    assert add_point(full, 150) is full


def test_a_removed_point_leaves_a_straight_line() -> None:
    removed = remove_point(CURVE, 2)
    assert removed.points == (0, 20, 80, 100)
    np.testing.assert_allclose(removed.values[20:81], np.linspace(NOISY[20], NOISY[80], 61))
    np.testing.assert_array_equal(removed.values[81:], NOISY[81:])
    assert remove_point(CURVE, 0) is CURVE
    assert remove_point(CURVE, 4) is CURVE
    assert straightened(CURVE, 0).values[0] == NOISY[20]
    assert straightened(CURVE, 4).values[100] == NOISY[80]


def test_a_stroke_replaces_what_it_passes() -> None:
    values = drawn(NOISY, [(30, 1.0), (20, 0.0)])
    np.testing.assert_allclose(values[20:31], np.linspace(0.0, 1.0, 11))
    np.testing.assert_array_equal(values[31:], NOISY[31:])
    assert drawn(NOISY, [(90, 1.0), (140, 1.0)])[100] == 1.0
    assert drawn(NOISY, [(-9, 2.0), (3, 2.0)])[0] == 2.0
