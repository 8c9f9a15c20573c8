"""Makes a large decoder cheaper to play: factorises its layers where the sound hardly changes.

A layer's outputs over real codes often fill few directions. With the principal directions V [n_out, r] of the centred
outputs W x, the layer becomes two: V^T W, then V. That is the best factorisation of rank r for these inputs, in the
least-squares sense; the plain singular value decomposition of W would be it for white inputs only.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from synth_app.modelfile import Activation, LayerNorm, Linear, Op, Parallel, Residual, is_recurrent, pitch_conditioned

Array = NDArray[np.float32]
TOLERANCE_DB = 0.15  # RMS change of the decoded frames by any one layer
_WORTH = 500_000  # weights of a decoder that is worth it: it does not fit a core's cache
_RANK_STEP = 16
_LEAST_SAVING = 0.8  # a factorised layer has at most this share of the weights

_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": partial(functional.gelu, approximate="tanh"),
}

_Ranks = dict[str, int]  # by name of the layer's weight
_Apply = Callable[[Linear, Array], Array]


def compress_decoder(
    ops: tuple[Op, ...], tensors: dict[str, Array], codes: Array, unit_db: float
) -> tuple[tuple[Op, ...], dict[str, Array], float]:
    """Factorise the layers of a decoder.

    Args:
        ops: the program.
        tensors: float32 arrays by name, the encoder's included.
        codes: float32 [n, latent], codes of training frames.
        unit_db: dB per unit of the decoded frames.

    Returns:
        program, tensors, and by how many dB (RMS) frames decoded from ``codes`` changed; all as given, and 0, for a
        decoder that is small already, recurrent, or told the pitch: what it decodes depends on more than the code.
    """
    layers = _linears(ops)
    if is_recurrent(ops) or pitch_conditioned(ops) or sum(tensors[layer.weight].size for layer in layers) < _WORTH:
        return ops, tensors, 0.0
    whole = _run(ops, tensors, codes, _plain(tensors))

    def change_db(ranks: _Ranks) -> float:
        made = _run(ops, tensors, codes, _factorised(tensors, ranks))
        return float(np.sqrt(np.mean(np.square(made - whole, dtype=np.float64)))) * unit_db

    ranks: _Ranks = {}
    for layer in layers:
        rank = _least_rank(layer.weight, tensors[layer.weight].shape, change_db)
        if rank:
            ranks[layer.weight] = rank
    new_ops, new_tensors = _written(ops, tensors, codes, ranks)
    made = _run(new_ops, new_tensors, codes, _plain(new_tensors))
    return new_ops, new_tensors, float(np.sqrt(np.mean(np.square(made - whole, dtype=np.float64)))) * unit_db


def _least_rank(name: str, shape: tuple[int, ...], change_db: Callable[[_Ranks], float]) -> int:
    """The smallest rank within the tolerance, by bisection; 0 if none saves enough."""
    n_out, n_in = shape
    most = int(_LEAST_SAVING * n_out * n_in / (n_out + n_in)) // _RANK_STEP
    low, high = 1, most
    if most < 1 or change_db({name: most * _RANK_STEP}) > TOLERANCE_DB:
        return 0
    while low < high:
        middle = (low + high) // 2
        if change_db({name: middle * _RANK_STEP}) > TOLERANCE_DB:
            low = middle + 1
        else:
            high = middle
    return low * _RANK_STEP


def _linears(ops: tuple[Op, ...]) -> list[Linear]:
    found: list[Linear] = []
    for op in ops:
        if isinstance(op, Linear):
            found.append(op)
        elif isinstance(op, Residual):
            found += _linears(op.body)
        elif isinstance(op, Parallel):
            found += [layer for branch in op.branches for layer in _linears(branch)]
    return found


def _run(ops: tuple[Op, ...], tensors: dict[str, Array], x: Array, apply: _Apply) -> Array:
    """The program on rows of ``x``, with ``apply`` for its linear layers."""
    for op in ops:
        if isinstance(op, Linear):
            x = apply(op, x)
        elif isinstance(op, Residual):
            x = x + _run(op.body, tensors, x, apply)
        elif isinstance(op, Parallel):
            x = np.sum([_run(branch, tensors, x, apply) for branch in op.branches], axis=0)
        elif isinstance(op, LayerNorm):
            scale, shift = torch.from_numpy(tensors[op.weight]), torch.from_numpy(tensors[op.bias])
            x = functional.layer_norm(torch.from_numpy(x), scale.shape, scale, shift, op.eps).numpy()
        else:
            assert isinstance(op, Activation)
            x = _ACTIVATIONS[op.function](torch.from_numpy(x)).numpy()
    return x


def _plain(tensors: dict[str, Array]) -> _Apply:
    return _factorised(tensors, {})


def _factorised(tensors: dict[str, Array], ranks: _Ranks) -> _Apply:
    """As ``_plain``, the layers named in ``ranks`` in factors."""

    def apply(op: Linear, x: Array) -> Array:
        if op.weight not in ranks:
            return _product(x, tensors[op.weight]) + tensors[op.bias]
        first, second, bias = factors(tensors[op.weight], tensors[op.bias], x, ranks[op.weight])
        return _product(_product(x, first), second) + bias

    return apply


def _product(x: Array, weight: Array) -> Array:
    return np.asarray(x @ weight.T, np.float32)


def factors(weight: Array, bias: Array, x: Array, rank: int) -> tuple[Array, Array, Array]:
    """Two weights [rank, n_in], [n_out, rank] and a bias in place of a layer that gets inputs like ``x`` [n, n_in]."""
    mean = x.mean(axis=0, dtype=np.float64)
    made = (x - mean) @ weight.T.astype(np.float64)
    _, directions = np.linalg.eigh(made.T @ made)
    second = directions[:, ::-1][:, :rank]
    first = second.T @ weight
    moved = bias + weight @ mean - second @ (first @ mean)  # what the factors lose of the mean
    return first.astype(np.float32), np.ascontiguousarray(second, np.float32), moved.astype(np.float32)


def _written(
    ops: tuple[Op, ...], tensors: dict[str, Array], codes: Array, ranks: _Ranks
) -> tuple[tuple[Op, ...], dict[str, Array]]:
    """The program with every layer named in ``ranks`` as two layers, each fitted behind the ones before it."""
    made = dict(tensors)

    def apply(op: Linear, x: Array) -> Array:
        if op.weight in ranks:
            first, second, bias = factors(tensors[op.weight], tensors[op.bias], x, ranks[op.weight])
            stem = op.weight.removesuffix(".weight")
            made[f"{stem}.first.weight"], made[f"{stem}.first.bias"] = first, np.zeros(len(first), np.float32)
            made[f"{stem}.second.weight"], made[f"{stem}.second.bias"] = second, bias
            del made[op.weight], made[op.bias]
            return _product(_product(x, first), second) + bias
        return _product(x, tensors[op.weight]) + tensors[op.bias]

    _run(ops, tensors, codes, apply)
    return _split(ops, ranks), made


def _split(ops: tuple[Op, ...], ranks: _Ranks) -> tuple[Op, ...]:
    result: list[Op] = []
    for op in ops:
        if isinstance(op, Linear) and op.weight in ranks:
            stem = op.weight.removesuffix(".weight")
            result += [
                Linear(weight=f"{stem}.{part}.weight", bias=f"{stem}.{part}.bias") for part in ("first", "second")
            ]
        elif isinstance(op, Residual):
            result.append(Residual(body=_split(op.body, ranks)))
        elif isinstance(op, Parallel):
            result.append(Parallel(branches=tuple(_split(branch, ranks) for branch in op.branches)))
        else:
            result.append(op)
    return tuple(result)
