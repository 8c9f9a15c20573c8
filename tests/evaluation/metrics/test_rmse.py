"""Errors in closed form."""

import numpy as np
import pytest

from synth_app.evaluation import FrameError
from synth_app.support.errors import UserError


def test_pooled_and_per_note_figures_differ_as_defined() -> None:
    error = FrameError()
    true = np.zeros((10, 4), np.float32)
    error.add_note(true + 3, true)
    error.add_note(np.full((30, 4), -5, np.float32), np.full((30, 4), -6, np.float32))
    found = error.result()
    assert found.pooled_db == pytest.approx(np.sqrt((10 * 9 + 30 * 1) / 40))
    assert found.per_note_db == pytest.approx((3 + 1) / 2)
    assert (found.notes, found.frames) == (2, 40)


def test_no_error_is_zero() -> None:
    error = FrameError()
    frames = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    error.add_note(frames, frames.copy())
    assert error.result().pooled_db == 0.0


def test_unequal_shapes_are_refused() -> None:
    error = FrameError()
    with pytest.raises(UserError, match="no notes with active frames"):
        error.result()
    for made, true in (((3, 4), (3, 5)), ((0, 4), (0, 4)), ((4,), (4,))):
        with pytest.raises(UserError, match="cannot be compared"):
            error.add_note(np.zeros(made, np.float32), np.zeros(true, np.float32))
