"""What the voices of one frame grid remember between frames, as arrays that compiled code takes as they are."""

from typing import NamedTuple

import numpy as np

from synth_app.phase.gradients import UNKNOWN, advance_gradient, follow_course, sanitize
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.phase.vectors import WIDTH, load, store
from synth_app.support.kernels import internal, public

_f = np.float32


class Scratch(NamedTuple):
    """Work rows [bins] of one thread; nothing in them outlives a call."""

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


class SweepState(NamedTuple):
    """One row per voice, and scratch that the voices share (one thread works on a state at a time).

    Attributes:
        magnitude: float32 [voices, bins], the previous frame.
        phase: int32 [voices, bins], of the previous frame, 2^32 per turn.
        delta: float32 [voices, bins], distance in bins to the sine seen at each bin.
        flux: float32 [voices, bins], smoothed relative change per hop.
        tonal: float32 [voices, bins], share explained by spectral peaks, 0-1.
        bin_gain: float32 [voices, bins], linear gain after the phase; 1 unless the caller writes it.
        course: float32 [voices, bins], distance in bins to the sine that the caller knows to be at a bin of the coming
            frame; ``UNKNOWN``, and found from the frame, unless the caller writes it.
        pure: float32 [voices, bins], least tonal share of the coming frame, 0-1; 0 unless the caller writes it.
        noise_index: int32 [voices, 2], noise table row, left and right.
        scratch: work rows, shared by all voices.
    """

    magnitude: Float32s
    phase: Int32s
    delta: Float32s
    flux: Float32s
    tonal: Float32s
    bin_gain: Float32s
    course: Float32s
    pure: Float32s
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
        course=np.full(shape, UNKNOWN),
        pure=np.full(shape, f32(0)),
        noise_index=np.zeros((n_voices, 2), i32),
        scratch=Scratch._make(np.zeros(bins, kind) for kind in kinds),
    )


@public
def reset(state: SweepState, voice: int, tables: KernelTables, seed: int) -> None:
    """Forget the past: silence as previous frame; random phases and noise rows, functions of ``seed`` alone."""
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
    state.bin_gain[voice, :] = _f(1)
    state.course[voice, :] = UNKNOWN
    state.pure[voice, :] = _f(0)


@public
def prime(mag: Float32s, state: SweepState, voice: int, tables: KernelTables) -> None:
    """Pretend that ``mag`` [bins] was the previous frame too, so that a note starts as if already held."""
    clean = state.scratch.clean
    sanitize(mag, clean)
    advance_gradient(clean, tables, state.delta[voice])
    follow_course(state.course[voice], state.delta[voice])
    copy_row(clean, state.magnitude[voice])
    state.flux[voice, :] = _f(0)


@internal
def remember(clean: Float32s, state: SweepState, voice: int) -> None:
    """Make the frame just done, and its advance in the scratch, the previous frame."""
    copy_row(clean, state.magnitude[voice])
    copy_row(state.scratch.delta, state.delta[voice])


@internal
def copy_row(source: Float32s, target: Float32s) -> None:
    """Copy [bins]; a slice assignment would allocate while it makes sure that the rows do not overlap."""
    for k in range(0, target.shape[0], WIDTH):
        store(target, k, load(source, k))
