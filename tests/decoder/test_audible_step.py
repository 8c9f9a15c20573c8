"""A step on the audible error brings decoded frames nearer where it is heard, and nowhere else at any price."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.evaluation.metrics.mel_distance import mel_filters
from synth_app.spectrum import from_unit, to_unit
from tests.engine.conftest import SPECS, pitched_model

SPEC, KEY = SPECS[48_000], 55.0


def _model() -> Model:
    return Model(pitched_model(SPEC))


def _mel_miss_db(model: Model, frames_db: NDArray[np.float32], z: NDArray[np.float32]) -> NDArray[np.float64]:
    """RMS difference over 80 mel bands within 60 dB, [n]: filters and range are not those of the step."""
    filters = mel_filters(SPEC.sample_rate, SPEC.n_fft, 80)
    made, wanted = (
        10.0 * np.log10(10.0 ** (each.astype(np.float64) / 10.0) @ filters.T + 1e-9)
        for each in (model.decode(z, 0.0, KEY), frames_db)
    )
    floor = wanted.max(axis=1, keepdims=True) - 60.0
    return np.sqrt(np.mean((np.maximum(made, floor) - np.maximum(wanted, floor)) ** 2, axis=1))


def _start(z: NDArray[np.float32], model: Model, monkeypatch: pytest.MonkeyPatch, off: NDArray[np.float32]) -> None:
    """Let the model's encoder miss the latent vectors by ``off``."""
    monkeypatch.setattr(model, "_encoder", lambda *_: (z + off).astype(np.float32))


def test_frames_come_nearer_and_none_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    model, rng = _model(), np.random.default_rng(0)
    true = rng.uniform(0.2, 0.8, (40, model.card.latent_size)).astype(np.float32)
    off = rng.normal(0.0, 0.2, true.shape).astype(np.float32)
    frames = model.decode(true, -20.0, KEY)
    _start(true, model, monkeypatch, off)
    z, gain_db = model.encode_audibly(frames, KEY)
    before, after = (_mel_miss_db(model, frames - frames.max(axis=1, keepdims=True), each) for each in (true + off, z))
    assert after.mean() < 0.75 * before.mean()
    assert (after <= before + 0.02).all()
    np.testing.assert_allclose(gain_db, frames.max(axis=1), atol=1e-4)


def test_what_nobody_hears_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bins below -75 dB are wrong by 20 dB. The squared error of all bins would move the latent vectors for them."""
    model = _model()
    true = np.full((3, model.card.latent_size), 0.5, np.float32)
    frames = model.decode(true, 0.0, KEY)
    wrong = np.where(frames < -75.0, np.maximum(frames + 20.0, -100.0), frames).astype(np.float32)
    _start(true, model, monkeypatch, np.zeros_like(true))
    heard, _ = model.encode_audibly(wrong, KEY)
    squared, _ = model.encode(wrong, KEY, gauss_newton_steps=1)
    assert np.abs(squared - true).max() > 4.0 * np.abs(heard - true).max()
    assert _mel_miss_db(model, frames, heard).max() < 0.3


def test_a_good_start_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model()
    true = np.random.default_rng(1).uniform(0.0, 1.0, (5, model.card.latent_size)).astype(np.float32)
    frames = model.decode(true, 0.0, KEY)
    _start(true, model, monkeypatch, np.zeros_like(true))
    unit = to_unit(np.maximum(frames - frames.max(axis=1, keepdims=True), SPEC.floor_db), SPEC.floor_db)
    assert np.isfinite(from_unit(unit, SPEC.floor_db)).all()
    np.testing.assert_allclose(model.encode_audibly(frames, KEY)[0], true, atol=0.05)
