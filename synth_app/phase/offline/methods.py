"""Waveforms from whole magnitude spectrograms, by the methods that the literature compares."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth_app.phase.offline.heap import gradients_of, pghi, rtpghi
from synth_app.phase.offline.stft import Complexes, StftGrid, istft, stft
from synth_app.phase.spsi import spsi_add
from synth_app.phase.state import StereoSum, SweepState, new_state, prime, reset
from synth_app.phase.studio import STUDIO_ITERATIONS, studio_add
from synth_app.phase.studio_state import begin_from_silence, new_studio
from synth_app.phase.sweep import sweep_add, sweep_tonal_add
from synth_app.phase.tables import BLOCK_OCTAVES, Float32s, Float64s, KernelTables, phase_tables
from synth_app.spectrum.windows import window
from synth_app.support.errors import UserError

ITERATIONS = 100  # of Griffin-Lim
POLISH_ITERATIONS = 32  # of fast Griffin-Lim after PGHI
FAST_MOMENTUM = 0.99  # Perraudin, Balazs & Sondergaard 2013
_BLOCK = 2.0**-BLOCK_OCTAVES


@dataclass(frozen=True)
class Method:
    """One method of phase reconstruction.

    Attributes:
        description: one line for menus and reports.
        causal: True if it needs no later frame.
        solve: magnitudes [frames, bins], grid, seed -> zero-phase spectra, complex64 [frames, bins].
    """

    description: str
    causal: bool
    solve: Callable[[Float32s, StftGrid, int], Complexes]


def resynthesize(
    magnitudes: Float32s,
    grid: StftGrid,
    method: str = "live",
    *,
    seed: int = 0,
    phase_turns: Float64s | None = None,
    length: int | None = None,
) -> Float32s:
    """Return a waveform whose STFT magnitudes are close to the given ones.

    Args:
        magnitudes: [frames, bins], linear |X| of the grid's analysis (frame m centred at m * hop_length).
        grid: n_fft, hop_length and window, such as a ``FrameSpec``.
        method: a key of ``METHODS``, or "original" with ``phase_turns``.
        seed: of random phases and noise.
        phase_turns: [frames, bins], zero-phase phases for "original", e.g. ``angle(stft(audio)) / 2 pi``.
        length: of the synthesis window in samples, None for n_fft; live playing uses shorter ones.

    Returns:
        float32 [frames * hop_length].

    Raises:
        UserError: unknown method, wrong shape, values that are negative or not finite, or missing phases.
    """
    s = np.ascontiguousarray(magnitudes, dtype=np.float32)
    if s.ndim != 2 or s.shape[1] != grid.n_fft // 2 + 1:
        raise UserError(f"magnitudes of shape {s.shape} must be [frames, {grid.n_fft // 2 + 1}]")
    if not np.isfinite(s).all() or (s.size and s.min() < 0):
        raise UserError("magnitudes must be finite and at least 0; convert dB to linear amplitude first")
    if len(s) == 0:
        return np.zeros(0, dtype=np.float32)
    if method == "original":
        if phase_turns is None or phase_turns.shape != s.shape:
            raise UserError(f"method 'original' needs phase_turns of shape {s.shape}")
        return istft(_with_phase(s, phase_turns), grid, length)
    if method not in METHODS:
        raise UserError(f"unknown phase method {method!r}; choose one of {', '.join([*METHODS, 'original'])}")
    if method == "studio":  # its iterations depend on the synthesis window
        return istft(_studio(s, grid, seed, length), grid, length)
    return istft(METHODS[method].solve(s, grid, seed), grid, length)


def griffin_lim(magnitudes: Float32s, start: Complexes, grid: StftGrid, iterations: int, momentum: float) -> Complexes:
    """Run fast Griffin-Lim from given spectra (plain Griffin-Lim with momentum 0).

    Returns:
        complex64 [frames, bins] with the wanted magnitudes.
    """
    spectra, last = start, np.zeros_like(start)
    for _ in range(iterations):
        found = stft(istft(spectra, grid), grid, len(magnitudes))
        ahead = found + momentum * (found - last)
        last = found
        spectra = (magnitudes * (ahead / np.maximum(np.abs(ahead), 1e-20))).astype(np.complex64)
    return spectra


def _live(add: Callable[..., None]) -> Callable[[Float32s, StftGrid, int], Complexes]:
    """Make a solver that runs one of the live kernels over all frames."""

    def solve(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
        tables = phase_tables(grid.window, grid.n_fft, grid.hop_length).kernel
        state = _first_state(magnitudes, tables, seed)
        return _each_frame(magnitudes, lambda m, out: add(magnitudes[m], state, 0, tables, out))

    return solve


def _tonal(lookahead: bool) -> Callable[[Float32s, StftGrid, int], Complexes]:
    def solve(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
        tables = phase_tables(grid.window, grid.n_fft, grid.hop_length).kernel
        state = _first_state(magnitudes, tables, seed)
        last = len(magnitudes) - 1
        return _each_frame(
            magnitudes,
            lambda m, out: sweep_tonal_add(
                magnitudes[m], magnitudes[min(m + 1, last)], lookahead, state, 0, tables, out
            ),
        )

    return solve


def _studio(magnitudes: Float32s, grid: StftGrid, seed: int, length: int | None = None) -> Complexes:
    tables = phase_tables(grid.window, grid.n_fft, grid.hop_length)
    studio, kernel = new_studio(1, tables, length), tables.kernel
    state = new_state(1, magnitudes.shape[1])
    reset(state, 0, kernel, seed)
    begin_from_silence(studio, 0)
    return _each_frame(
        magnitudes,
        lambda m, out: studio_add(magnitudes[m], state, studio, 0, kernel, STUDIO_ITERATIONS, out),
    )


def _each_frame(magnitudes: Float32s, add: Callable[..., None]) -> Complexes:
    """Return the left channel's spectra [frames, bins] of ``add(m, out)``, where ``out`` is a ``StereoSum``."""
    out = np.empty(magnitudes.shape, dtype=np.complex64)
    one = np.float32(1)
    for m in range(len(magnitudes)):
        sums = np.zeros((2, 2, magnitudes.shape[1]), dtype=np.float32)
        add(m, StereoSum(one, one, sums[0], sums[1]))
        out[m] = sums[0, 0] + 1j * sums[0, 1]
    return out


def _first_state(magnitudes: Float32s, tables: KernelTables, seed: int) -> SweepState:
    state = new_state(1, magnitudes.shape[1])
    reset(state, 0, tables, seed)
    prime(magnitudes[0], state, 0, tables)
    return state


def _rtpghi(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
    tables = phase_tables(grid.window, grid.n_fft, grid.hop_length).kernel
    first = np.random.default_rng(seed).random(magnitudes.shape[1])
    return _with_phase(magnitudes, rtpghi(magnitudes, *gradients_of(magnitudes, tables), first, _BLOCK))


def _pghi(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
    tables = phase_tables(grid.window, grid.n_fft, grid.hop_length).kernel
    quiet = np.random.default_rng(seed).random(magnitudes.shape)
    return _with_phase(magnitudes, pghi(magnitudes, *gradients_of(magnitudes, tables), quiet, _BLOCK))


def _pghi_polished(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
    start = _pghi(magnitudes, grid, seed)
    return griffin_lim(magnitudes, start, grid, POLISH_ITERATIONS, FAST_MOMENTUM)


def _librosa(momentum: float) -> Callable[[Float32s, StftGrid, int], Complexes]:
    def solve(magnitudes: Float32s, grid: StftGrid, seed: int) -> Complexes:
        from synth_app.support.compiling.librosa_import import librosa  # slow to import, and only needed here

        wave = librosa.griffinlim(
            magnitudes.T,
            n_iter=ITERATIONS,
            hop_length=grid.hop_length,
            n_fft=grid.n_fft,
            window=window(grid.window, grid.n_fft),
            momentum=momentum,
            random_state=seed,
            pad_mode="constant",
        )
        return _with_phase(magnitudes, np.angle(stft(wave, grid, len(magnitudes))).astype(np.float64) / (2 * np.pi))

    return solve


def _with_phase(magnitudes: Float32s, turns: Float64s) -> Complexes:
    return (magnitudes * np.exp(2j * np.pi * turns)).astype(np.complex64)


METHODS: dict[str, Method] = {
    "live": Method("Sweep with noise split, as played live", True, _live(sweep_add)),
    "sweep": Method("Sweep without noise split", True, _tonal(False)),
    "sweep_lookahead": Method("Sweep without noise split, one frame of look-ahead", False, _tonal(True)),
    "studio": Method("Sweep with noise split, then iterations that fit frames to the output", True, _studio),
    "spsi": Method("Single-pass spectrogram inversion, as in the economy setting", True, _live(spsi_add)),
    "rtpghi": Method("Heap integration per frame, one frame of look-ahead", False, _rtpghi),
    "pghi": Method("Heap integration over the whole sound", False, _pghi),
    "pghi_fgl": Method("PGHI, then 32 iterations of fast Griffin-Lim", False, _pghi_polished),
    "griffinlim": Method("Griffin-Lim, 100 iterations from random phases", False, _librosa(0.0)),
    "fast_griffinlim": Method("Fast Griffin-Lim, 100 iterations from random phases", False, _librosa(FAST_MOMENTUM)),
}
