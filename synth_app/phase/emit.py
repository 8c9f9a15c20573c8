"""Turn one voice's magnitudes and phases into complex spectra, mixed with noise, and add them to the lane's sums."""

import math

import numpy as np

from synth_app.phase.state import StereoSum, SweepState
from synth_app.phase.tables import BASS_BINS, Float32s, KernelTables
from synth_app.phase.vectors import (
    WIDTH,
    Vector,
    element_indices,
    floats,
    load,
    select,
    shift_down,
    shift_up,
    store,
    to_floats,
)
from synth_app.support.kernels import internal, public

_f = np.float32
_PER_TURN32 = _f(2.0**-32)
# sin(2 pi v) for |v| <= 1/4 turn: minimax odd polynomial, error below 6e-7
_S1, _S3, _S5, _S7 = _f(6.28316404), _f(-41.33714237), _f(81.34076881), _f(-70.99343258)


@internal
def sine_quarter(v: Vector) -> Vector:
    """Return sin(2 pi v) for v in [-1/4, 1/4] turns; error below 6e-7."""
    v2 = v * v
    return v * (_S1 + v2 * (_S3 + v2 * (_S5 + v2 * _S7)))


@internal
def emit(
    s: Float32s, state: SweepState, voice: int, tables: KernelTables,
    out: StereoSum,
) -> None:  # fmt: skip
    """Add gain * bin_gain * s (a e^{j phase} + sqrt(1 - a^2) G) to both channels.

    The noise G is independent on the two sides. The tonal weight a is that of ``tonal_weight``.
    """
    rows, noise = state.noise_index[voice], tables.noise
    flux, tonal, phase = state.flux[voice], state.tonal[voice], state.phase[voice]
    max_tonal = state.max_tonal[voice]
    for side in range(2):
        rows[side] = (rows[side] + 1) % noise.shape[0]
    noise_l, noise_r = noise[rows[0]], noise[rows[1]]
    gain_left, gain_right, n = _f(out.gain_left), _f(out.gain_right), s.shape[0]
    left, right = out.left, out.right
    levels = s
    if state.has_bin_gain[voice]:  # outside the loop, so that a voice without gains pays for none
        levels = state.scratch.levels
        _multiply(s, state.bin_gain[voice], levels)
    before, here = floats(_f(0)), load(flux, 0)
    for k in range(0, n, WIDTH):
        after = load(flux, k + WIDTH)
        change = (shift_up(before, here, 1) + here + shift_down(here, after, 1)) * _f(1 / 3)
        a = tonal_weight(change, load(tonal, k), load(max_tonal, k), element_indices() + k, n - 1, tables)
        before, here = here, after
        level = load(levels, k)
        noise_level = level * math.sqrt(max(_f(1) - a * a, _f(0)))
        cosine, sine = unit_vector(to_floats(load(phase, k)) * _PER_TURN32)
        real, imag = level * a * cosine, level * a * sine
        _add(left[0], k, gain_left * (real + noise_level * load(noise_l[0], k)))
        _add(left[1], k, gain_left * (imag + noise_level * load(noise_l[1], k)))
        _add(right[0], k, gain_right * (real + noise_level * load(noise_r[0], k)))
        _add(right[1], k, gain_right * (imag + noise_level * load(noise_r[1], k)))


@internal
def _multiply(a: Float32s, b: Float32s, out: Float32s) -> None:
    for k in range(0, a.shape[0], WIDTH):
        store(out, k, load(a, k) * load(b, k))


@internal
def _add(row: Float32s, k: int, value: Vector) -> None:
    store(row, k, load(row, k) + value)


@internal
def tonal_weight(
    change: Vector, tonal: Vector, max_tonal: Vector, bin_: Vector, end: int, tables: KernelTables
) -> Vector:
    """Return the greatest of three weights, 0-1: the peaks', a smooth step of the flux, and the bass rule.

    The flux is averaged over three bins. The partials of a bass are not resolved and hardly form peaks, and there is no
    relevant noise at these frequencies. So the lowest BASS_BINS bins are tonal, and the weight falls to 0 over as many.
    Where the share of noise is known, it limits all but the flux.
    """
    gate = min(max((change - tables.flux_low) / tables.flux_range, _f(0)), _f(1))
    bass = min(max(_f(2) - to_floats(bin_) * _f(1 / BASS_BINS), _f(0)), _f(1))
    weight = max(gate * gate * (_f(3) - _f(2) * gate), min(max(tonal, bass), max_tonal))
    return select(bin_ < end, weight, _f(1))


@internal
def unit_vector(turn: Vector) -> tuple[Vector, Vector]:
    """Return cosine and sine of an angle of -1/2 to 1/2 turns."""
    size = abs(turn)
    quarter = _f(0.25) - size
    folded = select(size > _f(0.25), select(turn < _f(0), _f(-0.5), _f(0.5)) - turn, turn)
    return sine_quarter(quarter), sine_quarter(folded)


@public
def to_irfft(acc: Float32s, out: np.ndarray) -> None:
    """Convert a zero-phase spectrum for ``irfft``: the signs (-1)^k move the centre to the frame's middle.

    Args:
        acc: float32 [2 (re, im), bins].
        out: complex64 [>= bins], result. If it is longer (a transform zero-padded to a higher sample rate), the Nyquist
            bin becomes an ordinary one that counts twice, so it is halved. The bins beyond stay unchanged.
    """
    last = acc.shape[1] - 1
    for k in range(0, last + 1, 2):
        out[k] = complex(acc[0, k], acc[1, k])
    for k in range(1, last + 1, 2):
        out[k] = complex(-acc[0, k], -acc[1, k])
    if out.shape[0] > last + 1:
        out[last] *= _f(0.5)
