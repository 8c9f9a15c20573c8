"""Principal axes, randomizing and locks."""

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.session import LocksChanged, SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.latent_edits import axis_fractions, axis_values, randomize, set_axis, slider_effect
from synth_app.support.errors import UserError


def test_the_data_have_unit_variance_along_every_principal_axis(model: Model) -> None:
    """Oracle: the bank's own frames, of which the fixture's statistics are made."""
    codes = np.concatenate([note.z for note in model.bank]).astype(np.float64)
    turned = np.stack([axis_values(model.stats, code) for code in codes])
    np.testing.assert_allclose(turned.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(turned.std(axis=0)[:8], 1, atol=0.02)
    shares = axis_fractions(model.stats)
    assert shares.sum() == pytest.approx(1.0)
    assert (np.diff(shares) <= 1e-12).all()
    np.testing.assert_allclose(shares, np.linalg.eigvalsh(np.cov(codes.T))[::-1] / np.cov(codes.T).trace(), atol=1e-3)


def test_an_axis_moves_alone(store: SessionStore, model: Model) -> None:
    before = axis_values(model.stats, store.latents.values())
    wanted = float(before[2]) + 0.1
    set_axis(store, 2, wanted)
    after = axis_values(model.stats, store.latents.values())
    assert after[2] == pytest.approx(wanted, abs=1e-6)
    np.testing.assert_allclose(np.delete(after, 2), np.delete(before, 2), atol=1e-5)


def test_locked_dimensions_stay(store: SessionStore) -> None:
    heard: list[LocksChanged] = []
    store.subscribe(LocksChanged, heard.append)
    store.latents.set(3, float(store.latents.center()[3]) + 0.2)
    store.latents.lock([3, 5])
    assert heard == [LocksChanged()]
    kept = store.latents.values()[[3, 5]]
    randomize(store, np.random.default_rng(0))
    set_axis(store, 0, 1.0)
    np.testing.assert_allclose(store.latents.values()[[3, 5]], kept)
    assert np.abs(np.asarray(store.patch.offset)).max() > 0.05
    store.latents.reset_all()
    assert store.patch.offset[3] == pytest.approx(0.2)
    assert not any(value for dim, value in enumerate(store.patch.offset) if dim != 3)
    with pytest.raises(UserError, match="no dimension 16"):
        store.latents.lock([16])
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    assert SessionStore(saved).state.locked == frozenset({3, 5})


def test_random_latent_vectors_are_distributed_like_the_data(store: SessionStore, model: Model) -> None:
    rng, drawn = np.random.default_rng(1), []
    for _ in range(400):
        randomize(store, rng)
        drawn.append(axis_values(model.stats, store.latents.values()))
    spread = np.std(drawn, axis=0)[:3]
    assert (spread > 0.6).all()
    assert (spread < 1.05).all(), "within the data, not beyond"


def test_a_slider_effect_is_the_decoded_step_both_ways(store: SessionStore, model: Model) -> None:
    step = np.zeros(16)
    step[1] = 0.7
    code = store.latents.values()
    down, up = slider_effect(model, code, step, -10.0, 60.0)
    np.testing.assert_allclose(up, model.decode((code + step)[None].astype(np.float32), -10.0)[0], atol=1e-3)
    np.testing.assert_allclose(down, model.decode((code - step)[None].astype(np.float32), -10.0)[0], atol=1e-3)
