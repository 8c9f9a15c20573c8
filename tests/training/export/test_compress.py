"""Factorized layers against the algebraic optimum, and a whole decoder before and after."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.modelfile import Activation, LayerNorm, Linear, Op, Parallel, PitchConcat, Residual
from synth_app.training.export.compress import TOLERANCE_DB, compress_decoder, factors

F32 = NDArray[np.float32]


def _normal(rng: np.random.Generator, *shape: int) -> F32:
    return rng.standard_normal(shape).astype(np.float32)


def test_factors_are_exact_for_inputs_of_low_rank() -> None:
    rng = np.random.default_rng(0)
    x = _normal(rng, 400, 5) @ _normal(rng, 5, 40) + 3.0  # five directions about a mean
    weight, bias = _normal(rng, 30, 40), _normal(rng, 30)
    first, second, moved = factors(weight, bias, x, 5)
    np.testing.assert_allclose(x @ first.T @ second.T + moved, x @ weight.T + bias, atol=2e-3)


def test_factors_lose_no_more_than_the_smallest_principal_components() -> None:
    rng = np.random.default_rng(1)
    x = _normal(rng, 2000, 20) * np.linspace(3, 0.1, 20, dtype=np.float32)
    weight, bias = _normal(rng, 25, 20), _normal(rng, 25)
    made = (x - x.mean(axis=0)) @ weight.T
    singular = np.linalg.svd(made.astype(np.float64), compute_uv=False)
    for rank in (4, 9, 15):
        first, second, moved = factors(weight, bias, x, rank)
        error = x @ first.T @ second.T + moved - (x @ weight.T + bias)
        assert np.linalg.norm(error) == pytest.approx(np.sqrt(np.sum(singular[rank:] ** 2)), rel=1e-3)


def _decoder(rng: np.random.Generator, wide: int) -> tuple[tuple[Op, ...], dict[str, F32]]:
    shapes = {"skip": (1025, 4), "in": (wide, 4), "body": (wide, wide), "out": (1025, wide)}
    tensors = {f"{name}.weight": 0.5 / shape[1] * _normal(rng, *shape) for name, shape in shapes.items()}
    tensors |= {f"{name}.bias": 0.1 * _normal(rng, shape[0]) for name, shape in shapes.items()}
    tensors |= {"norm.weight": np.ones(wide, np.float32), "norm.bias": np.zeros(wide, np.float32)}

    def linear(name: str) -> Linear:
        return Linear(weight=f"{name}.weight", bias=f"{name}.bias")

    norm = LayerNorm(weight="norm.weight", bias="norm.bias")
    body = Residual(body=(norm, linear("body"), Activation(function="gelu")))
    return (Parallel(branches=((linear("skip"),), (linear("in"), body, linear("out")))),), tensors


def test_a_large_decoder_gets_smaller_with_nearly_equal_frames() -> None:
    rng = np.random.default_rng(2)
    ops, tensors = _decoder(rng, 420)
    latents = _normal(rng, 700, 4)
    before = {name: value.copy() for name, value in tensors.items()}
    new_ops, new_tensors, change_db = compress_decoder(ops, tensors, latents, 50.0)
    assert sum(value.size for value in new_tensors.values()) < 0.5 * sum(value.size for value in tensors.values())
    whole, made = (Network(o, t, 4, 700)(latents) for o, t in ((ops, tensors), (new_ops, new_tensors)))
    assert change_db == pytest.approx(50.0 * np.sqrt(np.mean((made - whole) ** 2)), abs=1e-3)
    assert 0 < change_db < 2 * TOLERANCE_DB
    for name, value in before.items():
        np.testing.assert_array_equal(tensors[name], value)


def test_a_small_decoder_is_not_factorized() -> None:
    ops, tensors = _decoder(np.random.default_rng(3), 60)
    assert compress_decoder(ops, tensors, _normal(np.random.default_rng(4), 50, 4), 50.0) == (ops, tensors, 0.0)


def test_a_large_pitch_conditioned_decoder_is_not_factorized() -> None:
    rng = np.random.default_rng(5)
    ops, tensors = _decoder(rng, 420)
    told: tuple[Op, ...] = (PitchConcat(table="keys"), *ops)
    tensors["keys"] = _normal(rng, 88, 2)
    assert compress_decoder(told, tensors, _normal(rng, 50, 2), 50.0) == (told, tensors, 0.0)
