"""Compiled layers against plain formulas in float64, at every number of rows and odd widths."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.decoder.operations import NUMPY
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.engine.decoding.matmul import affine, pack_panels
from synth_app.modelfile import find_model, load_model_file

F32 = NDArray[np.float32]


def _random(*shape: int) -> F32:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 8, 11, 12, 13, 17])
@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (3, 2), (16, 33), (40, 64), (7, 161)])
@pytest.mark.parametrize("halves", [False, True])
def test_affine_of_any_shape(rows: int, n_in: int, n_out: int, halves: bool) -> None:
    x, weight, bias = _random(rows, n_in), _random(n_out, n_in), _random(n_out)
    weight *= np.geomspace(1e-9, 1e9, n_out, dtype=np.float32)[:, None]  # halves alone reach from 6e-8 to 65504
    out = np.full((rows, n_out), np.nan, np.float32)
    affine(x, pack_panels(weight, bias, halves=halves), out)
    exact = x.astype(float) @ weight.T.astype(float) + bias
    terms = np.abs(x.astype(float)) @ np.abs(weight.T.astype(float)) + np.abs(bias)
    assert np.all(np.abs(out - exact) <= terms * (2.0**-11 if halves else 1e-6))


@pytest.mark.parametrize("n_out", [16, 161])
def test_a_row_does_not_depend_on_the_rows_beside_it(n_out: int) -> None:
    x, layer = _random(29, 50), pack_panels(_random(n_out, 50), _random(n_out), halves=True)
    alone = np.empty((29, n_out), np.float32)
    for i in range(29):
        affine(x[i : i + 1], layer, alone[i : i + 1])
    for rows in range(2, 30):
        together = np.empty((rows, n_out), np.float32)
        affine(x[:rows], layer, together)
        np.testing.assert_array_equal(together, alone[:rows])


def test_nothing_is_written_beside_the_result() -> None:
    room = np.full((9, 33), 7.0, np.float32)
    affine(_random(5, 8), pack_panels(_random(33, 8), _random(33), halves=True), room[2:7])
    np.testing.assert_array_equal(room[[0, 1, 7, 8]], 7.0)


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
@pytest.mark.parametrize("packing", ["whole", "halves", "as suits the processor"])
def test_the_shipped_decoder_equals_numpy(rows: int, packing: str) -> None:
    """In dB: one unit is 50."""
    file = load_model_file(find_model("residual-vae-48k"))
    size = file.card.latent_size
    z = np.concatenate([note.z for note in file.bank[:: len(file.bank) // rows]])[:rows]
    packs = {"whole": partial(pack_panels, halves=False), "halves": partial(pack_panels, halves=True)}
    operations = replace(COMPILED, pack=packs.get(packing, COMPILED.pack))
    one, other = (Network(file.card.decoder, file.tensors, size, 16, ops).run(z) for ops in (NUMPY, operations))
    error_db = 50.0 * (other - one)
    greatest, mean = (0.0005, 0.0001) if packing == "whole" else (0.1, 0.01)
    assert np.abs(error_db).max() < greatest
    assert np.sqrt(np.mean(error_db**2)) < mean
