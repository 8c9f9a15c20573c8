"""Products on the matrix unit that some processors have (Intel AMX): sixteen rows at once, numbers of 16 bits.

A tile instruction multiplies up to sixteen rows of 32 numbers with a block of 32 times sixteen weights in the time of
sixteen vector instructions, so what remains of a product is the reading of its weights. These are rounded to bfloat16
(8 bits), which changes decoded frames by some hundredths of a dB, always the same for the same code. Inputs are
multiplied as a sum of two bfloat16 (16 bits), or small steps of a code would come out as jitter. Sums are float32.
The instructions (Intel, *Architecture Instruction Set Extensions Programming Reference*, chapter 3) need leave from
Linux, once per process.
"""

import ctypes
import platform
import sys
from functools import cache
from typing import Any, NamedTuple

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from synth_app.engine.decoding.aligned import aligned
from synth_app.phase.vectors import WIDTH, bits, from_bits, load, store, store_halves
from synth_app.support.kernels import internal, public

Float32s = NDArray[np.float32]
Int16s = NDArray[np.int16]

ROWS = 16  # of inputs in one tile
DEPTH = 32  # inputs that one instruction sums over
_PANELS = 4  # of sixteen outputs that share what is read of the inputs
_INPUTS, _WEIGHTS = (4, 5), (6, 7)  # tiles: inputs' upper and lower parts, two in turn for weights; 0 to 3 hold sums
_BYTE, _INDEX = ir.IntType(8), ir.IntType(64)
_ARCH_PRCTL, _REQUEST_STATE, _TILE_DATA = 158, 0x1023, 18  # Linux on x86-64: arch_prctl(ARCH_REQ_XCOMP_PERM, 18)


@cache
def tiles_work() -> bool:
    """Whether this process may use tiles of bfloat16; asks Linux for leave."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    features = llvmlite.binding.get_host_cpu_features()
    if not (features.get("amx-tile") and features.get("amx-bf16") and features.get("avx512f")):
        return False
    return ctypes.CDLL(None).syscall(_ARCH_PRCTL, _REQUEST_STATE, _TILE_DATA) == 0


class TileLayer(NamedTuple):
    """Weights [n_out, n_in] and bias [n_out] made ready, with zeros up to whole tiles.

    Attributes:
        weight: int16 (bits of bfloat16) [panels, n_in / 32, 16, 32]: pairs of inputs, then outputs, then the pair.
        bias: float32 [panels * 16].
        inputs: int16 [2, 16, n_in], room for the inputs' upper and lower parts. sums: float32 [16, 64].
        shape: uint8 [16, 64], by the number of rows the sizes of all tiles, as the processor takes them.
    """

    weight: Int16s
    bias: Float32s
    inputs: Int16s
    sums: Float32s
    shape: NDArray[np.uint8]


def pack_tiles(weight: Float32s, bias: Float32s) -> TileLayer:
    """Make a layer ready; n_in must be a multiple of 32."""
    n_out, n_in = weight.shape
    panels = -(-n_out // (WIDTH * _PANELS)) * _PANELS
    whole = np.zeros((panels * WIDTH, n_in), np.float32)
    whole[:n_out] = weight
    order = _bfloat16(whole).reshape(panels, WIDTH, n_in // DEPTH, DEPTH // 2, 2).transpose(0, 2, 3, 1, 4)
    offset = np.zeros(panels * WIDTH, np.float32)
    offset[:n_out] = bias
    return TileLayer(
        aligned(order).reshape(panels, n_in // DEPTH, DEPTH // 2, DEPTH), aligned(offset),
        aligned(np.zeros((2, ROWS, n_in), np.int16)), aligned(np.zeros((ROWS, WIDTH * _PANELS), np.float32)),
        aligned(_shapes()),
    )  # fmt: skip


def _bfloat16(values: Float32s) -> Int16s:
    """The upper halves of float32, rounded to nearest, ties to even."""
    bits = values.view(np.uint32).astype(np.uint64)
    rounded = bits + 0x7FFF + (bits >> 16 & 1)
    return np.asarray((rounded >> 16).astype(np.uint16).view(np.int16))


def _shapes() -> NDArray[np.uint8]:
    """Palette 1; bytes per row from byte 16 on (two each), rows from byte 48 on."""
    shapes = np.zeros((ROWS, 64), np.uint8)
    shapes[:, 0] = 1
    shapes[:, 16:32:2] = 64
    shapes[:, 48:54] = np.arange(1, ROWS + 1)[:, None]
    shapes[:, 54:56] = DEPTH // 2
    return shapes


def multiply_tiles(x: Float32s, layer: TileLayer, out: Float32s) -> None:
    """out = x W^T + b; x float32 [n, n_in] and out float32 [n, n_out] in C order."""
    multiply(x, layer.weight, layer.bias, layer.inputs, layer.sums, layer.shape, out)


@public
def multiply(
    x: Float32s, weight: Int16s, bias: Float32s, inputs: Int16s, sums: Float32s, shape: NDArray[np.uint8], out: Float32s
) -> None:
    """As ``multiply_tiles``, with the parts of the layer."""
    for first in range(0, x.shape[0], ROWS):
        rows = min(ROWS, x.shape[0] - first)
        for i in range(rows):
            _split(x[first + i], inputs[0, i], inputs[1, i])
        _configure(shape[rows - 1])
        for panel in range(0, weight.shape[0], _PANELS):
            _tile_products(inputs, weight, panel, sums)
            for i in range(rows):
                row = out[first + i]
                for p in range(_PANELS):
                    column = (panel + p) * WIDTH
                    if column < row.shape[0]:
                        store(row, column, load(sums[i], p * WIDTH) + load(bias, column))
        _release()


@internal
def _split(x: Float32s, upper: Int16s, lower: Int16s) -> None:
    """Into two bfloat16 whose sum has 16 bits, each rounded to nearest."""
    for k in range(0, x.shape[0], WIDTH):
        value = load(x, k)
        high = (bits(value) + 0x7FFF + ((bits(value) >> 16) & 1)) & -0x10000
        rest = bits(value - from_bits(high))
        store_halves(upper, k, high >> 16)
        store_halves(lower, k, (rest + 0x8000) >> 16)


@intrinsic
def _configure(_context: Any, shape: Any) -> Any:
    """Set the sizes of all tiles."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        _call(builder, "ldtilecfg", [builder.bitcast(data, _BYTE.as_pointer())])
        return context.get_dummy_value()

    return types.void(shape), generate


@intrinsic
def _release(_context: Any) -> Any:
    """Give the tiles back, or the system saves them at every switch."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        _call(builder, "tilerelease", [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _tile_products(_context: Any, inputs: Any, weight: Any, panel: Any, sums: Any) -> Any:
    """Sums of four panels from ``panel`` on: int16 [2, 16, n_in], [panels, n_in / 32, 16, 32] to float32 [rows, 64]."""

    def generate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> Any:
        x, w, y = (context.make_array(sig.args[i])(context, builder, args[i]) for i in (0, 1, 3))
        steps = builder.extract_value(w.shape, 1)
        n_in = builder.extract_value(x.shape, 2)
        row_bytes, lower = builder.mul(n_in, _INDEX(2)), builder.mul(n_in, _INDEX(ROWS))
        block = _INDEX(DEPTH * WIDTH)
        starts = [
            builder.gep(w.data, [builder.mul(builder.mul(builder.add(args[2], _INDEX(p)), steps), block)])
            for p in range(_PANELS)
        ]
        for p in range(_PANELS):
            _call(builder, "tilezero", [_BYTE(p)])
        before, loop, after = builder.block, *(builder.append_basic_block(name) for name in ("depth", "summed"))
        builder.branch(loop)
        builder.position_at_end(loop)
        k = builder.phi(_INDEX)
        upper = builder.gep(x.data, [builder.mul(k, _INDEX(DEPTH))])
        _load(builder, _INPUTS[0], upper, row_bytes)
        _load(builder, _INPUTS[1], builder.gep(upper, [lower]), row_bytes)
        for p in range(_PANELS):
            tile = _WEIGHTS[p % 2]
            _load(builder, tile, builder.gep(starts[p], [builder.mul(k, block)]), _INDEX(2 * DEPTH))
            for part in _INPUTS:
                _call(builder, "tdpbf16ps", [_BYTE(p), _BYTE(part), _BYTE(tile)])
        following = builder.add(k, _INDEX(1))
        builder.cbranch(builder.icmp_signed("<", following, steps), loop, after)
        k.add_incoming(_INDEX(0), before)
        k.add_incoming(following, loop)
        builder.position_at_end(after)
        for p in range(_PANELS):
            place = builder.bitcast(builder.gep(y.data, [_INDEX(p * WIDTH)]), _BYTE.as_pointer())
            _call(builder, "tilestored64", [_BYTE(p), place, _INDEX(4 * WIDTH * _PANELS)])
        return context.get_dummy_value()

    return types.void(inputs, weight, types.int64, sums), generate


def _load(builder: ir.IRBuilder, tile: int, place: Any, stride: Any) -> None:
    _call(builder, "tileloadd64", [_BYTE(tile), builder.bitcast(place, _BYTE.as_pointer()), stride])


def _call(builder: ir.IRBuilder, name: str, args: list[Any]) -> None:
    full_name = f"llvm.x86.{name}"
    function = builder.module.globals.get(full_name)
    if function is None:
        function = ir.Function(builder.module, ir.FunctionType(ir.VoidType(), [a.type for a in args]), full_name)
    builder.call(function, args)
