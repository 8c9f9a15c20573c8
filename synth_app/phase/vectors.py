"""Vectors of sixteen numbers for compiled code, which so need not hope that a compiler finds them in its loops.

A loop over bins takes sixteen at a time: ``x = load(row, k)``, arithmetic as with single numbers, ``store(row, k, x)``;
at a row's end what lies beyond is read as 0 and not written. Floats, ints (32 bits) and flags mix with single
numbers; ``min``, ``max``, ``abs`` and ``math.sqrt`` work as usual, conditions become ``select(flags, a, b)``. What
depends on the bin before is written as a scan: ``shift_up`` by 1, 2, 4 and 8 places, and a carry from vector to vector.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from synth_app.phase.vector_type import FLAGS, FLOATS, INTS, WIDTH, Vector, VectorType, call, constant, shuffle, spread

__all__ = [
    "WIDTH", "Vector", "backward", "bits", "first", "floats", "from_bits", "greatest", "ints", "lanes", "last", "load",
    "select", "shift_down", "shift_up", "store", "store_halves", "to_floats", "to_ints", "to_mask",
]  # fmt: skip

_INT = ir.IntType(32)


# ---- rows


def _kind_of(row: Any) -> VectorType:
    return {types.float32: FLOATS, types.int32: INTS}[row.dtype]


def _place(context: Any, builder: ir.IRBuilder, row_type: Any, row: Any, k: Any, kind: VectorType) -> tuple[Any, Any]:
    """Pointer to the row's vector at ``k``, and how many values of the row there are from there on."""
    array = context.make_array(row_type)(context, builder, row)
    length = builder.extract_value(array.shape, 0)
    place = builder.bitcast(builder.gep(array.data, [k]), kind.whole.as_pointer())
    return place, builder.sub(length, k)


def _lanes(builder: ir.IRBuilder, left: Any) -> Any:
    """Flags: the first ``left`` lanes."""
    count = spread(builder, INTS, builder.trunc(left, _INT))
    return builder.icmp_signed("<", ir.Constant(INTS.whole, list(range(WIDTH))), count)


def _masked(builder: ir.IRBuilder, name: str, kind: VectorType, result: Any, args: list[Any]) -> Any:
    return call(builder, f"llvm.masked.{name}.v16{'f32' if kind == FLOATS else 'i32'}.p0", result, args)


@intrinsic
def load(_context: Any, row: Any, k: Any) -> Any:
    """``row[k : k + 16]`` of a row of float32 or int32, 0 beyond its end; k >= 0."""
    kind = _kind_of(row)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        place, left = _place(context, builder, sig.args[0], args[0], args[1], kind)
        with builder.if_else(builder.icmp_signed(">=", left, left.type(WIDTH))) as (whole, part):
            with whole:
                full = builder.load(place)
                full.align = 4
                whole_end = builder.block
            with part:
                given = [place, _INT(4), _lanes(builder, left), constant(kind, 0)]
                partial = _masked(builder, "load", kind, kind.whole, given)
                part_end = builder.block
        value = builder.phi(kind.whole)
        value.add_incoming(full, whole_end)
        value.add_incoming(partial, part_end)
        return value

    return kind(row, types.int64), generate


@intrinsic
def store(_context: Any, row: Any, k: Any, value: Any) -> Any:
    """``row[k : k + 16] = value`` as far as there is a row; k >= 0."""
    kind = _kind_of(row)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        place, left = _place(context, builder, sig.args[0], args[0], args[1], kind)
        whole_value = spread(builder, kind, args[2])
        with builder.if_else(builder.icmp_signed(">=", left, left.type(WIDTH))) as (whole, part):
            with whole:
                builder.store(whole_value, place).align = 4
            with part:
                given = [whole_value, place, _INT(4), _lanes(builder, left)]
                _masked(builder, "store", kind, ir.VoidType(), given)
        return context.get_dummy_value()

    return types.void(row, types.int64, value if value == kind else kind.dtype), generate


@intrinsic
def store_halves(_context: Any, row: Any, k: Any, value: Any) -> Any:
    """``row[k : k + 16] = value`` of a row of int16 that has all sixteen; of ints, the lower halves."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        halves = ir.VectorType(ir.IntType(16), WIDTH)
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), halves.as_pointer())
        builder.store(builder.trunc(args[2], halves), place).align = 2
        return context.get_dummy_value()

    return types.void(row, types.int64, INTS), generate


# ---- lanes


@intrinsic
def lanes(_context: Any) -> Any:
    """Ints 0, 1, ... 15."""
    return INTS(), lambda context, builder, sig, args: ir.Constant(INTS.whole, list(range(WIDTH)))


@intrinsic
def floats(_context: Any, value: Any) -> Any:
    """A float everywhere."""
    return FLOATS(types.float32), lambda context, builder, sig, args: spread(builder, FLOATS, args[0])


@intrinsic
def ints(_context: Any, value: Any) -> Any:
    """An int everywhere."""
    return INTS(types.int32), lambda context, builder, sig, args: spread(builder, INTS, args[0])


def _shifted(order: list[int]) -> Callable[..., Any]:
    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        return shuffle(builder, args[0], args[1], order)

    return generate


@intrinsic(prefer_literal=True)
def shift_up(_context: Any, before: Any, value: Any, places: Any) -> Any:
    """``value`` moved to higher lanes by a constant number of places; the last of ``before`` move in."""
    n = places.literal_value
    return value(before, value, places), _shifted(list(range(WIDTH - n, 2 * WIDTH - n)))


@intrinsic(prefer_literal=True)
def shift_down(_context: Any, value: Any, after: Any, places: Any) -> Any:
    """``value`` moved to lower lanes by a constant number of places; the first of ``after`` move in."""
    n = places.literal_value
    return value(value, after, places), _shifted(list(range(n, WIDTH + n)))


@intrinsic
def last(_context: Any, value: Any) -> Any:
    """The value of the highest lane everywhere."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], [WIDTH - 1] * WIDTH)


@intrinsic
def first(_context: Any, value: Any) -> Any:
    """The value of the lowest lane everywhere."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], [0] * WIDTH)


@intrinsic
def backward(_context: Any, value: Any) -> Any:
    """The lanes in reverse order."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], list(range(WIDTH - 1, -1, -1)))


@intrinsic
def greatest(_context: Any, value: Any) -> Any:
    """The greatest of a vector's numbers."""
    name, element = ("fmax.v16f32", ir.FloatType()) if value == FLOATS else ("smax.v16i32", _INT)
    return value.dtype(value), lambda c, b, s, args: call(b, f"llvm.vector.reduce.{name}", element, [args[0]])


# ---- conversions


@intrinsic
def select(_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, else ``no``; for vectors of floats or ints, and for single numbers."""
    if condition != FLAGS:
        return yes(condition, yes, yes), lambda c, builder, s, args: builder.select(*args)
    numbers = FLOATS if isinstance(yes, types.Float) else INTS
    kind = next((v for v in (yes, no) if isinstance(v, VectorType)), numbers)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        return builder.select(args[0], spread(builder, kind, args[1]), spread(builder, kind, args[2]))

    return kind(condition, *(v if v == kind else kind.dtype for v in (yes, no))), generate


@intrinsic
def to_mask(_context: Any, condition: Any) -> Any:
    """-1 where flags are set, else 0."""
    return INTS(FLAGS), lambda c, builder, s, args: builder.sext(args[0], INTS.whole)


@intrinsic
def to_ints(_context: Any, value: Any) -> Any:
    """Floats to ints, towards 0."""
    return INTS(FLOATS), lambda c, builder, s, args: builder.fptosi(args[0], INTS.whole)


@intrinsic
def to_floats(_context: Any, value: Any) -> Any:
    """Ints to floats."""
    return FLOATS(INTS), lambda c, builder, s, args: builder.sitofp(args[0], FLOATS.whole)


@intrinsic
def bits(_context: Any, value: Any) -> Any:
    """Floats seen as ints; those that are not negative keep their order."""
    return INTS(FLOATS), lambda c, builder, s, args: builder.bitcast(args[0], INTS.whole)


@intrinsic
def from_bits(_context: Any, value: Any) -> Any:
    """Ints seen as floats."""
    return FLOATS(INTS), lambda c, builder, s, args: builder.bitcast(args[0], FLOATS.whole)
