"""Sweep: the phase of one magnitude frame from the previous one, in two linear passes, without look-ahead.

It solves one frame of real-time phase gradient heap integration (Prusa & Sondergaard, "Real-time spectrogram
inversion using phase gradient heap integration", DAFx 2016) exactly, but without a heap. There every bin of
the current frame gets its phase over the path from the previous frame whose weakest magnitude is strongest.
On a line of bins such a path is one step in time at some bin and then steps to one side only, so the level
it arrives with obeys

    from_left[k] = max(previous[k], min(from_left[k-1], current[k-1]))        (mirrored: from_right)

and the phase follows in one forward and one backward pass:

    time step   phase[k] = old[k] + (advance_old[k] + advance[k]) / 2
    from left   phase[k] = phase[k-1] + (slope[k-1] + slope[k]) / 2           (mirrored: from right)

Bins far below the frame's maximum are blocked: no path enters them, they step in time.

Phases are zero-phase (referred to the frame's centre) and kept as 32-bit integers, 2^32 being one turn.
Non-negative floats order like their bits, so the passes compare integers, which is several times faster.
All kernels work on one voice (row) of a ``SweepState`` and allocate nothing.
"""

import numpy as np

from synth_app.kernels import internal, public
from synth_app.phase.carry import propagate
from synth_app.phase.emit import emit
from synth_app.phase.gradients import (
    advance_gradient,
    follow_flux,
    sanitize,
    side_step,
    slope_causal,
    slope_lookahead,
    time_step,
)
from synth_app.phase.state import SweepState, copy_row, remember
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.phase.tonality import peak_tonality

_f = np.float32
_NONE = np.int32(0)
_BLOCKED = np.int32(-1)  # below every magnitude's bits


@public
def sweep_add(
    mag: Float32s, state: SweepState, voice: int, tables: KernelTables,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """Next frame of one voice, causal, with the noise split, added to the lane's spectra.

    Args:
        mag: float32 [bins], linear magnitudes |X|; NaN, infinite and negative values are made safe.
        state: of all voices of the lane.
        voice: row of the state.
        tables: ``PhaseTables.kernel`` of the lane.
        gain_l, gain_r: linear gain of the left and right channel.
        acc_l, acc_r: float32 [2, bins], zero-phase real and imaginary parts, added to. The tonal part is the
            same on both sides, the noise part independent.
    """
    clean = state.scratch.clean
    sanitize(mag, clean)
    slope_causal(clean, state.magnitude[voice], tables, state.scratch.slope)
    advance_gradient(clean, tables, state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    peak_tonality(clean, tables, state.scratch.delta, state.scratch, state.tonal[voice])
    emit(clean, state, voice, tables, gain_l, gain_r, acc_l, acc_r)
    remember(clean, state, voice)


@public
def sweep_tonal_add(
    mag: Float32s, coming: Float32s, lookahead: bool, state: SweepState, voice: int, tables: KernelTables,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """As ``sweep_add`` without the noise split; with ``lookahead``, ``coming`` [bins] is the next frame."""
    clean, after = state.scratch.clean, state.scratch.coming
    sanitize(mag, clean)
    if lookahead:
        sanitize(coming, after)
        slope_lookahead(state.magnitude[voice], after, tables, state.scratch.slope)
    else:
        slope_causal(clean, state.magnitude[voice], tables, state.scratch.slope)
    advance_gradient(clean, tables, state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    state.tonal[voice, :] = _f(1)
    emit(clean, state, voice, tables, gain_l, gain_r, acc_l, acc_r)
    remember(clean, state, voice)


@public
def hold_add(
    state: SweepState, voice: int, tables: KernelTables,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """Next frame of a voice whose magnitudes did not change: what ``sweep_add`` gives, at a third of the cost.

    In a held frame slopes are 0, every bin takes the phase of the bin its path started from, and so turns
    by that bin's advance. The first call does the passes and notes it, later ones only turn.
    """
    s = state.magnitude[voice]
    if state.held[voice]:
        follow_flux(s, s, tables, state.flux[voice])
        phase, rotation = state.phase[voice], state.rotation[voice]
        for k in range(phase.shape[0]):
            phase[k] += rotation[k]
    else:
        state.scratch.slope[:] = _f(0)
        copy_row(state.delta[voice], state.scratch.delta)
        _pass(s, s, state, voice, tables)
        _note_rotation(state, voice, tables)
        peak_tonality(s, tables, state.scratch.delta, state.scratch, state.tonal[voice])
    emit(s, state, voice, tables, gain_l, gain_r, acc_l, acc_r)


@internal
def _pass(s: Float32s, old: Float32s, state: SweepState, voice: int, tables: KernelTables) -> None:
    """Move the voice's flux and phases on by one frame; slope and delta are in the scratch."""
    follow_flux(s, old, tables, state.flux[voice])
    scratch, phase = state.scratch, state.phase[voice]
    old_bits = old.view(np.int32)
    levels(s.view(np.int32), old_bits, tables, scratch.level)
    arrivals(old_bits, scratch.level, scratch.left, scratch.right)
    directions(old_bits, scratch.level, scratch.left, scratch.right, scratch.from_below, scratch.from_above)
    time_step(phase, scratch.delta, state.delta[voice], tables, scratch.time)
    side_step(scratch.slope, scratch.side)
    propagate(scratch, phase)
    phase[0] = 0
    phase[-1] = 0


@internal
def _note_rotation(state: SweepState, voice: int, tables: KernelTables) -> None:
    """Advance per hop of every bin of a held frame: that of the bin where its path began."""
    scratch, rotation = state.scratch, state.rotation[voice]
    scratch.side[:] = 0
    rotation[:] = 0
    delta = state.delta[voice]
    time_step(rotation, delta, delta, tables, scratch.time)
    propagate(scratch, rotation)
    rotation[0] = 0
    rotation[-1] = 0
    state.held[voice] = 1


@internal
def levels(s: Int32s, old: Int32s, tables: KernelTables, level: Int32s) -> None:
    """Magnitudes (as bits) with those BLOCK_OCTAVES below the loudest of both frames marked as blocked."""
    loudest = _NONE
    for k in range(s.shape[0]):
        louder = s[k] if s[k] > old[k] else old[k]
        loudest = louder if louder > loudest else loudest
    quieter = loudest - tables.block_bits
    threshold = quieter if quieter > _NONE else _NONE
    for k in range(s.shape[0]):
        level[k] = s[k] if s[k] > threshold else _BLOCKED


@internal
def _higher(a: np.int32, b: np.int32) -> np.int32:
    return a if a > b else b


@internal
def _lower(a: np.int32, b: np.int32) -> np.int32:
    return a if a < b else b


@internal
def arrivals(old: Int32s, level: Int32s, left: Int32s, right: Int32s) -> None:
    """Level at which the best path arrives from either side; both directions in one loop hide latency."""
    from_left = _BLOCKED
    from_right = _BLOCKED
    below = _BLOCKED
    above = _BLOCKED
    j: int = old.shape[0]
    for k in range(old.shape[0]):
        from_left = _higher(_lower(from_left, below), old[k])
        below = level[k]
        left[k] = from_left
        j -= 1
        from_right = _higher(_lower(from_right, above), old[j])
        above = level[j]
        right[j] = from_right


@internal
def directions(old: Int32s, level: Int32s, left: Int32s, right: Int32s, from_below: Int32s, from_above: Int32s) -> None:
    """-1 where a bin takes its phase from the bin below, or above; where neither, from its own past."""
    for k in range(old.shape[0]):
        led = (max(left[k], right[k]) > old[k]) & (level[k] != _BLOCKED)
        from_below[k] = np.int32(-1) if led & (left[k] >= right[k]) else np.int32(0)
        from_above[k] = np.int32(-1) if led & (left[k] < right[k]) else np.int32(0)
