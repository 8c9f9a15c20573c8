"""A decoder at one pitch with its exact slopes: reverse-mode differentiation of the network's operations in numpy."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.operations import GELU_CUBIC, GELU_SCALE
from synth_app.modelfile import (
    Activation,
    LayerNorm,
    Linear,
    ModelFile,
    Op,
    Parallel,
    PitchComb,
    PitchConcat,
    Residual,
    is_recurrent,
)
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
Pull = Callable[[Array], Array]  # gradient along a layer's result -> gradient along its input
_Layer = Callable[[Array], tuple[Array, Pull]]


class DifferentiableDecoder:
    """The decoder of a model at one pitch. Unlike ``Network`` it remembers what the slopes need.

    Args:
        file: the model; its decoder must not be recurrent.
        pitch: MIDI, fractions allowed; ignored by models that are not pitch-conditioned.

    Raises:
        UserError: the decoder is recurrent, so that a frame depends on the frames before it.
    """

    def __init__(self, file: ModelFile, pitch: float) -> None:
        if is_recurrent(file.card.decoder):
            raise UserError(
                f"{file.card.name} is recurrent: its frames depend on each other, so its slopes cannot be computed "
                "frame by frame; choose a model without LSTM layers"
            )
        keys = file.card.key_range
        position = 0.0 if keys is None else float(np.clip(pitch - keys.lowest, 0.0, keys.keys - 1))
        self._layers = [_layer(op, file.tensors, position) for op in file.card.decoder]

    def __call__(self, z: Array) -> tuple[Array, Pull]:
        """Decode latent vectors.

        Args:
            z: float32 [n, latent].

        Returns:
            float32 [n, bins], scaled frames as ``Network`` gives them, and a function from a gradient along them
            [n, bins] to the gradient along ``z`` [n, latent].
        """
        return _chain(self._layers, np.asarray(z, np.float32))


def _chain(layers: list[_Layer], x: Array) -> tuple[Array, Pull]:
    pulls: list[Pull] = []
    for layer in layers:
        x, pull = layer(x)
        pulls.append(pull)

    def pull_all(gradient: Array) -> Array:
        for pull in reversed(pulls):
            gradient = pull(gradient)
        return gradient

    return x, pull_all


def _layer(op: Op, tensors: dict[str, Array], position: float) -> _Layer:
    if isinstance(op, Linear):
        return _linear(tensors[op.weight], tensors[op.bias])
    if isinstance(op, PitchConcat):
        return _concat(_row_at(tensors[op.table], position))
    if isinstance(op, PitchComb):
        return _comb(op, tensors, position)
    if isinstance(op, LayerNorm):
        return _layer_norm(tensors[op.weight], tensors[op.bias], op.eps)
    if isinstance(op, Activation):
        return _ACTIVATIONS[op.function]
    if isinstance(op, Residual):
        return _sum_of([[_layer(each, tensors, position) for each in op.body], []])
    if isinstance(op, Parallel):
        return _sum_of([[_layer(each, tensors, position) for each in branch] for branch in op.branches])
    raise TypeError(f"no slopes of operation {type(op).__name__}; add them to decoder/differentiable.py")


def _linear(weight: Array, bias: Array) -> _Layer:
    return lambda x: (x @ weight.T + bias, lambda gradient: gradient @ weight)


def _concat(row: Array) -> _Layer:
    def apply(x: Array) -> tuple[Array, Pull]:
        width = x.shape[1]
        joined = np.concatenate([x, np.broadcast_to(row, (len(x), len(row)))], axis=1)
        return joined, lambda gradient: gradient[:, :width]

    return apply


def _comb(op: PitchComb, tensors: dict[str, Array], position: float) -> _Layer:
    """Return a linear layer: at one pitch the combs and bumps are a fixed matrix from coefficients to bins."""
    comb, bumps = _row_at(tensors[op.combs], position), tensors[op.bumps]
    patterns = (comb[:, None, :] * bumps).reshape(-1, comb.shape[1])  # [R J, bins]
    weight = tensors[op.weight] + patterns.T @ tensors[op.coefficients]
    return _linear(np.ascontiguousarray(weight, np.float32), tensors[op.bias])


def _layer_norm(weight: Array, bias: Array, eps: float) -> _Layer:
    def apply(x: Array) -> tuple[Array, Pull]:
        centred = x - x.mean(axis=1, keepdims=True)
        root = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + np.float32(eps))
        normal = centred / root

        def pull(gradient: Array) -> Array:
            inner = gradient * weight
            along = np.mean(inner * normal, axis=1, keepdims=True)
            out: Array = (inner - inner.mean(axis=1, keepdims=True) - normal * along) / root
            return out

        return normal * weight + bias, pull

    return apply


def _tanh(x: Array) -> tuple[Array, Pull]:
    y = np.tanh(x)
    return y, lambda gradient: gradient * (1.0 - y * y)


def _sigmoid(x: Array) -> tuple[Array, Pull]:
    y = np.float32(0.5) * (1.0 + np.tanh(np.float32(0.5) * x))
    return y, lambda gradient: gradient * y * (1.0 - y)


def _gelu(x: Array) -> tuple[Array, Pull]:
    square = x * x
    bend = np.tanh(GELU_SCALE * x * (1.0 + GELU_CUBIC * square))
    half = np.float32(0.5)

    def pull(gradient: Array) -> Array:
        slope = half * (1.0 + bend)
        slope += half * x * (1.0 - bend * bend) * GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * square)
        return np.asarray(gradient * slope, np.float32)

    return np.asarray(half * x * (1.0 + bend), np.float32), pull


def _sum_of(bodies: list[list[_Layer]]) -> _Layer:
    """Return the sum of several chains of the same input; an empty chain is the input itself."""

    def apply(x: Array) -> tuple[Array, Pull]:
        results = [_chain(body, x) for body in bodies]
        total = np.sum([result for result, _ in results], axis=0)

        def pull(gradient: Array) -> Array:
            out: Array = np.sum([each(gradient) for _, each in results], axis=0)
            return out

        return total, pull

    return apply


def _row_at(table: Array, position: float) -> Array:
    """Return the row [...] of a table [keys, ...] at a fractional position."""
    low = int(position)
    high = min(low + 1, len(table) - 1)
    row: Array = table[low] + np.float32(position - low) * (table[high] - table[low])
    return row


_ACTIVATIONS: dict[str, _Layer] = {"tanh": _tanh, "sigmoid": _sigmoid, "gelu": _gelu}
