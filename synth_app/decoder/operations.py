"""Operations of the networks as functions that write into given arrays, implemented with numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

GELU_CUBIC = np.float32(0.044715)
GELU_SCALE = np.float32(np.sqrt(2.0 / np.pi))


@dataclass(frozen=True)
class Operations:
    """One implementation of all operations.

    Each row is one vector of the batch. The last argument [n, width] receives the result.

    Attributes:
        pack: (weight [out, in], bias [out]) -> packed layer for ``affine``; called once per layer.
        affine: (x [n, in], packed layer, result): x W^T + b.
        layer_norm: (x, weight, bias, eps, result): normalize each row to mean 0 and variance 1, then apply weight and
            bias.
        copy: (x, result): copy.
        add: (x, result): add to the result.
        pitch_concat: (x, position [n], table [keys, width], result): each row, followed by the table's row at its
            position, 0 to keys - 1, linearly interpolated.
        comb_add: (envelopes [n combs, out], position [n], combs [keys, combs, out], result [n, out]): add to the result
            each row's combs at its position, multiplied by its envelopes.
        activations: (x, result) by name: tanh, sigmoid, gelu (0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))).
        lstm_cell: (gates [n, 4 width] in the order i, f, g, o, cell [n, width], result): update the cell state and
            write the hidden state, as defined by ``modelfile.Lstm``; the gates may be overwritten.
    """

    pack: Callable[[Array, Array], Any]
    affine: Callable[[Array, Any, Array], object]
    layer_norm: Callable[[Array, Array, Array, float, Array], object]
    copy: Callable[[Array, Array], object]
    add: Callable[[Array, Array], object]
    pitch_concat: Callable[[Array, Array, Array, Array], object]
    comb_add: Callable[[Array, Array, Array, Array], object]
    activations: dict[str, Callable[[Array, Array], object]]
    lstm_cell: Callable[[Array, Array, Array], object]


def _pack(weight: Array, bias: Array) -> tuple[Array, Array]:
    return np.ascontiguousarray(weight), bias


def _affine(x: Array, layer: tuple[Array, Array], out: Array) -> None:
    weight, bias = layer
    np.matmul(x, weight.T, out=out)
    out += bias


def _layer_norm(x: Array, weight: Array, bias: Array, eps: float, out: Array) -> None:
    mean = np.add.reduce(x, axis=1, keepdims=True)
    mean /= np.float32(x.shape[1])  # the same as x.mean(), in a third of the time for a single row
    np.subtract(x, mean, out=out)
    power = np.einsum("ri,ri->r", out, out)[:, None]  # avoids an array of squares
    out /= np.sqrt(power / np.float32(out.shape[1]) + np.float32(eps))
    out *= weight
    out += bias


def _tanh(x: Array, out: Array) -> None:
    np.tanh(x, out=out)


def _sigmoid(x: Array, out: Array) -> None:
    np.multiply(x, np.float32(0.5), out=out)  # sigmoid(x) = (1 + tanh(x/2)) / 2: no overflow
    np.tanh(out, out=out)
    out += np.float32(1.0)
    out *= np.float32(0.5)


def _gelu(x: Array, out: Array) -> None:
    np.multiply(x, x, out=out)
    out *= GELU_CUBIC
    out += np.float32(1.0)
    out *= x
    out *= GELU_SCALE
    np.tanh(out, out=out)
    out += np.float32(1.0)
    out *= x
    out *= np.float32(0.5)


def _copy(x: Array, out: Array) -> None:
    out[:] = x


def _add(x: Array, out: Array) -> None:
    out += x


def _pitch_concat(x: Array, table_position: Array, table: Array, out: Array) -> None:
    width = x.shape[1]
    out[:, :width] = x
    low, high, fraction = _neighbours(table_position, len(table))
    out[:, width:] = table[low] + fraction[:, None] * (table[high] - table[low])


def _comb_add(envelopes: Array, table_position: Array, combs: Array, out: Array) -> None:
    low, high, fraction = _neighbours(table_position, len(combs))
    parts = envelopes.reshape(len(out), combs.shape[1], -1)
    for row, total in enumerate(out):
        comb = combs[low[row]]
        if fraction[row]:
            comb = comb + fraction[row] * (combs[high[row]] - comb)
        total += np.einsum("ro,ro->o", parts[row], comb)


def _neighbours(table_position: Array, keys: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    low = table_position.astype(np.intp)
    return low, np.minimum(low + 1, keys - 1), table_position - low.astype(np.float32)


def _lstm_cell(gates: Array, cell: Array, out: Array) -> None:
    width = cell.shape[1]
    i, f, g, o = (gates[:, n * width : (n + 1) * width] for n in range(4))
    for gate in (i, f, o):
        _sigmoid(gate, gate)
    np.tanh(g, out=g)
    i *= g
    np.multiply(cell, f, out=cell)
    np.add(cell, i, out=cell)
    np.tanh(cell, out=out)
    out *= o


_ACTIVATIONS: dict[str, Callable[[Array, Array], object]] = {"tanh": _tanh, "sigmoid": _sigmoid, "gelu": _gelu}
NUMPY = Operations(_pack, _affine, _layer_norm, _copy, _add, _pitch_concat, _comb_add, _ACTIVATIONS, _lstm_cell)
