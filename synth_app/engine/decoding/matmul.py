"""Products of a few code vectors with a layer's weights, kept in reading order and, if many, in half precision.

For a handful of vectors a product is bound by the reading of its weights: a full-band decoder's 0.95 million do not fit
the second-level cache of common processors as float32. In half precision they do. Every output's weights are
scaled by a power of two to below 2, so that their relative error is at most 2^-11 and none is lost. Small layers,
which are read quickly anyway, stay exact. Where the processor has a matrix unit, large layers go there
(``engine/tiles.py``).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.decoding.aligned import aligned
from synth_app.engine.decoding.matmul_amx import DEPTH, TileLayer, multiply_tiles, pack_tiles, tiles_work
from synth_app.engine.decoding.matmul_kernel import WIDTH, host_blocks, product_block
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
_f = np.float32

_MANY = 50_000  # weights of a layer that is kept in halves
_BLOCKS = host_blocks()
_HIGH, _HIGHEST = _BLOCKS.rows
_PANELS_1, _PANELS_2, _PANELS_4, _PANELS_HIGH, _PANELS_HIGHEST = _BLOCKS.panels
_STRIP = max(_BLOCKS.panels)  # panels that all rows are multiplied with before the next ones are read
_block_1, _block_1_1 = product_block(1, _PANELS_1), product_block(1, 1)
_block_2, _block_2_1 = product_block(2, _PANELS_2), product_block(2, 1)
_block_4, _block_4_1 = product_block(4, _PANELS_4), product_block(4, 1)
_block_high, _block_high_1 = product_block(_HIGH, _PANELS_HIGH), product_block(_HIGH, 1)
_block_highest, _block_highest_1 = product_block(_HIGHEST, _PANELS_HIGHEST), product_block(_HIGHEST, 1)


class PackedLayer(NamedTuple):
    """Weights [n_out, n_in] and bias [n_out] made ready, with zeros up to whole panels.

    Attributes:
        panels: int16 (bits of halves; float32 where the processor has none) [ceil(n_out / 16), n_in, 16].
        scale: float32 [whole panels' outputs], what each sum is multiplied by. bias: float32 alike, added after that.
        edge: float32 [most rows of a block, 16], work room of one thread.
    """

    panels: NDArray[Any]
    scale: Float32s
    bias: Float32s
    edge: Float32s


def pack(weight: Float32s, bias: Float32s) -> PackedLayer | TileLayer:
    """Make float32 [n_out, n_in] and [n_out] ready for ``affine``, as suits their number and this processor."""
    if weight.size >= _MANY and weight.shape[1] % DEPTH == 0 and tiles_work():
        return pack_tiles(weight, bias)
    return pack_panels(weight, bias, halves=_BLOCKS.halves and weight.size >= _MANY)


def pack_panels(weight: Float32s, bias: Float32s, *, halves: bool) -> PackedLayer:
    """Make float32 [n_out, n_in] and [n_out] ready for vectors, as halves or exact."""
    n_out, n_in = weight.shape
    panels = -(-n_out // WIDTH)
    greatest = np.abs(weight).max(axis=1, initial=0.0)
    scale, offset = np.zeros((2, panels * WIDTH), np.float32)
    scale[:n_out] = np.exp2(np.floor(np.log2(np.where(greatest > 0.0, greatest, 1.0))))
    offset[:n_out] = bias
    whole = np.zeros((panels * WIDTH, n_in), np.float32)
    whole[:n_out] = weight / scale[:n_out, None]
    order = whole.reshape(panels, WIDTH, n_in).transpose(0, 2, 1)
    edge = np.zeros((max(4, *_BLOCKS.rows), WIDTH), np.float32)
    order = aligned(np.ascontiguousarray(order.astype(np.float16)).view(np.int16) if halves else order)
    return PackedLayer(order, aligned(scale), aligned(offset), edge)


def affine(x: Float32s, layer: PackedLayer | TileLayer, out: Float32s) -> None:
    """out = x W^T + b.

    Args:
        x: float32 [n, n_in], C order, n_in >= 1. layer: of ``pack``.
        out: float32 [n, n_out], C order, result. A row comes out the same whatever rows are beside it.
    """
    if isinstance(layer, TileLayer):
        multiply_tiles(x, layer, out)
        return
    multiply(x, layer.panels, layer.scale, layer.bias, layer.edge, out)


def warm_products() -> None:
    """Compile, or load from the cache, what large and small layers need on this processor."""
    weight, bias = np.zeros((WIDTH, DEPTH), np.float32), np.zeros(WIDTH, np.float32)
    x, out = np.zeros((1, DEPTH), np.float32), np.zeros((1, WIDTH), np.float32)
    for halves in {False, _BLOCKS.halves}:
        affine(x, pack_panels(weight, bias, halves=halves), out)
    if tiles_work():
        affine(x, pack_tiles(weight, bias), out)


@public_fast
def multiply(x: Float32s, panels: NDArray[Any], scale: Float32s, bias: Float32s, edge: Float32s, out: Float32s) -> None:
    """As ``affine``, with the parts of the layer."""
    n, whole = x.shape[0], out.shape[1] // WIDTH
    for first in range(0, panels.shape[0], _STRIP):
        last = min(first + _STRIP, panels.shape[0])
        row = 0
        while row < n:
            rows = _next_rows(n - row, n)
            row = min(row, n - rows)  # rows that are multiplied twice cost less than smaller blocks
            panel = first
            while panel < min(last, whole):
                several = min(last, whole) - panel >= _most_panels(rows)
                if several:
                    _several(x, row, rows, panels, panel, scale, bias, out)
                else:
                    _single(x, row, rows, panels, panel, scale, bias, out, row, panel * WIDTH)
                panel += _most_panels(rows) if several else 1
            if last > whole:  # the last panel is not all there
                _single(x, row, rows, panels, whole, scale, bias, edge, 0, 0)
                _copy_edge(edge, rows, out, row, whole * WIDTH)
            row += rows


@internal_fast
def _next_rows(left: int, n: int) -> int:
    """Rows of the next block: the smallest that takes all that are left, or the largest that there are rows for."""
    if left > _HIGH:
        return _HIGHEST if n >= _HIGHEST else _HIGH
    if left > 4:
        return _HIGH if n >= _HIGH else 4
    if left > 2:
        return 4 if n >= 4 else 2
    return left


@internal_fast
def _most_panels(rows: int) -> int:
    if rows == 1:
        return _PANELS_1
    if rows == 2:
        return _PANELS_2
    if rows == 4:
        return _PANELS_4
    return _PANELS_HIGH if rows == _HIGH else _PANELS_HIGHEST


@internal_fast
def _several(
    x: Float32s, row: int, rows: int, panels: NDArray[Any], panel: int, scale: Float32s, bias: Float32s, out: Float32s
) -> None:
    column = panel * WIDTH
    if rows == 1:
        _block_1(x, row, panels, panel, scale, bias, out, row, column)
    elif rows == 2:
        _block_2(x, row, panels, panel, scale, bias, out, row, column)
    elif rows == 4:
        _block_4(x, row, panels, panel, scale, bias, out, row, column)
    elif rows == _HIGH:
        _block_high(x, row, panels, panel, scale, bias, out, row, column)
    else:
        _block_highest(x, row, panels, panel, scale, bias, out, row, column)


@internal_fast
def _single(
    x: Float32s, row: int, rows: int, panels: NDArray[Any], panel: int, scale: Float32s, bias: Float32s, out: Float32s,
    out_row: int, column: int,
) -> None:  # fmt: skip
    if rows == 1:
        _block_1_1(x, row, panels, panel, scale, bias, out, out_row, column)
    elif rows == 2:
        _block_2_1(x, row, panels, panel, scale, bias, out, out_row, column)
    elif rows == 4:
        _block_4_1(x, row, panels, panel, scale, bias, out, out_row, column)
    elif rows == _HIGH:
        _block_high_1(x, row, panels, panel, scale, bias, out, out_row, column)
    else:
        _block_highest_1(x, row, panels, panel, scale, bias, out, out_row, column)


@internal_fast
def _copy_edge(edge: Float32s, rows: int, out: Float32s, row: int, column: int) -> None:
    """The outputs that there are of the last panel."""
    for i in range(rows):
        for j in range(out.shape[1] - column):
            out[row + i, column + j] = edge[i, j]
