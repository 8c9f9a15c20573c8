"""Layers of small networks for a few latent vectors, faster than numpy for small batches (compiled).

A BLAS packs the whole weight matrix again for every call with more than one row. For the voices of a frame that takes
longer than the product itself. Here weights are packed once (``engine/decoding/matmul.py``).
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Operations
from synth_app.decoder.operations import GELU_CUBIC, GELU_SCALE
from synth_app.engine.decoding.matmul import affine, pack
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
_f = np.float32
_ZERO, _HALF, _ONE = _f(0.0), _f(0.5), _f(1.0)

# tanh(x) = x P(x^2) / Q(x^2) for |x| <= 8, own Chebyshev fit; error in float32 below 4e-7
_TANH_END = _f(8.0)
_P0, _P1, _P2, _P3, _P4 = (
    _f(0.99999997), _f(0.13438192), _f(0.0035641573), _f(2.1773266e-5), _f(1.5061841e-8)
)  # fmt: skip
_Q1, _Q2, _Q3, _Q4 = _f(0.46771513), _f(0.026136020), _f(3.3991814e-4), _f(8.4536742e-7)


@public_fast
def layer_norm(x: Float32s, weight: Float32s, bias: Float32s, eps: float, out: Float32s) -> None:
    """Normalise every row to mean 0 and variance 1 (``eps`` added), then apply ``weight`` and ``bias``."""
    width = x.shape[1]
    for r in range(x.shape[0]):
        mean = _ZERO
        for i in range(width):
            mean += x[r, i]
        mean /= _f(width)
        power = _ZERO
        for i in range(width):
            power += (x[r, i] - mean) * (x[r, i] - mean)
        scale = _ONE / np.sqrt(power / _f(width) + _f(eps))
        for i in range(width):
            out[r, i] = (x[r, i] - mean) * scale * weight[i] + bias[i]


@public_fast
def copy(x: Float32s, out: Float32s) -> None:
    """Compute out = x."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[r, i] = x[r, i]


@public_fast
def add(x: Float32s, out: Float32s) -> None:
    """Compute out += x."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[r, i] += x[r, i]


@public_fast
def pitch_concat(x: Float32s, position: Float32s, table: Float32s, out: Float32s) -> None:
    """Append to every row of x the row of ``table`` [keys, width] at its position, interpolated linearly."""
    width, last = x.shape[1], table.shape[0] - 1
    for r in range(x.shape[0]):
        for i in range(width):
            out[r, i] = x[r, i]
        low = int(position[r])
        high, fraction = min(low + 1, last), position[r] - _f(low)
        for i in range(table.shape[1]):
            out[r, width + i] = table[low, i] + fraction * (table[high, i] - table[low, i])


@public_fast
def comb_add(envelopes: Float32s, position: Float32s, combs: Float32s, out: Float32s) -> None:
    """Add to every row ``combs`` [keys, combs, n_out] at its position times ``envelopes`` [n combs, n_out], summed."""
    last, each = combs.shape[0] - 1, combs.shape[1]
    for r in range(out.shape[0]):
        low = int(position[r])
        fraction = position[r] - _f(low)
        for c in range(each):
            _product_add(envelopes[r * each + c], combs[low, c], _ONE - fraction, out[r])
            if fraction != _ZERO:
                _product_add(envelopes[r * each + c], combs[min(low + 1, last), c], fraction, out[r])


@internal_fast
def _product_add(one: Float32s, other: Float32s, scale: np.float32, out: Float32s) -> None:
    for i in range(one.shape[0]):
        out[i] += scale * one[i] * other[i]


@internal_fast
def _tanh(x: np.float32) -> np.float32:
    a = min(max(x, -_TANH_END), _TANH_END)
    z = a * a
    numerator = _P0 + z * (_P1 + z * (_P2 + z * (_P3 + z * _P4)))
    inside = a * numerator / (_ONE + z * (_Q1 + z * (_Q2 + z * (_Q3 + z * _Q4))))
    beyond = _ONE if x > _ZERO else -_ONE
    return beyond if abs(x) >= _TANH_END else inside  # exact, so that gelu(-1e9) is 0


@public_fast
def tanh(x: Float32s, out: Float32s) -> None:
    """Compute the hyperbolic tangent; error below 4e-7."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[r, i] = _tanh(x[r, i])


@public_fast
def sigmoid(x: Float32s, out: Float32s) -> None:
    """Compute 1 / (1 + exp(-x)); error below 2e-7."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[r, i] = _HALF + _HALF * _tanh(_HALF * x[r, i])


@public_fast
def gelu(x: Float32s, out: Float32s) -> None:
    """Compute 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks & Gimpel 2016)."""
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            v = x[r, i]
            out[r, i] = _HALF * v * (_ONE + _tanh(GELU_SCALE * v * (_ONE + GELU_CUBIC * v * v)))


@public_fast
def lstm_cell(gates: Float32s, cell: Float32s, out: Float32s) -> None:
    """Compute the last part of an LSTM step: gates i, f, g, o to the next cell and output (``modelfile.Lstm``)."""
    width = cell.shape[1]
    for r in range(cell.shape[0]):
        for j in range(width):
            i = _HALF + _HALF * _tanh(_HALF * gates[r, j])
            f = _HALF + _HALF * _tanh(_HALF * gates[r, width + j])
            o = _HALF + _HALF * _tanh(_HALF * gates[r, 3 * width + j])
            cell[r, j] = f * cell[r, j] + i * _tanh(gates[r, 2 * width + j])
            out[r, j] = o * _tanh(cell[r, j])


_ACTIVATIONS = {"tanh": tanh, "sigmoid": sigmoid, "gelu": gelu}
COMPILED = Operations(pack, affine, layer_norm, copy, add, pitch_concat, comb_add, _ACTIVATIONS, lstm_cell)
