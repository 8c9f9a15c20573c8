"""Edits of a latent path change one dimension or mark, and nothing else."""

import numpy as np
import pytest

from synth_app.patch import UserNote
from synth_app.session.edit.path_edit import draw, morph_over_time, scale, set_loop, shift, smooth

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(40, 3)).astype(np.float32)
NOTE = UserNote("One", "", 60.0, 3, Z.tobytes(), np.linspace(-10, -20, 40, dtype=np.float32).tobytes(), (3, 8, 20, 30))


def test_drawing_moves_one_dimension_through_the_points() -> None:
    codes = draw(NOTE, 1, [(10, 2.0), (5, 0.0), (20, -1.0)]).codes()
    np.testing.assert_allclose(codes[[5, 10, 15, 20], 1], [0, 2, 0.5, -1], atol=1e-6)
    np.testing.assert_array_equal(np.delete(codes, 1, axis=1), np.delete(Z, 1, axis=1))
    np.testing.assert_array_equal(codes[:5], Z[:5])
    np.testing.assert_array_equal(codes[21:], Z[21:])
    assert np.isfinite(draw(NOTE, 0, [(-5, 1.0), (90, 1.0)]).codes()).all()


def test_shift_and_scale() -> None:
    np.testing.assert_allclose(shift(NOTE, 2, 0.5).codes()[:, 2], Z[:, 2] + 0.5, atol=1e-6)
    still = scale(NOTE, 0, 0.0).codes()[:, 0]
    np.testing.assert_allclose(still, Z[8:20, 0].mean(), atol=1e-6)
    np.testing.assert_allclose(scale(scale(NOTE, 0, 2.0), 0, 0.5).codes(), Z, atol=1e-5)


def test_smoothing_keeps_lines_and_means_and_reduces_noise() -> None:
    smoothed = smooth(NOTE, 1, 6).codes()[:, 1]
    assert smoothed.std() < 0.5 * Z[:, 1].std()
    line = draw(NOTE, 1, [(0, 0.0), (39, 3.9)])
    np.testing.assert_allclose(smooth(line, 1, 4).codes()[5:-5, 1], line.codes()[5:-5, 1], atol=1e-5)


@pytest.mark.parametrize(("start", "end", "marks"), [(10, 15, (10, 15)), (0, 99, (3, 30)), (25, 4, (25, 26))])
def test_the_loop_stays_in_order(start: int, end: int, marks: tuple[int, int]) -> None:
    assert set_loop(NOTE, start, end).marks == (3, *marks, 30)


def test_a_drawn_morph_interpolates_and_extrapolates() -> None:
    other = UserNote("Two", "", 72.0, 3, np.repeat(Z + 1, 2, axis=0).tobytes(), bytes(4 * 80), (3, 8, 20, 30))
    made = morph_over_time(NOTE, other, [(0.0, 0.0), (0.5, 1.0), (1.0, 1.5)])
    stretched = np.stack([np.interp(np.linspace(0, 79, 40), np.arange(80), c) for c in other.codes().T], axis=1)
    np.testing.assert_allclose(made.codes()[0], Z[0], atol=1e-5)
    np.testing.assert_allclose(made.codes()[-1], Z[-1] + 1.5 * (stretched[-1] - Z[-1]), atol=1e-5)
    assert made.gains()[0] == pytest.approx(-10.0)
    assert made.gains()[-1] == pytest.approx(0.0), "level is not extrapolated"
    far = morph_over_time(NOTE, other, [(0.0, 9.0), (1.0, 9.0)])
    np.testing.assert_allclose(far.codes()[0], Z[0] + 1.5 * (stretched[0] - Z[0]), atol=1e-5)
    assert (made.marks, made.pitch) == (NOTE.marks, 60.0)
