"""Latent optimization: the least-squares solution where it has a closed form, and never a worse frame."""

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import least_squares

from synth_app.decoder import Network, optimize_latents
from synth_app.modelfile import Activation, KeyRange, Linear, Lstm, Op, PitchConcat

BINS, LATENT = 24, 3


def _tensors(rng: np.random.Generator, inputs: int = LATENT) -> dict[str, NDArray[np.float32]]:
    shapes = {"w1": (10, inputs), "b1": (10,), "w2": (BINS, 10), "b2": (BINS,), "table": (4, 2)}
    return {name: rng.normal(0.0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


CURVED: tuple[Op, ...] = (
    Linear(weight="w1", bias="b1"),
    Activation(function="tanh"),
    Linear(weight="w2", bias="b2"),
)


def _error(decoder: Network, unit: NDArray[np.float32], z: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.square(unit - decoder(z)).sum(axis=1)


def test_a_linear_decoder_reaches_the_least_squares_solution() -> None:
    rng = np.random.default_rng(1)
    weight = rng.normal(0.0, 0.1, (BINS, LATENT)).astype(np.float32)
    tensors = {"w": weight, "b": np.zeros(BINS, np.float32)}
    decoder = Network((Linear(weight="w", bias="b"),), tensors, LATENT, 32)
    unit = rng.uniform(-0.2, 0.2, (20, BINS)).astype(np.float32)
    best = np.linalg.lstsq(weight, unit.T, rcond=None)[0].T
    found = optimize_latents(decoder, unit, rng.normal(0.0, 0.5, (20, LATENT)).astype(np.float32), steps=12)
    np.testing.assert_allclose(found, best, atol=2e-3)


def test_a_nonlinear_decoder_comes_close_to_scipys_solution() -> None:
    rng = np.random.default_rng(2)
    decoder = Network(CURVED, _tensors(rng), LATENT, 64)
    true = rng.normal(0.0, 1.0, (9, LATENT)).astype(np.float32)
    unit = decoder(true) + rng.normal(0, 0.02, (9, BINS)).astype(np.float32)
    start = true + rng.normal(0.0, 0.3, true.shape).astype(np.float32)
    found = _error(decoder, unit, optimize_latents(decoder, unit, start, steps=2))
    for i in range(9):
        best = least_squares(lambda z, i=i: decoder(z[None].astype(np.float32))[0] - unit[i], start[i], diff_step=1e-2)
        assert found[i] <= 1.1 * 2.0 * best.cost + 1e-4
    assert found.mean() < 0.3 * _error(decoder, unit, start).mean()  # far enough away for a meaningful test


@seed(20261122)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 3), st.integers(1, 40), st.floats(0.0, 3.0))
def test_no_frame_becomes_worse_and_rows_are_independent(number: int, steps: int, n: int, spread: float) -> None:
    rng = np.random.default_rng(number)
    decoder = Network(CURVED, _tensors(rng), LATENT, 16)
    unit = rng.uniform(-1.0, 1.0, (n, BINS)).astype(np.float32)
    start = (spread * rng.normal(size=(n, LATENT))).astype(np.float32)
    before = start.copy()
    found = optimize_latents(decoder, unit, start, steps=steps)
    np.testing.assert_array_equal(start, before)
    assert np.isfinite(found).all()
    assert (_error(decoder, unit, found) <= _error(decoder, unit, start) + 1e-5).all()
    if steps == 0:
        np.testing.assert_array_equal(found, start)
    last = optimize_latents(decoder, unit[-1:], start[-1:], steps=steps)
    np.testing.assert_allclose(
        _error(decoder, unit[-1:], last), _error(decoder, unit, found)[-1:], rtol=0.02, atol=1e-4
    )


def test_the_pitch_of_every_frame_is_used() -> None:
    rng = np.random.default_rng(3)
    keys, pitch = KeyRange(lowest=40, highest=43), np.array([40.0, 43.0], np.float32)
    conditioned = (PitchConcat(table="table"), *CURVED)
    decoder = Network(conditioned, _tensors(rng, LATENT + 2), LATENT, 16, key_range=keys)
    true = rng.normal(0.0, 0.5, (2, LATENT)).astype(np.float32)
    unit = decoder(true, pitch)
    found = optimize_latents(decoder, unit, np.zeros((2, LATENT), np.float32), pitch, steps=12)
    wrong = optimize_latents(decoder, unit, np.zeros((2, LATENT), np.float32), pitch[::-1].copy(), steps=12)
    assert np.square(decoder(found, pitch) - unit).mean() < 1e-5
    assert np.square(decoder(wrong, pitch) - unit).mean() > 1e-4


def test_a_recurrent_decoder_is_refused() -> None:
    rng = np.random.default_rng(4)
    tensors = {
        "w": rng.normal(size=(4 * BINS, LATENT)).astype(np.float32),
        "r": rng.normal(size=(4 * BINS, BINS)).astype(np.float32),
        "b": np.zeros(4 * BINS, np.float32),
    }
    decoder = Network((Lstm(weight="w", recurrent="r", bias="b"),), tensors, LATENT, 8)
    with pytest.raises(ValueError, match="recurrent"):
        optimize_latents(decoder, np.zeros((2, BINS), np.float32), np.zeros((2, LATENT), np.float32))


def _one_number(function: str | None) -> Network:
    """A decoder from one latent dimension to one bin: z, or tanh(z)."""
    tensors = {"w": np.ones((1, 1), np.float32), "b": np.zeros(1, np.float32)}
    ops: tuple[Op, ...] = (Linear(weight="w", bias="b"),)
    if function == "tanh":
        ops = (*ops, Activation(function="tanh"))
    return Network(ops, tensors, 1, 8)


def test_a_step_that_overshoots_is_rejected() -> None:
    """At z = 2 the slope of tanh is 0.07: the step towards 0 lands at -10, where the error is larger."""
    start, target = np.full((1, 1), 2.0, np.float32), np.zeros((1, 1), np.float32)
    np.testing.assert_array_equal(optimize_latents(_one_number("tanh"), target, start, steps=5), start)


def test_a_step_is_damped_by_a_tenth_of_the_curvature() -> None:
    """With the decoded value z and slope 1, a Levenberg step covers 1 / (1 + 0.1) of the distance."""
    start, target = np.zeros((1, 1), np.float32), np.ones((1, 1), np.float32)
    for steps in (1, 2, 3):
        found = optimize_latents(_one_number(None), target, start, steps=steps)
        assert found[0, 0] == pytest.approx(1.0 - (0.1 / 1.1) ** steps, abs=2e-4)
