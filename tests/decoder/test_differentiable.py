"""The decoder with slopes: the same frames as ``Network``, and slopes that match difference quotients."""

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.decoder.differentiable import DifferentiableDecoder
from synth_app.support.errors import UserError


@pytest.fixture(params=["pitched-vae-48k", "residual-vae-48k", "dae-16k", "pca-16k"])
def shipped(request: pytest.FixtureRequest) -> Model:
    return load_model(request.param)


@pytest.mark.parametrize("pitch", [60.0, 47.3])
def test_frames_are_those_of_the_network(shipped: Model, pitch: float) -> None:
    z = shipped.bank[3].z[:40]
    unit, _ = DifferentiableDecoder(shipped.file, pitch)(z)
    floor = shipped.spec.floor_db
    np.testing.assert_allclose((1.0 - unit) * floor / 2.0, shipped.decode(z, 0.0, pitch), atol=1e-3)


def test_pulled_gradients_match_difference_quotients(shipped: Model) -> None:
    rng = np.random.default_rng(1)
    decoder = DifferentiableDecoder(shipped.file, 52.5)
    z = shipped.bank[5].z[:12]
    unit, pull = decoder(z)
    weights = rng.standard_normal(unit.shape).astype(np.float32)
    pulled = pull(weights).astype(np.float64)
    assert pulled.shape == z.shape
    step = np.float32(0.01)
    for _ in range(4):
        direction = rng.standard_normal(z.shape).astype(np.float32)
        ends = [decoder(z + sign * step * direction)[0].astype(np.float64) for sign in (1, -1)]
        slope = float(np.sum((ends[0] - ends[1]) / (2.0 * step) * weights))
        size = float(np.linalg.norm(pulled) * np.linalg.norm(direction))
        assert float(np.sum(pulled * direction)) == pytest.approx(slope, abs=2e-3 * size)


def test_a_recurrent_decoder_is_refused() -> None:
    with pytest.raises(UserError, match="recurrent"):
        DifferentiableDecoder(load_model("lstm-ae-16k").file, 60.0)
