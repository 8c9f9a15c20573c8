"""Products of weights with a handful of code vectors, faster than a BLAS for so few (compiled).

A BLAS packs the whole weight matrix anew for every call with more than one row; for the two to sixteen voices of a
frame that takes several times longer than the product itself. Here four rows share each weight that is read.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.kernels import public_fast

Float32s = NDArray[np.float32]
_ZERO = np.float32(0.0)


@public_fast
def affine(x: Float32s, weight: Float32s, bias: Float32s, out: Float32s) -> None:
    """out = x W^T + b.

    Args:
        x: float32 [n, n_in]. weight: float32 [n_out, n_in], C order. bias: float32 [n_out].
        out: float32 [n, n_out], result.
    """
    n, n_in, n_out = x.shape[0], weight.shape[1], weight.shape[0]
    row = 0
    while row + 4 <= n:
        x0, x1, x2, x3 = x[row], x[row + 1], x[row + 2], x[row + 3]
        for j in range(n_out):
            w = weight[j]
            s0, s1, s2, s3 = _ZERO, _ZERO, _ZERO, _ZERO
            for i in range(n_in):
                s0 += w[i] * x0[i]
                s1 += w[i] * x1[i]
                s2 += w[i] * x2[i]
                s3 += w[i] * x3[i]
            out[row, j], out[row + 1, j] = s0 + bias[j], s1 + bias[j]
            out[row + 2, j], out[row + 3, j] = s2 + bias[j], s3 + bias[j]
        row += 4
    while row < n:
        x0 = x[row]
        for j in range(n_out):
            w = weight[j]
            s0 = _ZERO
            for i in range(n_in):
                s0 += w[i] * x0[i]
            out[row, j] = s0 + bias[j]
        row += 1
