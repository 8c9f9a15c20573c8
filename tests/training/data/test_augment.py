"""Augmented frames keep the scaling and are altered as documented."""

import numpy as np
import pytest
import torch

from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment

SPEC = FrameSpec(16_000, 1024, 512)


def _peaks(n: int = 400, at: int = 200) -> torch.Tensor:
    """Frames with one narrow peak over the floor."""
    distance = torch.abs(torch.arange(SPEC.bins) - at)
    return (1.0 - 0.2 * distance).clamp(min=-1.0).repeat(n, 1)


def test_the_requested_fraction_of_frames_is_altered() -> None:
    x = _peaks(100)
    made = Augment(SPEC, 0.3)(x, torch.Generator().manual_seed(0))
    changed = (made != x).any(dim=1)
    assert changed[:30].all()
    assert not changed[30:].any()
    assert Augment(SPEC, 0.0)(x, torch.Generator()) is x


def test_altered_frames_keep_the_scaling() -> None:
    rng = np.random.default_rng(0)
    x = torch.from_numpy((1 - 2 * rng.random((200, SPEC.bins)) ** 2).astype(np.float32))
    made = Augment(SPEC, 1.0)(x, torch.Generator().manual_seed(1))
    np.testing.assert_allclose(made.amax(dim=1), 1.0, atol=1e-6)
    assert float(made.min()) >= -1.0
    assert made.dtype == torch.float32


def test_augmentation_depends_on_the_generator_alone() -> None:
    augment, x = Augment(SPEC, 1.0), _peaks(20)
    one, same, other = (augment(x, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_half_of_the_frames_is_stretched_within_seven_semitones() -> None:
    made = Augment(SPEC, 1.0)(_peaks(), torch.Generator().manual_seed(0))
    # the EQ is smooth: it cannot move so narrow a peak by more than a bin
    semitones = 12 * torch.log2(made.argmax(dim=1) / 200.0)
    still, moved = semitones[200:], semitones[:200]
    assert float(still.abs().max()) < 0.1
    assert 5.0 < float(moved.abs().max()) < 7.1
    assert float(moved.std()) == pytest.approx(7 / np.sqrt(3), rel=0.15)  # uniform over +-7
    assert abs(float(moved.mean())) < 1.0


def test_stretch_covers_the_requested_range() -> None:
    made = Augment(SPEC, 1.0, 2.0)(_peaks(), torch.Generator().manual_seed(0))
    moved = 12 * torch.log2(made.argmax(dim=1) / 200.0)[:200]
    assert 1.5 < float(moved.abs().max()) < 2.1


def test_noise_floor_is_raised_by_levels_spread_over_its_range() -> None:
    made_db = (Augment(SPEC, 1.0)(_peaks(), torch.Generator().manual_seed(0)) - 1.0) * 50.0
    floor_db = made_db.amin(dim=1).numpy()
    assert floor_db.min() < -90
    assert -60 < floor_db.max() < -35


def test_eq_has_the_stated_strength() -> None:
    flat = torch.ones(400, SPEC.bins)
    made_db = (Augment(SPEC, 1.0)(flat, torch.Generator().manual_seed(0)) - 1.0) * 50.0
    shape = made_db - made_db.mean(dim=1, keepdim=True)
    levels = [*np.linspace(6, 1, 8), *np.linspace(6, 1, 5)]
    assert float(shape.std()) == pytest.approx(np.sqrt(np.sum(np.square(levels)) / 2), rel=0.25)
    assert float((made_db[:, 1:] - made_db[:, :-1]).abs().max()) < 6.0  # smooth from bin to bin
