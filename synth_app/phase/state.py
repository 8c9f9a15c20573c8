"""State of the voices of one frame grid between frames, as named tuples of arrays for compiled code."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.phase.gradients import UNKNOWN, advance_gradient, apply_known_delta, sanitize
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.phase.vectors import WIDTH, load, store
from synth_app.support.kernels import internal, public

_f = np.float32


class Scratch(NamedTuple):
    """Work rows [bins] of one thread; their content does not outlive a call."""

    clean: Float32s
    coming: Float32s
    slope: Float32s
    delta: Float32s
    reach: Float32s
    left: Int32s
    right: Int32s
    from_below: Int32s
    from_above: Int32s
    time: Int32s
    side: Int32s
    levels: Float32s


class StereoSum(NamedTuple):
    """Spectra that the frames of a lane's voices are added to, and the gains of the present voice.

    Attributes:
        gain_left, gain_right: linear gains of the channels.
        left, right: float32 [2, bins], zero-phase real and imaginary parts.
    """

    gain_left: np.float32
    gain_right: np.float32
    left: Float32s
    right: Float32s


class SweepState(NamedTuple):
    """State of all voices, one row each, and their common scratch; one thread works on a state at a time.

    Attributes:
        magnitude: float32 [voices, bins], the previous frame.
        phase: int32 [voices, bins], of the previous frame, 2^32 per turn.
        delta: float32 [voices, bins], distance in bins from each bin to the sine that the frame shows there.
        flux: float32 [voices, bins], smoothed relative change per hop.
        tonal: float32 [voices, bins], fraction explained by spectral peaks, 0-1.
        bin_gain: float32 [voices, bins], linear gain after the phase, of voices with ``has_bin_gain``.
        has_bin_gain: bool [voices].
        known_delta: float32 [voices, bins], like ``delta`` for the coming frame where the caller knows it; at all other
            bins ``UNKNOWN``, and estimated from the frame.
        min_tonal: float32 [voices, bins], least tonal fraction of the coming frame, 0-1; 0 unless the caller sets it.
        max_tonal: float32 [voices, bins], greatest tonal weight of bins that do not change; 1 unless the caller knows
            how much noise there is.
        noise_index: int32 [voices, 2], noise table row, left and right.
        scratch: work rows, shared by all voices.
    """

    magnitude: Float32s
    phase: Int32s
    delta: Float32s
    flux: Float32s
    tonal: Float32s
    bin_gain: Float32s
    has_bin_gain: NDArray[np.bool_]
    known_delta: Float32s
    min_tonal: Float32s
    max_tonal: Float32s
    noise_index: Int32s
    scratch: Scratch


def new_state(n_voices: int, bins: int) -> SweepState:
    """Allocate the state of ``n_voices`` voices with ``bins`` bins; ``reset`` a voice before it sounds."""
    f32, i32, shape = np.float32, np.int32, (n_voices, bins)
    kinds = [i32 if kind == Int32s else f32 for kind in Scratch.__annotations__.values()]
    return SweepState(
        magnitude=np.zeros(shape, f32),
        phase=np.zeros(shape, i32),
        delta=np.zeros(shape, f32),
        flux=np.zeros(shape, f32),
        tonal=np.zeros(shape, f32),
        bin_gain=np.ones(shape, f32),
        has_bin_gain=np.zeros(n_voices, np.bool_),
        known_delta=np.full(shape, UNKNOWN),
        min_tonal=np.full(shape, f32(0)),
        max_tonal=np.ones(shape, f32),
        noise_index=np.zeros((n_voices, 2), i32),
        scratch=Scratch._make(np.zeros(bins, kind) for kind in kinds),
    )


@public
def reset(state: SweepState, voice: int, tables: KernelTables, seed: int) -> None:
    """Reset a voice: silence as previous frame, phases and noise rows that depend on ``seed`` alone."""
    word = np.uint64(seed)
    phase = state.phase[voice]
    for k in range(phase.shape[0]):
        word += np.uint64(0x9E3779B97F4A7C15)  # splitmix64 (Steele, Lea & Flood 2014)
        mixed = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        phase[k] = np.int32(np.uint32(mixed >> np.uint64(32)))
    rows = tables.noise.shape[0]
    left = np.int64(phase[1] & 0x7FFFFFFF) % rows
    # The right channel reads at least a quarter of the table away from the left.
    right = (left + rows // 4 + np.int64(phase[2] & 0x7FFFFFFF) % (rows // 2)) % rows
    state.noise_index[voice, 0] = left
    state.noise_index[voice, 1] = right
    state.magnitude[voice, :] = _f(0)
    state.delta[voice, :] = _f(0)
    state.flux[voice, :] = _f(0)
    state.has_bin_gain[voice] = False
    state.known_delta[voice, :] = UNKNOWN
    state.min_tonal[voice, :] = _f(0)
    state.max_tonal[voice, :] = _f(1)


@public
def prime(mag: Float32s, state: SweepState, voice: int, tables: KernelTables) -> None:
    """Set ``mag`` [bins] as the previous frame too, so that a note starts as if it had been held before."""
    clean = state.scratch.clean
    sanitize(mag, clean)
    advance_gradient(clean, tables, state.delta[voice])
    apply_known_delta(state.known_delta[voice], state.delta[voice])
    copy_row(clean, state.magnitude[voice])
    state.flux[voice, :] = _f(0)


@internal
def store_previous(clean: Float32s, state: SweepState, voice: int) -> None:
    """Store the finished frame, and its ``delta`` in the scratch, as the previous frame."""
    copy_row(clean, state.magnitude[voice])
    copy_row(state.scratch.delta, state.delta[voice])


@internal
def copy_row(source: Float32s, target: Float32s) -> None:
    """Copy a row [bins]; a slice assignment would allocate to check whether the rows overlap."""
    for k in range(0, target.shape[0], WIDTH):
        store(target, k, load(source, k))
