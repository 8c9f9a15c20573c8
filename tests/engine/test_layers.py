"""Compiled layers against plain formulas in float64, at every number of rows and odd widths."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.decoder.operations import NUMPY
from synth_app.engine.layers import COMPILED
from synth_app.modelfile import find_model, load_model_file

F32 = NDArray[np.float32]


def _random(*shape: int) -> F32:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 11, 12, 13, 17])
@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (3, 2), (16, 33), (40, 64)])
def test_affine_of_any_shape(rows: int, n_in: int, n_out: int) -> None:
    x, weight, bias = _random(rows, n_in), _random(n_out, n_in), _random(n_out)
    out = np.full((rows, n_out), np.nan, np.float32)
    COMPILED.affine(x, weight, bias, out)
    np.testing.assert_allclose(out, x.astype(float) @ weight.T.astype(float) + bias, atol=2e-5)


def test_layer_norm() -> None:
    x, weight, bias = 3.0 + _random(5, 40), _random(40), _random(40)
    out = np.full_like(x, np.nan)
    COMPILED.layer_norm(x, weight, bias, 1e-5, out)
    exact = x.astype(float)
    exact = (exact - exact.mean(1, keepdims=True)) / np.sqrt(exact.var(1, keepdims=True) + 1e-5) * weight + bias
    np.testing.assert_allclose(out, exact, atol=1e-5)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu"])
def test_activations_over_their_whole_range(name: str) -> None:
    x = np.concatenate([np.linspace(-12, 12, 20_001), [-1e30, -1e4, 1e4, 1e30]]).astype(np.float32)[None]
    out = np.full_like(x, np.nan)
    COMPILED.activations[name](x, out)
    v = x.astype(float)
    exact = {
        "tanh": np.tanh(v),
        "sigmoid": 0.5 + 0.5 * np.tanh(v / 2),
        "gelu": 0.5 * v * (1 + np.tanh(np.sqrt(2 / np.pi) * v * (1 + 0.044715 * np.minimum(v**2, 1e6)))),
    }[name]
    np.testing.assert_allclose(out, exact, rtol=1e-6, atol=4e-6 if name == "gelu" else 4e-7)


@pytest.mark.parametrize("rows", [1, 4, 16])
def test_shipped_decoder_as_numpy_runs_it(rows: int) -> None:
    file = load_model_file(find_model("residual-vae-48k"))
    size = file.card.latent_size
    z = _random(rows, size)
    one, other = (Network(file.card.decoder, file.tensors, size, 16, ops).run(z) for ops in (NUMPY, COMPILED))
    np.testing.assert_allclose(other, one, atol=1e-5)  # of the range [-1, 1]: 0.0005 dB
