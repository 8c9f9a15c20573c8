"""Real FFT of power-of-two lengths for compiled code, without allocation (numba offers none).

Stockham radix-2 on split real and imaginary rows; a real transform of n samples is a complex one of n / 2.
"""

from typing import NamedTuple

import numpy as np

from synth_app.phase.tables import Float32s
from synth_app.phase.vectors import WIDTH, backward, load, store
from synth_app.support.errors import UserError
from synth_app.support.kernels import internal, internal_fast, public

_f = np.float32
FftRows = tuple[Float32s, Float32s]  # real and imaginary parts


class FftPlan(NamedTuple):
    """Tables and work rows for one length.

    Attributes:
        height: rows of the matrix [height, n / 2 / height] that the half-length transform works on.
        cos, sin: exp(-2 pi i k / n), k < n / 2.
        turn_cos, turn_sin: the matrix's twiddles, flat [n / 2].
        real, imag, other_real, other_imag: work rows [n / 2].
    """

    height: int
    cos: Float32s
    sin: Float32s
    turn_cos: Float32s
    turn_sin: Float32s
    real: Float32s
    imag: Float32s
    other_real: Float32s
    other_imag: Float32s


def fft_plan(n: int) -> FftPlan:
    """Make a plan for real transforms of ``n`` samples.

    Raises:
        UserError: n is not a power of two of at least 32.
    """
    if n < 2 * WIDTH or n & (n - 1):
        raise UserError(f"n_fft {n} must be a power of two, at least 32, for the studio setting; choose 'live'")
    angle = 2.0 * np.pi * np.arange(n // 2) / n
    height = 1 << (n // 2).bit_length() // 2
    turn = 4.0 * np.pi / n * np.outer(np.arange(height), np.arange(n // 2 // height)).ravel()
    rows = (np.cos(angle), -np.sin(angle), np.cos(turn), -np.sin(turn), *(np.zeros(n // 2) for _ in range(4)))
    return FftPlan(height, *(row.astype(np.float32) for row in rows))


@internal
def _stage(
    a: Float32s, b: Float32s, to_a: Float32s, to_b: Float32s, cos: Float32s, sin: Float32s, half: int, run: int
) -> None:
    """Compute one radix-2 stage: twiddles of ``half`` butterflies, each over ``run`` columns."""
    if run % WIDTH:
        _narrow_stage(a, b, to_a, to_b, cos, sin, half, run)
        return
    size = a.shape[0] // 2
    step = cos.shape[0] // half
    for p in range(half):
        c, s = cos[p * step], sin[p * step]
        low, to = p * run, 2 * p * run
        for q in range(0, run, WIDTH):
            x, y = load(a, low + q), load(b, low + q)
            other_x, other_y = load(a, low + size + q), load(b, low + size + q)
            u, v = x - other_x, y - other_y
            store(to_a, to + q, x + other_x)
            store(to_b, to + q, y + other_y)
            store(to_a, to + run + q, u * c - v * s)
            store(to_b, to + run + q, u * s + v * c)


@internal
def _narrow_stage(
    a: Float32s, b: Float32s, to_a: Float32s, to_b: Float32s, cos: Float32s, sin: Float32s, half: int, run: int
) -> None:
    """Compute ``_stage`` for runs shorter than a vector."""
    size = a.shape[0] // 2
    step = cos.shape[0] // half
    for p in range(half):
        c, s = cos[p * step], sin[p * step]
        for q in range(run):
            low, to = p * run + q, 2 * p * run + q
            u, v = a[low] - a[low + size], b[low] - b[low + size]
            to_a[to], to_b[to] = a[low] + a[low + size], b[low] + b[low + size]
            to_a[to + run], to_b[to + run] = u * c - v * s, u * s + v * c


@internal
def _stages(rows: FftRows, to: FftRows, plan: FftPlan, size: int, batch: int) -> bool:
    """Compute ``batch`` transforms of ``size`` points side by side; return True if the result is in ``to``."""
    half, run = size // 2, batch
    swapped = False
    while half >= 1:
        if swapped:
            _stage(to[0], to[1], rows[0], rows[1], plan.cos, plan.sin, half, run)
        else:
            _stage(rows[0], rows[1], to[0], to[1], plan.cos, plan.sin, half, run)
        swapped = not swapped
        half //= 2
        run *= 2
    return swapped


@internal_fast
def _turn_and_transpose(rows: FftRows, to: FftRows, plan: FftPlan, height: int, width: int) -> None:
    """Multiply [height, width] by twiddles and transpose it to [width, height], between the two halves."""
    real, imag, to_real, to_imag = rows[0], rows[1], to[0], to[1]
    for i in range(height):
        for j in range(width):
            n = i * width + j
            c, s = plan.turn_cos[n], plan.turn_sin[n]
            to_real[j * height + i] = real[n] * c - imag[n] * s
            to_imag[j * height + i] = real[n] * s + imag[n] * c


@internal
def _transform(plan: FftPlan, rows: FftRows, other: FftRows) -> FftRows:
    """Compute the forward complex transform by rows and columns, so that inner loops are long; return its rows."""
    height = plan.height
    width = rows[0].shape[0] // height
    if _stages(rows, other, plan, height, width):
        rows, other = other, rows
    _turn_and_transpose(rows, other, plan, height, width)
    return rows if _stages(other, rows, plan, width, height) else other


@public
def rfft(x: Float32s, plan: FftPlan, real: Float32s, imag: Float32s) -> None:
    """Write the spectrum of ``x`` [n] into ``real`` and ``imag`` [n / 2 + 1]."""
    half = x.shape[0] // 2
    for j in range(half):
        plan.real[j] = x[2 * j]
        plan.imag[j] = x[2 * j + 1]
    a, b = _transform(plan, (plan.real, plan.imag), (plan.other_real, plan.other_imag))
    for k in range(
        1, half, WIDTH
    ):  # half is a multiple of the width: the last vector ends at bin half, which is set below
        j = half - k - WIDTH + 1
        x_up, y_up, x_down, y_down = load(a, k), load(b, k), backward(load(a, j)), backward(load(b, j))
        even_a, even_b, odd_a, odd_b = x_up + x_down, y_up - y_down, y_up + y_down, x_down - x_up
        c, s = load(plan.cos, k), load(plan.sin, k)
        store(real, k, _f(0.5) * (even_a + c * odd_a - s * odd_b))
        store(imag, k, _f(0.5) * (even_b + c * odd_b + s * odd_a))
    real[0], imag[0] = a[0] + b[0], _f(0)
    real[half], imag[half] = a[0] - b[0], _f(0)


@public
def irfft(real: Float32s, imag: Float32s, plan: FftPlan, x: Float32s) -> None:
    """Write the samples ``x`` [n] of a spectrum [n / 2 + 1]; the imaginary parts at 0 and n / 2 are ignored."""
    half = x.shape[0] // 2
    a, b = plan.real, plan.imag
    scale = _f(0.5) / _f(half)
    a[0] = scale * (real[0] + real[half])
    b[0] = scale * (real[0] - real[half])
    for k in range(1, half, WIDTH):
        j = half - k - WIDTH + 1
        x_up, y_up, x_down, y_down = load(real, k), load(imag, k), backward(load(real, j)), backward(load(imag, j))
        even_a, even_b, diff_a, diff_b = x_up + x_down, y_up - y_down, x_up - x_down, y_up + y_down
        c, s = load(plan.cos, k), -load(plan.sin, k)
        store(a, k, scale * (even_a - (diff_a * s + diff_b * c)))
        store(b, k, scale * (even_b + (diff_a * c - diff_b * s)))
    # with real and imaginary rows exchanged the forward transform is the inverse one
    b, a = _transform(plan, (b, a), (plan.other_imag, plan.other_real))
    for j in range(half):
        x[2 * j] = a[j]
        x[2 * j + 1] = b[j]
