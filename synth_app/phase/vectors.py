"""Vectors of sixteen numbers for compiled code, independent of a compiler's automatic vectorisation.

A loop over bins takes sixteen at a time: ``x = load(row, k)``, arithmetic as with single numbers, ``store(row, k, x)``.
Beyond a row's end, loads give 0 and stores write nothing. Floats, ints (32 bits) and flags mix with single numbers.
``min``, ``max``, ``abs`` and ``math.sqrt`` work as usual; conditions become ``select(flags, a, b)``. A recurrence from
bin to bin is written as a scan: ``shift_up`` by 1, 2, 4 and 8 elements, and a carry from vector to vector.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from synth_app.phase.vector_type import FLAGS, FLOATS, INTS, WIDTH, Vector, VectorType, call, constant, shuffle, spread

__all__ = [
    "WIDTH", "Vector", "backward", "bits", "element_indices", "first", "floats", "from_bits", "greatest", "ints",
    "last", "load", "select", "shift_down", "shift_up", "store", "to_floats", "to_ints", "to_mask",
]  # fmt: skip

_INT = ir.IntType(32)


# ---- rows


def _kind_of(row: Any) -> VectorType:
    return {types.float32: FLOATS, types.int32: INTS}[row.dtype]


def _address(context: Any, builder: ir.IRBuilder, row_type: Any, row: Any, k: Any, kind: VectorType) -> tuple[Any, Any]:
    """Return the pointer to the row's vector at ``k``, and the number of values of the row from there on."""
    array = context.make_array(row_type)(context, builder, row)
    length = builder.extract_value(array.shape, 0)
    address = builder.bitcast(builder.gep(array.data, [k]), kind.whole.as_pointer())
    return address, builder.sub(length, k)


def _first_elements(builder: ir.IRBuilder, left: Any) -> Any:
    """Return flags that are set for the first ``left`` elements."""
    count = spread(builder, INTS, builder.trunc(left, _INT))
    return builder.icmp_signed("<", ir.Constant(INTS.whole, list(range(WIDTH))), count)


def _masked(builder: ir.IRBuilder, name: str, kind: VectorType, result: Any, args: list[Any]) -> Any:
    return call(builder, f"llvm.masked.{name}.v{WIDTH}{'f32' if kind == FLOATS else 'i32'}.p0", result, args)


@intrinsic
def load(_context: Any, row: Any, k: Any) -> Any:
    """Load ``row[k : k + 16]`` of float32 or int32, 0 beyond the row's end; k >= 0."""
    kind = _kind_of(row)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        address, left = _address(context, builder, sig.args[0], args[0], args[1], kind)
        with builder.if_else(builder.icmp_signed(">=", left, left.type(WIDTH))) as (whole, part):
            with whole:
                full = builder.load(address)
                full.align = 4
                whole_end = builder.block
            with part:
                given = [address, _INT(4), _first_elements(builder, left), constant(kind, 0)]
                partial = _masked(builder, "load", kind, kind.whole, given)
                part_end = builder.block
        value = builder.phi(kind.whole)
        value.add_incoming(full, whole_end)
        value.add_incoming(partial, part_end)
        return value

    return kind(row, types.int64), generate


@intrinsic
def store(_context: Any, row: Any, k: Any, value: Any) -> Any:
    """Store ``row[k : k + 16] = value``, up to the row's end; k >= 0."""
    kind = _kind_of(row)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        address, left = _address(context, builder, sig.args[0], args[0], args[1], kind)
        whole_value = spread(builder, kind, args[2])
        with builder.if_else(builder.icmp_signed(">=", left, left.type(WIDTH))) as (whole, part):
            with whole:
                builder.store(whole_value, address).align = 4
            with part:
                given = [whole_value, address, _INT(4), _first_elements(builder, left)]
                _masked(builder, "store", kind, ir.VoidType(), given)
        return context.get_dummy_value()

    return types.void(row, types.int64, value if value == kind else kind.dtype), generate


# ---- SIMD elements


@intrinsic
def element_indices(_context: Any) -> Any:
    """Return the indices of the SIMD elements: the ints 0, 1, ... 15."""
    return INTS(), lambda context, builder, sig, args: ir.Constant(INTS.whole, list(range(WIDTH)))


@intrinsic
def floats(_context: Any, value: Any) -> Any:
    """Copy a float into all elements."""
    return FLOATS(types.float32), lambda context, builder, sig, args: spread(builder, FLOATS, args[0])


@intrinsic
def ints(_context: Any, value: Any) -> Any:
    """Copy an int into all elements."""
    return INTS(types.int32), lambda context, builder, sig, args: spread(builder, INTS, args[0])


def _shifted(order: list[int]) -> Callable[..., Any]:
    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        return shuffle(builder, args[0], args[1], order)

    return generate


@intrinsic(prefer_literal=True)
def shift_up(_context: Any, before: Any, value: Any, elements_moved: Any) -> Any:
    """Shift ``value`` to higher elements by a constant; the last elements of ``before`` move in."""
    n = elements_moved.literal_value
    return value(before, value, elements_moved), _shifted(list(range(WIDTH - n, 2 * WIDTH - n)))


@intrinsic(prefer_literal=True)
def shift_down(_context: Any, value: Any, after: Any, elements_moved: Any) -> Any:
    """Shift ``value`` to lower elements by a constant; the first elements of ``after`` move in."""
    n = elements_moved.literal_value
    return value(value, after, elements_moved), _shifted(list(range(n, WIDTH + n)))


@intrinsic
def last(_context: Any, value: Any) -> Any:
    """Copy the highest element into all elements."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], [WIDTH - 1] * WIDTH)


@intrinsic
def first(_context: Any, value: Any) -> Any:
    """Copy the lowest element into all elements."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], [0] * WIDTH)


@intrinsic
def backward(_context: Any, value: Any) -> Any:
    """Reverse the order of the elements."""
    return value(value), lambda c, b, s, args: shuffle(b, args[0], args[0], list(range(WIDTH - 1, -1, -1)))


@intrinsic
def greatest(_context: Any, value: Any) -> Any:
    """Return the greatest element as a single number."""
    name, element = (f"fmax.v{WIDTH}f32", ir.FloatType()) if value == FLOATS else (f"smax.v{WIDTH}i32", _INT)
    return value.dtype(value), lambda c, b, s, args: call(b, f"llvm.vector.reduce.{name}", element, [args[0]])


# ---- conversions


@intrinsic
def select(_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """Select ``yes`` where the condition holds, else ``no``, for vectors of floats or ints and for single numbers."""
    if condition != FLAGS:
        return yes(condition, yes, yes), lambda c, builder, s, args: builder.select(*args)
    numbers = FLOATS if isinstance(yes, types.Float) else INTS
    kind = next((v for v in (yes, no) if isinstance(v, VectorType)), numbers)

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        return builder.select(args[0], spread(builder, kind, args[1]), spread(builder, kind, args[2]))

    return kind(condition, *(v if v == kind else kind.dtype for v in (yes, no))), generate


@intrinsic
def to_mask(_context: Any, condition: Any) -> Any:
    """Convert flags to ints: -1 where set, else 0."""
    return INTS(FLAGS), lambda c, builder, s, args: builder.sext(args[0], INTS.whole)


@intrinsic
def to_ints(_context: Any, value: Any) -> Any:
    """Convert floats to ints, rounding towards 0."""
    return INTS(FLOATS), lambda c, builder, s, args: builder.fptosi(args[0], INTS.whole)


@intrinsic
def to_floats(_context: Any, value: Any) -> Any:
    """Convert ints to floats."""
    return FLOATS(INTS), lambda c, builder, s, args: builder.sitofp(args[0], FLOATS.whole)


@intrinsic
def bits(_context: Any, value: Any) -> Any:
    """Reinterpret floats as ints; non-negative ones keep their order."""
    return INTS(FLOATS), lambda c, builder, s, args: builder.bitcast(args[0], INTS.whole)


@intrinsic
def from_bits(_context: Any, value: Any) -> Any:
    """Reinterpret ints as floats."""
    return FLOATS(INTS), lambda c, builder, s, args: builder.bitcast(args[0], FLOATS.whole)
