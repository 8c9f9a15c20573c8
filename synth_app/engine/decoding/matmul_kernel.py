"""The innermost loop of a matrix product in LLVM IR, with vectors of sixteen, so that all sums stay in registers.

Compilers do not find this form: products from plain loops run at a third of its speed. A block is ``rows`` latent
vectors times ``panels`` panels of sixteen outputs. Each step reads one column of every panel once and multiplies it by
one number of every row. Each of the rows * panels sums stays in a register from the first column to the last, so the
number of registers limits the size of a block. LLVM splits vectors of sixteen into the vectors of the compile target.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from synth_app.support.compiling.target import compile_target

WIDTH = 16  # outputs of a panel
_INDEX, _FLOAT = ir.IntType(64), ir.FloatType()
_VECTOR, _HALVES = ir.VectorType(_FLOAT, WIDTH), ir.VectorType(ir.HalfType(), WIDTH)
_FUSED = ("contract",)  # a product and a sum may be rounded once


class Blocks(NamedTuple):
    """Block sizes for a compile target.

    Attributes:
        halves: whether the target converts half-precision numbers.
        panels: number of panels for blocks of 1, 2, 4 and the two largest numbers of rows.
        rows: the two largest numbers of rows.
    """

    halves: bool
    panels: tuple[int, int, int, int, int]
    rows: tuple[int, int]


def target_blocks() -> Blocks:
    """Return the sizes for the compile target.

    AVX-512 has 32 registers of sixteen floats. AVX2 has 16 registers of eight: six rows by one panel need twelve sums,
    two weights and one number of a row. One row takes four panels, because eight independent sums hide the latency of
    the multiply-add.
    """
    target = compile_target()
    if target.float_lanes == 16:
        return Blocks(target.half_precision, (4, 4, 4, 2, 2), (8, 12))
    return Blocks(target.half_precision, (4, 2, 1, 1, 1), (5, 6))


def product_block(rows: int, panels: int) -> Callable[..., None]:
    """Make a function for compiled code that multiplies one block.

    The function takes ``(x, row, weight, panel, scale, bias, out, out_row, out_column)``, all arrays in C order. It
    does not check sizes.

    * x: float32 [n, n_in]; ``rows`` rows from ``row`` on are used.
    * weight: int16 (bits of halves) or float32 [all panels, n_in, 16]; ``panels`` panels from ``panel`` on are used.
    * scale, bias: float32 [all panels * 16].
    * out: float32 [m, n_out]; gets sums * scale + bias from ``out_row`` and ``out_column`` on.
    """

    @intrinsic
    def block(
        _context: Any, x: Any, row: Any, weight: Any, panel: Any, scale: Any, bias: Any, out: Any, out_row: Any,
        out_column: Any,
    ) -> Any:  # fmt: skip
        signature = types.void(x, row, weight, panel, scale, bias, out, out_row, out_column)

        def generate(context: Any, builder: ir.IRBuilder, signature: Any, args: tuple[Any, ...]) -> Any:
            arrays = {i: context.make_array(signature.args[i])(context, builder, args[i]) for i in (0, 2, 4, 5, 6)}
            n_in, n_out = (cgutils.unpack_tuple(builder, arrays[i].shape)[1] for i in (0, 6))
            size = builder.mul(n_in, _INDEX(WIDTH))
            first = builder.gep(arrays[2].data, [builder.mul(args[3], size)])
            starts = [builder.gep(first, [builder.mul(size, _INDEX(p))]) for p in range(panels)]
            sums = _accumulate(builder, builder.gep(arrays[0].data, [builder.mul(args[1], n_in)]), starts, n_in, rows)
            column = builder.mul(args[3], _INDEX(WIDTH))
            scales, biases = (_vectors(builder, builder.gep(arrays[i].data, [column]), panels) for i in (4, 5))
            for i in range(rows):
                target = builder.gep(
                    arrays[6].data, [builder.add(builder.mul(builder.add(args[7], _INDEX(i)), n_out), args[8])]
                )
                for p in range(panels):
                    scaled = builder.fmul(sums[i * panels + p], scales[p], flags=_FUSED)
                    address = builder.bitcast(builder.gep(target, [_INDEX(p * WIDTH)]), _VECTOR.as_pointer())
                    builder.store(builder.fadd(scaled, biases[p], flags=_FUSED), address).align = 4
            return context.get_dummy_value()

        return signature, generate

    return block


def _accumulate(builder: ir.IRBuilder, x: Any, panels: list[Any], n_in: Any, rows: int) -> list[Any]:
    """Generate the loop over the inputs; return the sums in the order [rows, panels]."""
    before = builder.block
    loop, after = builder.append_basic_block("columns"), builder.append_basic_block("summed")
    builder.branch(loop)
    builder.position_at_end(loop)
    k = builder.phi(_INDEX)
    sums = [builder.phi(_VECTOR) for _ in range(rows * len(panels))]
    columns = [_column(builder, panel, k) for panel in panels]
    totals = []
    for i in range(rows):
        number = _broadcast(builder, builder.load(builder.gep(x, [builder.add(k, builder.mul(n_in, _INDEX(i)))])))
        for p, column in enumerate(columns):
            product = builder.fmul(column, number, flags=_FUSED)
            totals.append(builder.fadd(sums[i * len(panels) + p], product, flags=_FUSED))
    following = builder.add(k, _INDEX(1))
    builder.cbranch(builder.icmp_signed("<", following, n_in), loop, after)
    k.add_incoming(_INDEX(0), before)
    k.add_incoming(following, loop)
    for phi, total in zip(sums, totals, strict=True):
        phi.add_incoming(ir.Constant(_VECTOR, [0.0] * WIDTH), before)
        phi.add_incoming(total, loop)
    builder.position_at_end(after)
    return totals


def _column(builder: ir.IRBuilder, panel: Any, k: Any) -> Any:
    """Load sixteen weights as floats."""
    address = builder.gep(panel, [builder.mul(k, _INDEX(WIDTH))])
    if address.type.pointee == _FLOAT:
        return _vectors(builder, address, 1)[0]
    halves = builder.load(builder.bitcast(address, _HALVES.as_pointer()))
    halves.align = 2
    return builder.fpext(halves, _VECTOR)


def _vectors(builder: ir.IRBuilder, first: Any, count: int) -> list[Any]:
    """Load ``count`` successive vectors of sixteen floats."""
    loaded = []
    for p in range(count):
        vector = builder.load(builder.bitcast(builder.gep(first, [_INDEX(p * WIDTH)]), _VECTOR.as_pointer()))
        vector.align = 4
        loaded.append(vector)
    return loaded


def _broadcast(builder: ir.IRBuilder, number: Any) -> Any:
    """Copy a number into all sixteen SIMD elements."""
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH))
