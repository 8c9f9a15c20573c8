"""The free mode: its gradient, what it optimizes, and that the sound is whole."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.spectrum import db_frames
from synth_app.style.free import BANDS, LENGTH, RandomNetwork, _Objective, _scaled, free_style, gram
from synth_app.support.errors import UserError
from synth_app.texture import band_filters, band_levels_db


def _features(network: RandomNetwork, frames_db: NDArray[np.floating], model: Model) -> NDArray[np.float64]:
    return network.features(_scaled(band_levels_db(frames_db, band_filters(model.spec, BANDS))))


def test_the_gradient_is_the_slope() -> None:
    network, rng = RandomNetwork.of(1), np.random.default_rng(2)
    content, style, x = rng.random((3, 30, BANDS))
    objective = _Objective(network, content, network.features(content), gram(network.features(style)))
    _, gradient = objective(x.ravel())
    direction = rng.standard_normal(x.size)
    quotient = (objective(x.ravel() + 1e-5 * direction)[0] - objective(x.ravel() - 1e-5 * direction)[0]) / 2e-5
    assert float(gradient @ direction) == pytest.approx(quotient, rel=1e-3)


def test_the_sound_has_the_gram_matrix_of_the_style(model: Model, rain_db: NDArray[np.float32]) -> None:
    t = np.arange(48_000) / 48_000
    tone = np.sum([np.sin(2.0 * np.pi * 220.0 * k * t) / k for k in range(1, 20)], axis=0) * 0.1
    content = db_frames(tone, model.spec)
    done: list[int] = []
    made = free_style(content, rain_db, model.spec, seed=1, progress=lambda n, of: done.append(n))
    again = free_style(content, rain_db, model.spec, seed=1)
    assert made is not None
    assert again is not None
    np.testing.assert_array_equal(made, again)
    assert made.shape == (len(content) * model.spec.hop_length,)
    assert np.isfinite(made).all()
    assert done == list(range(1, len(done) + 1))
    network = RandomNetwork.of(7)  # other filters than those that were used
    wanted = gram(_features(network, rain_db, model))
    before = np.linalg.norm(gram(_features(network, content, model)) - wanted)
    after = np.linalg.norm(gram(_features(network, db_frames(made, model.spec), model)) - wanted)
    assert after < 0.4 * before


def test_short_sounds_are_refused(model: Model, rain_db: NDArray[np.float32]) -> None:
    with pytest.raises(UserError, match=f"needs {2 * LENGTH}"):
        free_style(rain_db[:5], rain_db, model.spec)
