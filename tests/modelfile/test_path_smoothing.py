"""Smoothing of latent paths: vibrato and attack stay, jitter goes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from synth_app.modelfile import load_model_file, save_model_file
from synth_app.modelfile.path_smoothing import ATTACK_S, RESOLVED_BINS, jitter, smooth_path, smooth_unresolved
from synth_app.modelfile.store import content_digest
from tests.engine.conftest import SPECS, exact_model

FPS = 93.75


def _sine(hz: float, frames: int = 400) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(frames) / FPS).astype(np.float32)[:, None]


def _passed(hz: float) -> float:
    """Amplitude of a movement after smoothing, in the middle of the path."""
    part = smooth_path(_sine(hz), FPS)[100:300, 0]
    t = np.arange(100, 300) / FPS
    basis = np.stack([np.sin(2 * np.pi * hz * t), np.cos(2 * np.pi * hz * t)], axis=1)
    return float(np.hypot(*np.linalg.lstsq(basis, part, rcond=None)[0]))


@pytest.mark.parametrize(("hz", "low", "high"), [(1.0, 0.99, 1.01), (5.0, 0.9, 1.0), (7.0, 0.75, 0.9),
                                                 (15.0, 0.05, 0.2), (20.0, 0.0, 0.05), (40.0, 0.0, 0.02)])  # fmt: skip
def test_vibrato_stays_and_flutter_goes(hz: float, low: float, high: float) -> None:
    assert low <= _passed(hz) <= high


def test_the_attack_stays_and_its_end_is_blended() -> None:
    z = np.random.default_rng(0).standard_normal((200, 3)).astype(np.float32)
    smooth = smooth_path(z, FPS)
    kept = int(ATTACK_S * FPS)
    np.testing.assert_array_equal(smooth[: kept + 1], z[: kept + 1])
    assert np.abs(np.diff(smooth[20:], axis=0)).mean() < 0.3 * np.abs(np.diff(z[20:], axis=0)).mean()


def test_steps_and_short_paths_keep_their_ends() -> None:
    still = np.full((50, 2), 1.5, np.float32)
    np.testing.assert_allclose(smooth_path(still, FPS), still, rtol=1e-5)
    for frames in (1, 4):
        assert smooth_path(still[:frames], FPS).shape == (frames, 2)


def test_only_files_with_paths_as_encoded_are_smoothed_when_loaded(tmp_path: Path) -> None:
    model = exact_model(SPECS[48_000])
    z = np.random.default_rng(0).standard_normal((200, 2)).astype(np.float16).astype(np.float32)
    path = tmp_path / "exact.safetensors"
    save_model_file(path, replace(model, bank=(replace(model.bank[0], z=z),)))
    np.testing.assert_array_equal(load_model_file(path).bank[0].z, z)  # once only, however often it is saved
    older = tmp_path / "older.safetensors"
    _save_as_before(path, older)
    np.testing.assert_array_equal(load_model_file(older).bank[0].z, smooth_path(z, FPS))


def _save_as_before(path: Path, older: Path) -> None:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        metadata = dict(file.metadata())
    del metadata["synth_app.paths"]
    tensors = load_file(path)
    assert metadata["synth_app.sha256"] != content_digest(metadata, tensors)  # so that a file is not smoothed by damage
    metadata["synth_app.sha256"] = content_digest(metadata, tensors)
    save_file(tensors, older, metadata)


def test_beats_of_unresolved_partials_go_and_the_release_stays() -> None:
    """A beat of 15 Hz, as of partials that the window does not tell apart."""
    values, release = _sine(15.0), 300
    smooth = smooth_unresolved(values, release, RESOLVED_BINS - 0.1, FPS)
    assert np.abs(smooth[100:200]).max() < 0.05
    np.testing.assert_array_equal(smooth[release:], values[release:])
    assert jitter(values[100:200], smooth[100:200]) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("release", "spacing"), [(300, RESOLVED_BINS), (0, 1.0)])
def test_resolved_notes_and_notes_without_a_hold_stay(release: int, spacing: float) -> None:
    values = _sine(15.0)
    np.testing.assert_array_equal(smooth_unresolved(values, release, spacing, FPS), values)
    assert jitter(values, values) == 0.0


def test_still_values_have_no_jitter() -> None:
    still = np.ones((20, 2), np.float32)
    assert jitter(still, still) == 0.0
    assert smooth_unresolved(still[:2], 1, 1.0, FPS).shape == (2, 2)
