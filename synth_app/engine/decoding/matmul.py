"""Products of a few latent vectors with a layer's weights, packed in reading order, large layers in half precision.

For a few vectors, reading the weights limits the speed of a product: as float32, the 0.95 million weights of a
full-band decoder do not fit the second-level cache of common processors. In half precision they do. The weights of
every output are scaled by a power of two to below 2, so their relative error is at most 2^-11 and none underflows.
Small layers are read quickly and stay exact, and so do all layers if the compile target has no half-precision
conversion.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.decoding.aligned import aligned
from synth_app.engine.decoding.matmul_kernel import WIDTH, product_block, target_blocks
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
_f = np.float32

_FIRST = np.int64(0)  # a plain 0 is a literal type, for which the compiler would compile every callee once more
_LARGE = 50_000  # weights from which on a layer is packed in half precision
_BLOCKS = target_blocks()
_HIGH, _HIGHEST = _BLOCKS.rows
_PANELS_1, _PANELS_2, _PANELS_4, _PANELS_HIGH, _PANELS_HIGHEST = _BLOCKS.panels
_STRIP = max(_BLOCKS.panels)  # panels that are multiplied with all rows before the next panels are read
_block_1, _block_1_1 = product_block(1, _PANELS_1), product_block(1, 1)
_block_2, _block_2_1 = product_block(2, _PANELS_2), product_block(2, 1)
_block_4, _block_4_1 = product_block(4, _PANELS_4), product_block(4, 1)
_block_high, _block_high_1 = product_block(_HIGH, _PANELS_HIGH), product_block(_HIGH, 1)
_block_highest, _block_highest_1 = product_block(_HIGHEST, _PANELS_HIGHEST), product_block(_HIGHEST, 1)


class PackedLayer(NamedTuple):
    """Packed weights [n_out, n_in] and bias [n_out], padded by zeros to whole panels.

    Attributes:
        panels: int16 (bits of halves) or float32, [ceil(n_out / 16), n_in, 16].
        scale: float32 [panels * 16], factor of each sum.
        bias: float32 [panels * 16], added after the factor.
        edge: float32 [most rows of a block, 16], scratch of one thread.
    """

    panels: NDArray[Any]
    scale: Float32s
    bias: Float32s
    edge: Float32s


def pack(weight: Float32s, bias: Float32s) -> PackedLayer:
    """Pack float32 [n_out, n_in] and [n_out] for ``affine``; large layers as halves if the target converts them."""
    return pack_panels(weight, bias, halves=_BLOCKS.halves and weight.size >= _LARGE)


def pack_panels(weight: Float32s, bias: Float32s, *, halves: bool) -> PackedLayer:
    """Pack float32 [n_out, n_in] and [n_out], as halves or exact."""
    n_out, n_in = weight.shape
    panels = -(-n_out // WIDTH)
    greatest = np.abs(weight).max(axis=1, initial=0.0)
    scale, offset = np.zeros((2, panels * WIDTH), np.float32)
    scale[:n_out] = np.exp2(np.floor(np.log2(np.where(greatest > 0.0, greatest, 1.0))))
    offset[:n_out] = bias
    padded = np.zeros((panels * WIDTH, n_in), np.float32)
    padded[:n_out] = weight / scale[:n_out, None]
    order = padded.reshape(panels, WIDTH, n_in).transpose(0, 2, 1)
    edge = np.zeros((max(4, *_BLOCKS.rows), WIDTH), np.float32)
    order = aligned(np.ascontiguousarray(order.astype(np.float16)).view(np.int16) if halves else order)
    return PackedLayer(order, aligned(scale), aligned(offset), edge)


def affine(x: Float32s, layer: PackedLayer, out: Float32s) -> None:
    """Compute out = x W^T + b.

    Args:
        x: float32 [n, n_in], C order, n_in >= 1.
        layer: made by ``pack``.
        out: float32 [n, n_out], C order, result. A row's result does not depend on the other rows.
    """
    multiply(x, layer.panels, layer.scale, layer.bias, layer.edge, out)


def warm_products() -> None:
    """Compile the products of large and small layers, or load them from the cache."""
    weight, bias = np.zeros((WIDTH, 1), np.float32), np.zeros(WIDTH, np.float32)
    x, out = np.zeros((1, 1), np.float32), np.zeros((1, WIDTH), np.float32)
    for halves in {False, _BLOCKS.halves}:
        affine(x, pack_panels(weight, bias, halves=halves), out)


@public_fast
def multiply(x: Float32s, panels: NDArray[Any], scale: Float32s, bias: Float32s, edge: Float32s, out: Float32s) -> None:
    """Compute ``affine`` from the parts of the layer."""
    n, whole = x.shape[0], out.shape[1] // WIDTH
    for first in range(0, panels.shape[0], _STRIP):
        last = min(first + _STRIP, panels.shape[0])
        row = 0
        while row < n:
            rows = _next_rows(n - row, n)
            row = min(row, n - rows)  # multiplying rows twice costs less than smaller blocks
            panel = first
            while panel < min(last, whole):
                several = min(last, whole) - panel >= _most_panels(rows)
                if several:
                    _several(x, row, rows, panels, panel, scale, bias, out)
                else:
                    _single(x, row, rows, panels, panel, scale, bias, out, row, panel * WIDTH)
                panel += _most_panels(rows) if several else 1
            if last > whole:  # the last panel is incomplete
                _single(x, row, rows, panels, whole, scale, bias, edge, _FIRST, _FIRST)
                _copy_edge(edge, rows, out, row, whole * WIDTH)
            row += rows


@internal_fast
def _next_rows(left: int, n: int) -> int:
    """Return the rows of the next block: the smallest block for all rows left, or the largest that fits ``n`` rows."""
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
    """Copy the existing outputs of the last panel."""
    for i in range(rows):
        for j in range(out.shape[1] - column):
            out[row + i, column + j] = edge[i, j]
