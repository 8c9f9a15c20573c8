"""Export of trained modules to a model file's operations."""

from functools import singledispatch

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
from synth_app.training.nets.layers import Branches, CombLayer, Ensemble, LstmLayer, PitchTable, ResidualBlock


@singledispatch
def export_ops(module: nn.Module, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    """Return the operations of a module of ``training.nets.layers``; add its weights to ``tensors`` as ``prefix...``.

    Raises:
        TypeError: model files have no operation for the layer.
    """
    raise _unsupported(module)


@export_ops.register
def _(module: nn.Sequential, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return tuple(op for i, child in enumerate(module) for op in export_ops(child, f"{prefix}.{i}", tensors))


@export_ops.register
def _(module: ResidualBlock, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (Residual(body=export_ops(module.body, prefix, tensors)),)


@export_ops.register
def _(module: Branches, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (Parallel(branches=tuple(export_ops(b, f"{prefix}.{i}", tensors) for i, b in enumerate(module.branches))),)


@export_ops.register
def _(module: Ensemble, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    """Export a single net unchanged, several nets as branches. The last layers are divided by the number of nets."""
    if len(module) == 1:
        return export_ops(module[0], prefix, tensors)
    branches = tuple(export_ops(net, f"{prefix}.{i}", tensors) for i, net in enumerate(module))
    for *_, last in branches:
        assert isinstance(last, PitchComb)
        for name in (last.weight, last.bias, last.coefficients):
            tensors[name] = tensors[name] / len(module)
    return (Parallel(branches=branches),)


@export_ops.register
def _(module: PitchTable, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (PitchConcat(table=_stored(tensors, f"{prefix}.table", module.table)),)


@export_ops.register
def _(module: CombLayer, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (
        PitchComb(
            weight=_stored(tensors, f"{prefix}.weight", module.linear.weight),
            bias=_stored(tensors, f"{prefix}.bias", module.linear.bias),
            coefficients=_stored(tensors, f"{prefix}.coefficients", module.coefficients.weight),
            bumps=_stored(tensors, f"{prefix}.bumps", module.bumps),
            combs=_stored(tensors, f"{prefix}.combs", module.combs),
        ),
    )


@export_ops.register
def _(module: nn.Linear, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    weight = _stored(tensors, f"{prefix}.weight", module.weight)
    return (Linear(weight=weight, bias=_stored(tensors, f"{prefix}.bias", module.bias)),)


@export_ops.register
def _(module: nn.LayerNorm, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    weight = _stored(tensors, f"{prefix}.weight", module.weight)
    return (LayerNorm(weight=weight, bias=_stored(tensors, f"{prefix}.bias", module.bias), eps=module.eps),)


@export_ops.register
def _(module: LstmLayer, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    parameters = dict(module.named_parameters())
    weight = _stored(tensors, f"{prefix}.weight", parameters["weight_ih_l0"])
    recurrent = _stored(tensors, f"{prefix}.recurrent", parameters["weight_hh_l0"])
    bias = _stored(tensors, f"{prefix}.bias", parameters["bias_ih_l0"] + parameters["bias_hh_l0"])
    return (Lstm(weight=weight, recurrent=recurrent, bias=bias),)


@export_ops.register
def _(module: nn.Tanh, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (Activation(function="tanh"),)


@export_ops.register
def _(module: nn.Sigmoid, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    return (Activation(function="sigmoid"),)


@export_ops.register
def _(module: nn.GELU, prefix: str, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    """Export GELU in the tanh approximation only, the one in model files."""
    if module.approximate != "tanh":
        raise _unsupported(module)
    return (Activation(function="gelu"),)


def _stored(tensors: dict[str, Tensor], name: str, tensor: Tensor) -> str:
    """Store a copy of the tensor under a name and return the name."""
    tensors[name] = tensor.detach().clone()
    return name


def _unsupported(module: nn.Module) -> TypeError:
    return TypeError(f"{module} has no counterpart in a model file")
