"""The numpy runtime against plain formulas in float64, and as a part of the audio callback."""

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import erf, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Network, Operations
from synth_app.decoder.operations import NUMPY
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.engine.decoding.matmul import pack_panels
from synth_app.modelfile import (
    Activation,
    KeyRange,
    LayerNorm,
    Linear,
    Lstm,
    ModelFile,
    Op,
    Parallel,
    PitchComb,
    PitchConcat,
    Residual,
)

F64 = NDArray[np.float64]


PITCH = np.array([40.0, 41.25, 43.0, 39.0, 44.0, 42.5, 41.0])
WHOLE = replace(COMPILED, pack=partial(pack_panels, halves=False))  # the engine's, without rounding of weights
KEYS = KeyRange(lowest=40, highest=43)


def _lstm(x: F64, weight: F64, recurrent: F64, bias: F64) -> F64:
    hidden, cell = np.zeros((2, len(bias) // 4))
    made = []
    for row in x:
        i, f, g, o = np.split(weight @ row + recurrent @ hidden + bias, 4)
        cell = cell / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        hidden = np.tanh(cell) / (1 + np.exp(-o))
        made.append(hidden)
    return np.array(made)


def _between(table: F64) -> F64:
    """Rows of a table of KEYS at PITCH, linear between keys and constant beyond them."""
    flat = table.reshape(len(table), -1)
    rows = np.stack([np.interp(PITCH, range(40, 44), column) for column in flat.T], axis=1)
    return rows.reshape(len(PITCH), *table.shape[1:])


def _run(ops: tuple[Op, ...], x: F64, tensors: dict[str, F64]) -> F64:
    """The programs' definition, written as in the card's docstrings."""
    for op in ops:
        if isinstance(op, Linear):
            x = x @ tensors[op.weight].T + tensors[op.bias]
        elif isinstance(op, LayerNorm):
            x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + op.eps)
            x = x * tensors[op.weight] + tensors[op.bias]
        elif isinstance(op, Residual):
            x = x + _run(op.body, x, tensors)
        elif isinstance(op, Parallel):
            x = np.sum([_run(branch, x, tensors) for branch in op.branches], axis=0)
        elif isinstance(op, PitchConcat):
            x = np.hstack([x, _between(tensors[op.table])])
        elif isinstance(op, PitchComb):
            parts = (x @ tensors[op.coefficients].T).reshape(len(x), -1, len(tensors[op.bumps]))
            own = np.einsum("nrj,jo,nro->no", parts, tensors[op.bumps], _between(tensors[op.combs]))
            x = x @ tensors[op.weight].T + tensors[op.bias] + own
        elif isinstance(op, Lstm):
            x = _lstm(x, tensors[op.weight], tensors[op.recurrent], tensors[op.bias])
        else:
            x = _FUNCTIONS[op.function](x)
    return x


_FUNCTIONS: dict[str, Callable[[F64], F64]] = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
}


@pytest.mark.parametrize("net", ["encoder", "decoder"])
def test_programs_compute_the_operations_of_the_card(model: ModelFile, net: str) -> None:
    ops = getattr(model.card, net)
    width = 33 if net == "encoder" else 3
    x = np.random.default_rng(0).standard_normal((7, width))
    expected = _run(ops, x, {name: tensor.astype(np.float64) for name, tensor in model.tensors.items()})
    network = Network(ops, model.tensors, width, 8)
    np.testing.assert_allclose(network.run(x.astype(np.float32)), expected, atol=1e-5)
    assert network.n_out == expected.shape[1]


@pytest.mark.parametrize("operations", [NUMPY, WHOLE], ids=["numpy", "compiled"])
def test_pitch_conditioned_layers(operations: Operations) -> None:
    rng = np.random.default_rng(4)
    sizes = {"t": (4, 3), "w": (6, 8), "b": (6,), "c": (10, 8), "j": (5, 6), "k": (4, 2, 6)}
    tensors = {name: rng.standard_normal(size) for name, size in sizes.items()}
    ops = (PitchConcat(table="t"), PitchComb(weight="w", bias="b", coefficients="c", bumps="j", combs="k"))
    x = rng.standard_normal((7, 5))
    singles = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    network = Network(ops, singles, 5, 8, operations, KEYS)
    made = network.run(x.astype(np.float32), PITCH.astype(np.float32))
    np.testing.assert_allclose(made, _run(ops, x, tensors), atol=1e-5)
    with pytest.raises(ValueError, match="pitch-conditioned"):
        network.run(x.astype(np.float32))


@pytest.mark.parametrize("operations", [NUMPY, WHOLE], ids=["numpy", "compiled"])
def test_recurrent_layers(operations: Operations) -> None:
    rng = np.random.default_rng(5)
    sizes = {"w": (24, 5), "u": (24, 6), "b": (24,), "v": (4, 6), "c": (4,), "s": (4, 5)}
    tensors = {name: rng.standard_normal(size) for name, size in sizes.items()}
    deep = (Lstm(weight="w", recurrent="u", bias="b"), Linear(weight="v", bias="c"))
    ops = (Parallel(branches=(deep, (Linear(weight="s", bias="c"),))),)
    x = rng.standard_normal((7, 5))
    singles = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    network = Network(ops, singles, 5, 3, operations)
    for _ in range(2):  # every call is a sequence of its own
        np.testing.assert_allclose(network(x.astype(np.float32)), _run(ops, x, tensors), atol=1e-5)
    network.reset()
    in_parts = [network.run(x[part].astype(np.float32)).copy() for part in (slice(0, 2), slice(2, 4), slice(4, 7))]
    np.testing.assert_allclose(np.concatenate(in_parts), _run(ops, x, tensors), atol=1e-5)


@pytest.mark.parametrize("function", ["tanh", "sigmoid", "gelu"])
def test_activations_hold_at_extremes(function: str) -> None:
    x = np.array([[-1e4, -20.0, -1.0, 0.0, 1.0, 20.0, 1e4]], np.float32)
    tensors: dict[str, NDArray[np.float32]] = {}
    made = Network((Activation(function=function),), tensors, 7, 1).run(x)[0]  # type: ignore[arg-type]
    exact = {
        "tanh": [np.tanh(v) for v in x[0]],
        "sigmoid": [1 / (1 + np.exp(-min(max(float(v), -700), 700))) for v in x[0]],
        "gelu": [float(v) * 0.5 * (1 + erf(float(v) / sqrt(2))) for v in x[0]],  # tanh form is within 5e-4 of it
    }[function]
    np.testing.assert_allclose(made, exact, atol=5e-4)


def test_call_takes_any_number_of_rows_in_batches(model: ModelFile) -> None:
    network = Network(model.card.encoder, model.tensors, 33, 4)
    x = np.random.default_rng(1).standard_normal((11, 33)).astype(np.float32)
    whole = network(x)
    np.testing.assert_allclose(whole, np.concatenate([network.run(row[None]).copy() for row in x]), atol=1e-5)
    assert network(x[:0]).shape == (0, 3)


def test_input_is_not_changed_and_state_is_not_kept(model: ModelFile) -> None:
    network = Network(model.card.encoder, model.tensors, 33, 4)
    rng = np.random.default_rng(2)
    x = rng.standard_normal((4, 33)).astype(np.float32)
    before, first = x.copy(), network.run(x).copy()
    network.run(rng.standard_normal((2, 33)).astype(np.float32))
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(network.run(x), first)


def test_run_allocates_no_arrays(model: ModelFile) -> None:
    batch, width = 16_384, 33
    network = Network(model.card.encoder, model.tensors, width, batch)
    x = np.zeros((batch, width), np.float32)
    network.run(x)
    tracemalloc.start()
    network.run(x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < batch * 8 * 4  # bytes of the smallest hidden layer; numpy takes columns and cast buffers of its own


def test_an_operation_that_the_decoder_lacks_is_named() -> None:
    with pytest.raises(TypeError, match="no operation str"):
        Network(("softmax",), {}, 4, 4)  # type: ignore[arg-type]  # no operation
