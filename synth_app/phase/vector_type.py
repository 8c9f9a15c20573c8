"""The numba type of vectors of sixteen numbers, and arithmetic with them (see ``phase/vectors.py``).

LLVM splits a vector of sixteen into the vectors of the compile target. With AVX-512, division and square root are the
processor's estimate and one Newton step (relative error below 2^-21), because exact ones take ten times as long.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model

from synth_app.support.compiling.target import compile_target

WIDTH = 16
Vector = Any  # for annotations: a vector of floats, ints or flags, or a single number instead

_INT = ir.IntType(32)
_FAST = ("contract", "nsz")
_ESTIMATES = compile_target().float_lanes == 16  # AVX-512 has reciprocal estimates of 14 bits


class VectorType(types.Type):  # type: ignore[misc]  # numba has no type hints
    """Sixteen values of one kind."""

    def __init__(self, dtype: Any, element: ir.Type) -> None:
        self.dtype, self.whole = dtype, ir.VectorType(element, WIDTH)
        super().__init__(name=f"vector of {WIDTH} {dtype}")


FLOATS = VectorType(types.float32, ir.FloatType())
INTS = VectorType(types.int32, _INT)
FLAGS = VectorType(types.boolean, ir.IntType(1))


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # as above
    def __init__(self, dmm: Any, fe_type: VectorType) -> None:
        super().__init__(dmm, fe_type, fe_type.whole)


def constant(kind: VectorType, value: float) -> ir.Constant:
    """Return a constant with the same number in all SIMD elements."""
    return ir.Constant(kind.whole, [value] * WIDTH)


def spread(builder: ir.IRBuilder, kind: VectorType, value: Any) -> Any:
    """Copy a single number into all elements; return a vector unchanged."""
    if isinstance(value.type, ir.VectorType):
        return value
    undefined = ir.Constant(kind.whole, ir.Undefined)
    return shuffle(builder, builder.insert_element(undefined, value, _INT(0)), undefined, [0] * WIDTH)


def shuffle(builder: ir.IRBuilder, a: Any, b: Any, order: list[int]) -> Any:
    """Return the elements of two vectors, 0 to 31, that ``order`` lists."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT, WIDTH), order))


# ---- arithmetic


def _define(function: Any, kind: VectorType, result: VectorType, arity: int, make: Callable[..., Any]) -> None:
    """Define ``function`` in compiled code for vectors of a kind, also mixed with single numbers."""

    class Template(AbstractTemplate):  # type: ignore[misc]  # as above
        def generic(self, args: Any, kws: Any) -> Any:
            fits = all(a == kind or isinstance(a, types.Number) for a in args)
            if len(args) != arity or kind not in args or not fits:
                return None
            return signature(result, *(kind if a == kind else kind.dtype for a in args))

    infer_global(function)(Template)

    def lower(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        return make(builder, *(spread(builder, kind, a) for a in args))

    forms = [(kind, kind), (kind, kind.dtype), (kind.dtype, kind)] if arity == 2 else [(kind,)]
    for form in forms:
        lower_builtin(function, *form)(lower)


def _quotient(builder: ir.IRBuilder, a: Any, b: Any) -> Any:
    if not _ESTIMATES:
        return builder.fdiv(a, b, flags=_FAST)
    guess = _estimate(builder, "rcp14", b)
    error = builder.fsub(constant(FLOATS, 2.0), builder.fmul(b, guess, flags=_FAST), flags=_FAST)
    return builder.fmul(a, builder.fmul(guess, error, flags=_FAST), flags=_FAST)


def _root(builder: ir.IRBuilder, a: Any) -> Any:
    if not _ESTIMATES:
        return call(builder, f"llvm.sqrt.v{WIDTH}f32", FLOATS.whole, [a])
    least = constant(FLOATS, 1e-37)  # the estimate of 0 would be infinite
    safe = builder.select(builder.fcmp_ordered(">", a, least), a, least)
    guess = _estimate(builder, "rsqrt14", safe)
    near = builder.fmul(builder.fmul(safe, guess, flags=_FAST), guess, flags=_FAST)
    half = builder.fmul(guess, constant(FLOATS, 0.5), flags=_FAST)
    better = builder.fmul(half, builder.fsub(constant(FLOATS, 3.0), near, flags=_FAST), flags=_FAST)
    return builder.fmul(a, better, flags=_FAST)


def _estimate(builder: ir.IRBuilder, name: str, a: Any) -> Any:
    given = [a, constant(FLOATS, 0.0), ir.Constant(ir.IntType(16), -1)]
    return call(builder, f"llvm.x86.avx512.{name}.ps.512", FLOATS.whole, given)


def call(builder: ir.IRBuilder, name: str, result: Any, args: list[Any]) -> Any:
    """Call an LLVM intrinsic."""
    function = builder.module.globals.get(name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(result, [a.type for a in args]), name)
    return builder.call(function, args)


def _compare(sign: str, kind: VectorType) -> Callable[..., Any]:
    if kind == FLOATS:
        return lambda b, x, y: b.fcmp_ordered(sign, x, y)
    return lambda b, x, y: b.icmp_signed(sign, x, y)


def _define_all() -> None:
    for function, name in ((operator.add, "add"), (operator.sub, "sub"), (operator.mul, "mul")):
        _define(function, FLOATS, FLOATS, 2, lambda b, x, y, f="f" + name: getattr(b, f)(x, y, flags=_FAST))
        _define(function, INTS, INTS, 2, lambda b, x, y, f=name: getattr(b, f)(x, y))
    _define(operator.truediv, FLOATS, FLOATS, 2, _quotient)
    _define(math.sqrt, FLOATS, FLOATS, 1, _root)
    _define(operator.neg, FLOATS, FLOATS, 1, lambda b, x: b.fneg(x))
    _define(operator.neg, INTS, INTS, 1, lambda b, x: b.neg(x))
    for function, name in ((operator.and_, "and_"), (operator.or_, "or_")):
        for kind in (INTS, FLAGS):
            _define(function, kind, kind, 2, lambda b, x, y, f=name: getattr(b, f)(x, y))
    for kind in (INTS, FLAGS):
        _define(operator.invert, kind, kind, 1, lambda b, x: b.not_(x))
    _define(operator.lshift, INTS, INTS, 2, lambda b, x, y: b.shl(x, y))
    _define(operator.rshift, INTS, INTS, 2, lambda b, x, y: b.ashr(x, y))
    signs = {operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">="}
    for kind in (FLOATS, INTS):
        for function, sign in signs.items():
            _define(function, kind, FLAGS, 2, _compare(sign, kind))
        for function, sign in ((min, "<"), (max, ">")):
            made = _compare(sign, kind)
            _define(function, kind, kind, 2, lambda b, x, y, c=made: b.select(c(b, x, y), x, y))
    _define(abs, FLOATS, FLOATS, 1, _absolute)


def _absolute(builder: ir.IRBuilder, a: Any) -> Any:
    return call(builder, f"llvm.fabs.v{WIDTH}f32", FLOATS.whole, [a])


_define_all()
