"""Low-rank factorization of a large decoder's layers, to make it cheaper to play.

A layer's outputs for real latent vectors often lie in few directions. With the principal directions V [n_out, r] of the
centred outputs W x, the layer becomes two layers: V^T W, then V. This is the best factorization of rank r for these
inputs in the least-squares sense. The singular value decomposition of W is the best one for white inputs only.
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
_MIN_WEIGHTS = 500_000  # smaller decoders are left as they are: they fit a core's cache
_RANK_STEP = 16
_MAX_FRACTION = 0.8  # weights of a factorized layer over those of the layer

_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": partial(functional.gelu, approximate="tanh"),
}

_Ranks = dict[str, int]  # by name of the layer's weight
_Apply = Callable[[Linear, Array], Array]


def compress_decoder(
    ops: tuple[Op, ...], tensors: dict[str, Array], latents: Array, unit_db: float
) -> tuple[tuple[Op, ...], dict[str, Array], float]:
    """Factorize the layers of a decoder.

    Args:
        ops: operations of the decoder.
        tensors: float32 arrays by name, including the encoder's.
        latents: float32 [n, latent], latent vectors of training frames.
        unit_db: dB per unit of the decoded frames.

    Returns:
        Operations, tensors, and the RMS change in dB of the frames decoded from ``latents``. The arguments and 0 for a
        decoder that is small, recurrent or pitch-conditioned: the latter two depend on more than the latent vector.
    """
    layers = _linears(ops)
    if (
        is_recurrent(ops)
        or pitch_conditioned(ops)
        or sum(tensors[layer.weight].size for layer in layers) < _MIN_WEIGHTS
    ):
        return ops, tensors, 0.0
    original = _run(ops, tensors, latents, _plain(tensors))

    def change_db(ranks: _Ranks) -> float:
        frames = _run(ops, tensors, latents, _factorized(tensors, ranks))
        return float(np.sqrt(np.mean(np.square(frames - original, dtype=np.float64)))) * unit_db

    ranks: _Ranks = {}
    for layer in layers:
        rank = _least_rank(layer.weight, tensors[layer.weight].shape, change_db)
        if rank:
            ranks[layer.weight] = rank
    new_ops, new_tensors = _factorize(ops, tensors, latents, ranks)
    frames = _run(new_ops, new_tensors, latents, _plain(new_tensors))
    return new_ops, new_tensors, float(np.sqrt(np.mean(np.square(frames - original, dtype=np.float64)))) * unit_db


def _least_rank(name: str, shape: tuple[int, ...], change_db: Callable[[_Ranks], float]) -> int:
    """Find the smallest rank within the tolerance by bisection; 0 if none saves enough weights."""
    n_out, n_in = shape
    largest = int(_MAX_FRACTION * n_out * n_in / (n_out + n_in)) // _RANK_STEP
    low, high = 1, largest
    if largest < 1 or change_db({name: largest * _RANK_STEP}) > TOLERANCE_DB:
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
    """Run the operations on the rows of ``x``, with ``apply`` for linear layers."""
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
    return _factorized(tensors, {})


def _factorized(tensors: dict[str, Array], ranks: _Ranks) -> _Apply:
    """Return a function that applies linear layers, those named in ``ranks`` as two factors."""

    def apply(op: Linear, x: Array) -> Array:
        if op.weight not in ranks:
            return _product(x, tensors[op.weight]) + tensors[op.bias]
        first, second, bias = factors(tensors[op.weight], tensors[op.bias], x, ranks[op.weight])
        return _product(_product(x, first), second) + bias

    return apply


def _product(x: Array, weight: Array) -> Array:
    return np.asarray(x @ weight.T, np.float32)


def factors(weight: Array, bias: Array, x: Array, rank: int) -> tuple[Array, Array, Array]:
    """Return weights [rank, n_in], [n_out, rank] and a bias that replace a layer for inputs like ``x`` [n, n_in]."""
    mean = x.mean(axis=0, dtype=np.float64)
    outputs = (x - mean) @ weight.T.astype(np.float64)
    _, directions = np.linalg.eigh(outputs.T @ outputs)
    second = directions[:, ::-1][:, :rank]
    first = second.T @ weight
    new_bias = bias + weight @ mean - second @ (first @ mean)  # corrects the mean that the factors lose
    return first.astype(np.float32), np.ascontiguousarray(second, np.float32), new_bias.astype(np.float32)


def _factorize(
    ops: tuple[Op, ...], tensors: dict[str, Array], latents: Array, ranks: _Ranks
) -> tuple[tuple[Op, ...], dict[str, Array]]:
    """Replace every layer named in ``ranks`` by two layers, computed for inputs from the factorized layers before."""
    new_tensors = dict(tensors)

    def apply(op: Linear, x: Array) -> Array:
        if op.weight in ranks:
            first, second, bias = factors(tensors[op.weight], tensors[op.bias], x, ranks[op.weight])
            stem = op.weight.removesuffix(".weight")
            first_bias = np.zeros(len(first), np.float32)
            new_tensors[f"{stem}.first.weight"], new_tensors[f"{stem}.first.bias"] = first, first_bias
            new_tensors[f"{stem}.second.weight"], new_tensors[f"{stem}.second.bias"] = second, bias
            del new_tensors[op.weight], new_tensors[op.bias]
            return _product(_product(x, first), second) + bias
        return _product(x, tensors[op.weight]) + tensors[op.bias]

    _run(ops, tensors, latents, apply)
    return _split(ops, ranks), new_tensors


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
