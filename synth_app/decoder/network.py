"""Runs a card's network program in numpy, with every buffer made beforehand."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import Activation, LayerNorm, Linear, Op, Parallel, Residual

Array = NDArray[np.float32]
_Step = Callable[[Array], Array]  # [n, width_in] -> [n, width_out], n <= max_batch; result is a reused buffer

# (x [n, in], weight [out, in], bias [out], out [n, out]) -> None: out = x W^T + b
Affine = Callable[[Array, Array, Array, Array], None]

_GELU_SCALE = np.float32(np.sqrt(2.0 / np.pi))


class Network:
    """A feed-forward network over batches of vectors.

    ``run`` allocates no arrays: it fits the audio callback. One instance belongs to one thread.

    Args:
        ops: the program, as validated by the model file.
        tensors: float32 arrays by name.
        n_in: width of the input vectors.
        max_batch: most rows of one call.
        affine: how linear layers are multiplied; None is numpy, best for many rows.
    """

    def __init__(
        self, ops: tuple[Op, ...], tensors: dict[str, Array], n_in: int, max_batch: int, affine: Affine | None = None
    ) -> None:
        self.max_batch = max_batch
        self._steps, self.n_out = _compile(ops, tensors, n_in, max_batch, affine)
        self._input = np.empty((max_batch, n_in), np.float32)

    def run(self, x: Array) -> Array:
        """Apply the network.

        Args:
            x: float32 [n, n_in], 1 <= n <= max_batch; not changed.

        Returns:
            float32 [n, n_out]: a buffer that the next call overwrites.
        """
        value = self._input[: len(x)]
        value[:] = x
        for step in self._steps:
            value = step(value)
        return value

    def __call__(self, x: Array) -> Array:
        """Apply to any number of rows, in batches, returning a new array [n, n_out]."""
        out = np.empty((len(x), self.n_out), np.float32)
        for start in range(0, len(x), self.max_batch):
            rows = x[start : start + self.max_batch]
            out[start : start + len(rows)] = self.run(rows)
        return out


def _compile(
    ops: tuple[Op, ...], tensors: dict[str, Array], width: int, batch: int, affine: Affine | None
) -> tuple[list[_Step], int]:
    steps: list[_Step] = []
    for op in ops:
        if isinstance(op, Linear):
            width = len(tensors[op.bias])
            steps.append(_linear(tensors[op.weight], tensors[op.bias], batch, affine))
        elif isinstance(op, Activation):
            steps.append(_ACTIVATIONS[op.function](width, batch))
        elif isinstance(op, LayerNorm):
            steps.append(_layer_norm(tensors[op.weight], tensors[op.bias], op.eps, batch))
        elif isinstance(op, Residual):
            steps.append(_sum_of([op.body], tensors, width, batch, affine, with_input=True)[0])
        elif isinstance(op, Parallel):
            step, width = _sum_of(list(op.branches), tensors, width, batch, affine, with_input=False)
            steps.append(step)
    return steps, width


def _linear(weight: Array, bias: Array, batch: int, affine: Affine | None) -> _Step:
    if affine is not None:
        return _given_affine(np.ascontiguousarray(weight), bias, batch, affine)
    transposed = np.ascontiguousarray(weight.T)
    out = np.empty((batch, len(bias)), np.float32)

    def step(x: Array) -> Array:
        y = out[: len(x)]
        np.matmul(x, transposed, out=y)
        y += bias
        return y

    return step


def _given_affine(weight: Array, bias: Array, batch: int, affine: Affine) -> _Step:
    out = np.empty((batch, len(bias)), np.float32)

    def step(x: Array) -> Array:
        y = out[: len(x)]
        affine(x, weight, bias, y)
        return y

    return step


def _tanh(width: int, batch: int) -> _Step:
    out = np.empty((batch, width), np.float32)

    def step(x: Array) -> Array:
        return np.tanh(x, out=out[: len(x)])

    return step


def _sigmoid(width: int, batch: int) -> _Step:
    out = np.empty((batch, width), np.float32)

    def step(x: Array) -> Array:
        y = np.multiply(x, np.float32(0.5), out=out[: len(x)])  # sigmoid(x) = (1 + tanh(x/2)) / 2: no overflow
        np.tanh(y, out=y)
        y += np.float32(1.0)
        y *= np.float32(0.5)
        return y

    return step


def _gelu(width: int, batch: int) -> _Step:
    out = np.empty((batch, width), np.float32)

    def step(x: Array) -> Array:
        y = np.multiply(x, x, out=out[: len(x)])
        y *= np.float32(0.044715)
        y += np.float32(1.0)
        y *= x
        y *= _GELU_SCALE
        np.tanh(y, out=y)
        y += np.float32(1.0)
        y *= x
        y *= np.float32(0.5)
        return y

    return step


_ACTIVATIONS: dict[str, Callable[[int, int], _Step]] = {"tanh": _tanh, "sigmoid": _sigmoid, "gelu": _gelu}


def _layer_norm(weight: Array, bias: Array, eps: float, batch: int) -> _Step:
    width = len(weight)
    out, squares = np.empty((batch, width), np.float32), np.empty((batch, width), np.float32)
    mean, scale = np.empty((batch, 1), np.float32), np.empty((batch, 1), np.float32)

    def step(x: Array) -> Array:
        n = len(x)
        y, s = out[:n], scale[:n]
        np.mean(x, axis=1, keepdims=True, out=mean[:n])
        np.subtract(x, mean[:n], out=y)
        np.multiply(y, y, out=squares[:n])
        np.mean(squares[:n], axis=1, keepdims=True, out=s)
        s += np.float32(eps)
        np.sqrt(s, out=s)
        y /= s
        y *= weight
        y += bias
        return y

    return step


def _sum_of(
    bodies: list[tuple[Op, ...]],
    tensors: dict[str, Array],
    width: int,
    batch: int,
    affine: Affine | None,
    *,
    with_input: bool,
) -> tuple[_Step, int]:
    compiled = [_compile(body, tensors, width, batch, affine) for body in bodies]
    n_out = compiled[0][1] if compiled else width
    out = np.zeros((batch, n_out), np.float32)

    def step(x: Array) -> Array:
        total = out[: len(x)]
        total[:] = x if with_input else np.float32(0.0)
        for steps, _ in compiled:
            y = x
            for inner in steps:
                y = inner(y)
            total += y
        return total

    return step, n_out
