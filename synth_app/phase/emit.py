"""Magnitude and phase of one voice to complex spectra, mixed with noise and added to the lane's sums."""

import numpy as np

from synth_app.kernels import internal, internal_fast, public, public_fast
from synth_app.phase.state import SweepState
from synth_app.phase.tables import BASS_BINS, Float32s, Int32s, KernelTables

_f = np.float32
_PER_TURN32 = _f(2.0**-32)
# sin(2 pi v) for |v| <= 1/4 turn: minimax odd polynomial, error below 6e-7
_S1, _S3, _S5, _S7 = _f(6.28316404), _f(-41.33714237), _f(81.34076881), _f(-70.99343258)


@internal_fast
def sine_quarter(v: np.float32) -> np.float32:
    """sin(2 pi v) for v in [-1/4, 1/4] turns, error below 6e-7."""
    v2 = v * v
    return v * (_S1 + v2 * (_S3 + v2 * (_S5 + v2 * _S7)))


@internal
def emit(
    s: Float32s, state: SweepState, voice: int, tables: KernelTables,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """Add gain * bin_gain * s (a e^{j phase} + sqrt(1 - a^2) G) to both channels, G apart left and right.

    The share a is the greater of the peaks' share and of the flux gate. Many short loops over few rows:
    with more rows the compiler gives up proving that they do not overlap, and does not vectorise.
    """
    scratch, rows, noise = state.scratch, state.noise_index[voice], tables.noise
    share, tone, hiss = scratch.share, scratch.tone, scratch.hiss
    real, imag = scratch.real, scratch.imag
    tonal_share(state.flux[voice], state.tonal[voice], tables, share)
    split(s, state.bin_gain[voice], share, tone, hiss)
    polar(state.phase[voice], tone, real, imag)
    for side in range(2):
        rows[side] = (rows[side] + 1) % noise.shape[0]
    mix(acc_l[0], gain_l, real, hiss, noise[rows[0], 0])
    mix(acc_l[1], gain_l, imag, hiss, noise[rows[0], 1])
    mix(acc_r[0], gain_r, real, hiss, noise[rows[1], 0])
    mix(acc_r[1], gain_r, imag, hiss, noise[rows[1], 1])


@internal_fast
def tonal_share(flux: Float32s, tonal: Float32s, tables: KernelTables, share: Float32s) -> None:
    """Greatest of the peaks' share, a smooth step of the flux, averaged over three bins, and the bass rule.

    The partials of a bass are not resolved and hardly stand out as peaks, and no noise that matters is
    there: the lowest BASS_BINS count as tonal, and from there on less and less up to twice that.
    """
    last = flux.shape[0] - 1
    per_bin = _f(1 / BASS_BINS)
    scale = _f(1) / tables.flux_range
    share[0] = _f(1)
    share[last] = _f(1)
    for k in range(1, last):
        gate = ((flux[k - 1] + flux[k] + flux[k + 1]) * _f(1 / 3) - tables.flux_low) * scale
        gate = min(max(gate, _f(0)), _f(1))
        bass = min(max(_f(2) - _f(k) * per_bin, _f(0)), _f(1))
        share[k] = max(gate * gate * (_f(3) - _f(2) * gate), max(tonal[k], bass))


@public_fast
def split(s: Float32s, bin_gain: Float32s, share: Float32s, tone: Float32s, hiss: Float32s) -> None:
    """Magnitude into a tonal and a noise part of the same total power."""
    for k in range(s.shape[0]):
        level = s[k] * bin_gain[k]
        a = share[k]
        tone[k] = level * a
        hiss[k] = level * np.sqrt(_f(1) - a * a)


@internal_fast
def polar(phase: Int32s, magnitude: Float32s, real: Float32s, imag: Float32s) -> None:
    """Magnitude and phase (2^32 per turn) to real and imaginary parts."""
    for k in range(phase.shape[0]):
        turn = _f(phase[k]) * _PER_TURN32  # [-1/2, 1/2]
        size = abs(turn)
        folded = turn if size <= _f(0.25) else np.copysign(_f(0.5), turn) - turn
        real[k] = magnitude[k] * sine_quarter(_f(0.25) - size)
        imag[k] = magnitude[k] * sine_quarter(folded)


@internal_fast
def mix(acc: Float32s, gain: np.float32, tone: Float32s, hiss: Float32s, noise: Float32s) -> None:
    """acc += gain (tone + hiss noise)."""
    g = _f(gain)
    for k in range(acc.shape[0]):
        acc[k] += g * (tone[k] + hiss[k] * noise[k])


@public
def to_irfft(acc: Float32s, out: np.ndarray) -> None:
    """Summed zero-phase spectrum to what irfft takes: sign (-1)^k moves the centre to the frame's middle.

    ``out`` is complex64 [>= bins]; when it is longer (a transform zero-padded to a higher sample rate) the
    Nyquist bin becomes an ordinary one, counted twice, and is halved. Bins beyond are left as they are.
    """
    last = acc.shape[1] - 1
    for k in range(0, last + 1, 2):
        out[k] = complex(acc[0, k], acc[1, k])
    for k in range(1, last + 1, 2):
        out[k] = complex(-acc[0, k], -acc[1, k])
    if out.shape[0] > last + 1:
        out[last] *= _f(0.5)
