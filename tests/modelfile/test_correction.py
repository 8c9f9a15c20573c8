"""Corrections: quantization, knots, refusals, and model files with and without them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth_app.modelfile import load_model_file, noise_share, save_model_file, soft_shape
from synth_app.modelfile.correction import Correction, knot_basis, knot_frames
from synth_app.support.errors import UserError
from tests.engine.conftest import SPECS, exact_model


def _correction(bins: int = 40, shapes: int = 3) -> Correction:
    rng = np.random.default_rng(0)
    weights = np.sin(np.linspace(0, 6, Correction.KNOTS) * np.arange(1, shapes + 1)[:, None])
    return Correction.of(rng.normal(size=(1 + shapes, bins)) * 6.0, weights)


def test_levels_are_mean_plus_weighted_shapes_within_half_a_step() -> None:
    rng = np.random.default_rng(1)
    shapes, weights = rng.normal(size=(4, 50)) * 5.0, rng.uniform(-3, 3, size=(3, Correction.KNOTS))
    correction = Correction.of(shapes, weights)
    frames = knot_frames(100, Correction.KNOTS)
    expected = shapes[0] + weights.T @ shapes[1:]
    steps = np.abs(np.concatenate([shapes[:1], shapes[1:] * np.abs(weights).max(axis=1)[:, None]])).max(axis=1) / 127
    np.testing.assert_allclose(correction.levels_db(frames, 100), expected, atol=0.5 * steps.sum() + 0.05)


def test_levels_between_knots_are_interpolated_and_knots_are_denser_at_the_start() -> None:
    frames = knot_frames(200, 24)
    assert frames[0] == 0.0
    assert frames[-1] == 199.0
    assert (np.diff(frames) > 0).all()
    assert (np.diff(frames, n=2) > 0).all()
    basis = knot_basis(np.arange(200), 200, 24)
    np.testing.assert_allclose(basis.sum(axis=1), 1.0)
    assert ((basis > 0).sum(axis=1) <= 2).all()
    np.testing.assert_allclose(knot_basis(frames, 200, 24), np.eye(24), atol=1e-9)


def test_a_mean_alone_is_a_correction() -> None:
    mean = np.linspace(-6.0, 6.0, 30)
    correction = Correction.of(mean[None], np.zeros((0, Correction.KNOTS)))
    np.testing.assert_allclose(correction.levels_db(np.array([0.0, 5.0]), 10), np.stack([mean, mean]), atol=0.03)


@pytest.mark.parametrize("part", ["shapes", "scale_db", "weights"])
def test_parts_that_do_not_fit_are_refused(part: str) -> None:
    good = _correction()
    with pytest.raises(UserError):
        replace(good, **{part: getattr(good, part)[:-2]})


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e6])
def test_levels_out_of_range_are_refused(value: float) -> None:
    scale = np.array([0.1, value, 0.1, 0.1], np.float32)
    with pytest.raises(UserError, match=r"finite|within"):
        replace(_correction(), scale_db=scale.tobytes())


def test_a_model_file_keeps_the_corrections(tmp_path: Path) -> None:
    model = exact_model(SPECS[48_000])
    bank = tuple(replace(note, correction=_correction(SPECS[48_000].bins)) for note in model.bank)
    save_model_file(tmp_path / "m.safetensors", replace(model, bank=bank))
    loaded = load_model_file(tmp_path / "m.safetensors")
    assert [note.correction for note in loaded.bank] == [note.correction for note in bank]


def test_a_model_file_without_corrections_loads(tmp_path: Path) -> None:
    save_model_file(tmp_path / "m.safetensors", exact_model(SPECS[48_000]))
    assert {note.correction for note in load_model_file(tmp_path / "m.safetensors").bank} == {None}


def test_a_bank_with_a_correction_missing_or_of_another_size_is_refused(tmp_path: Path) -> None:
    model = exact_model(SPECS[48_000])
    bins = SPECS[48_000].bins
    some = (replace(model.bank[0], correction=_correction(bins)), *model.bank[1:])
    with pytest.raises(UserError, match="all notes"):
        save_model_file(tmp_path / "m.safetensors", replace(model, bank=some))
    short = tuple(replace(note, correction=_correction(bins - 1)) for note in model.bank)
    with pytest.raises(UserError, match="frames have"):
        save_model_file(tmp_path / "m.safetensors", replace(model, bank=short))


def test_a_model_file_keeps_shares_of_noise_soft_shapes_and_velocities(tmp_path: Path) -> None:
    model, bins = exact_model(SPECS[48_000]), SPECS[48_000].bins
    rng = np.random.default_rng(2)
    bank = tuple(
        replace(
            note, velocity=60 + i,
            correction=replace(
                _correction(bins), velocity=60 + i, noise=rng.integers(0, 120, noise_share.SIZE, np.uint8).tobytes(),
                soft=rng.integers(-9, 9, soft_shape.BANDS, np.int8).tobytes() if i else b"",
            ),
        )
        for i, note in enumerate(model.bank)
    )  # fmt: skip
    save_model_file(tmp_path / "m.safetensors", replace(model, bank=bank))
    loaded = load_model_file(tmp_path / "m.safetensors")
    assert [note.correction for note in loaded.bank] == [note.correction for note in bank]


def test_a_share_of_noise_for_some_notes_only_is_refused(tmp_path: Path) -> None:
    model, bins = exact_model(SPECS[48_000]), SPECS[48_000].bins
    bank = [replace(note, correction=_correction(bins)) for note in model.bank]
    bank[0] = replace(bank[0], correction=replace(_correction(bins), noise=bytes(noise_share.SIZE)))
    with pytest.raises(UserError, match="share of noise"):
        save_model_file(tmp_path / "m.safetensors", replace(model, bank=tuple(bank)))


@pytest.mark.parametrize(("part", "value"), [("noise", b"123"), ("soft", b"1"), ("velocity", 0), ("velocity", 128)])
def test_extra_parts_that_do_not_fit_are_refused(part: str, value: Any) -> None:
    with pytest.raises(UserError, match=part):
        replace(_correction(), **{part: value})


def test_soft_shapes_are_interpolated_between_their_bands() -> None:
    levels = np.linspace(-20.0, 10.0, soft_shape.BANDS)
    found = soft_shape.unpack_soft(soft_shape.pack_soft(levels), 1025)
    np.testing.assert_allclose(np.interp(soft_shape.band_bins(1025), np.arange(1025), found), levels, atol=0.5)
