"""Trainable layers from a model file's operations: the inverse of ``export_ops``."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from synth_app.modelfile import (
    Activation,
    LayerNorm,
    Linear,
    Lstm,
    Op,
    Parallel,
    PitchComb,
    PitchConcat,
    Residual,
)
from synth_app.training.nets.layers import (
    Branches,
    CombLayer,
    LstmLayer,
    PitchPosition,
    PitchTable,
    ResidualBlock,
    gelu,
    linear_from,
)

Arrays = Mapping[str, NDArray[np.float32]]

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": gelu}


def import_ops(ops: tuple[Op, ...], arrays: Arrays, position: PitchPosition) -> nn.Sequential:
    """Return the layers of a network, with copies of its weights.

    Args:
        ops: operations of a checked model file.
        arrays: its tensors by name, float32.
        position: pitches of the frames, for the layers that read a table of keys.
    """
    return nn.Sequential(*(_layer(op, arrays, position) for op in ops))


def _layer(op: Op, arrays: Arrays, position: PitchPosition) -> nn.Module:
    match op:
        case Linear():
            return linear_from(_tensor(arrays, op.weight), _tensor(arrays, op.bias))
        case Activation():
            return _ACTIVATIONS[op.function]()
        case LayerNorm():
            return _layer_norm(op, arrays)
        case Residual():
            return ResidualBlock(*import_ops(op.body, arrays, position))
        case Parallel():
            return Branches(*(import_ops(branch, arrays, position) for branch in op.branches))
        case PitchConcat():
            return _pitch_table(op, arrays, position)
        case PitchComb():
            return _comb_layer(op, arrays, position)
        case Lstm():
            return _lstm(op, arrays)


def _layer_norm(op: LayerNorm, arrays: Arrays) -> nn.LayerNorm:
    weight = _tensor(arrays, op.weight)
    layer = nn.LayerNorm(weight.shape, op.eps)
    _set(layer.weight, weight)
    _set(layer.bias, _tensor(arrays, op.bias))
    return layer


def _pitch_table(op: PitchConcat, arrays: Arrays, position: PitchPosition) -> PitchTable:
    table = _tensor(arrays, op.table)
    layer = PitchTable(position, table.shape[1])
    _set(layer.table, table)
    return layer


def _comb_layer(op: PitchComb, arrays: Arrays, position: PitchPosition) -> CombLayer:
    linear = linear_from(_tensor(arrays, op.weight), _tensor(arrays, op.bias))
    layer = CombLayer(position, linear, _tensor(arrays, op.combs), _tensor(arrays, op.bumps))
    _set(layer.coefficients.weight, _tensor(arrays, op.coefficients))
    return layer


def _lstm(op: Lstm, arrays: Arrays) -> LstmLayer:
    """Return an LSTM layer; torch adds two biases, of which the second is zero."""
    weight, bias = _tensor(arrays, op.weight), _tensor(arrays, op.bias)
    layer = LstmLayer(weight.shape[1], len(bias) // 4)
    parameters = dict(layer.named_parameters())
    _set(parameters["weight_ih_l0"], weight)
    _set(parameters["weight_hh_l0"], _tensor(arrays, op.recurrent))
    _set(parameters["bias_ih_l0"], bias)
    _set(parameters["bias_hh_l0"], torch.zeros_like(bias))
    return layer


def _tensor(arrays: Arrays, name: str) -> Tensor:
    return torch.from_numpy(np.array(arrays[name], np.float32))


def _set(parameter: Tensor, value: Tensor) -> None:
    with torch.no_grad():
        parameter.copy_(value)
