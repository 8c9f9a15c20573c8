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
Non-negative floats order like their bits, so the passes compare integers, of which -1 is below every magnitude.
All kernels work on one voice (row) of a ``SweepState`` and allocate nothing.
"""

import numpy as np

from synth_app.phase.carry import clamp_down, clamp_up, propagate
from synth_app.phase.emit import emit
from synth_app.phase.gradients import (
    advance_gradient,
    follow_course,
    follow_flux,
    sanitize,
    side_step,
    slope_causal,
    slope_lookahead,
    time_step,
)
from synth_app.phase.state import Scratch, SweepState, remember
from synth_app.phase.tables import Float32s, KernelTables
from synth_app.phase.tonality import at_least, peak_tonality
from synth_app.phase.vectors import (
    WIDTH,
    bits,
    first,
    floats,
    greatest,
    ints,
    last,
    load,
    select,
    shift_down,
    shift_up,
    store,
    to_mask,
)
from synth_app.support.kernels import internal, public

_f = np.float32
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
    follow_course(state.course[voice], state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    peak_tonality(clean, tables, state.scratch.delta, state.scratch, state.tonal[voice])
    at_least(state.pure[voice], state.tonal[voice])
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
    follow_course(state.course[voice], state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    state.tonal[voice, :] = _f(1)
    emit(clean, state, voice, tables, gain_l, gain_r, acc_l, acc_r)
    remember(clean, state, voice)


@internal
def _pass(s: Float32s, old: Float32s, state: SweepState, voice: int, tables: KernelTables) -> None:
    """Move the voice's flux and phases on by one frame; slope and delta are in the scratch."""
    scratch, phase = state.scratch, state.phase[voice]
    follow_flux(s, old, tables, state.flux[voice])
    paths(s, old, block_threshold(s, old, tables), scratch)
    time_step(phase, scratch.delta, state.delta[voice], tables, scratch.time)
    side_step(scratch.slope, scratch.side)
    propagate(scratch, phase)
    phase[0] = 0
    phase[-1] = 0


@internal
def block_threshold(s: Float32s, old: Float32s, tables: KernelTables) -> np.int32:
    """Magnitude, as bits, BLOCK_OCTAVES below the loudest of both frames; bins up to it are blocked."""
    loudest = floats(_f(0))
    for k in range(0, s.shape[0], WIDTH):
        loudest = max(loudest, max(load(s, k), load(old, k)))
    return max(greatest(bits(loudest)) - tables.block_bits, np.int32(0))


@internal
def paths(s: Float32s, old: Float32s, threshold: np.int32, scratch: Scratch) -> None:
    """-1 in ``from_below`` or ``from_above`` where a bin takes its phase from there; where neither, from its own past.

    The level at which the best path arrives from below is in ``left``.
    """
    left, from_below, from_above, n = scratch.left, scratch.from_below, scratch.from_above, s.shape[0]
    arriving, beside = ints(_BLOCKED), ints(_BLOCKED)
    for k in range(0, n, WIDTH):
        x = bits(load(s, k))
        level = select(x > threshold, x, _BLOCKED)
        value = clamp_up(shift_up(beside, level, 1), bits(load(old, k)), arriving)
        store(left, k, value)
        arriving, beside = last(value), level
    arriving, beside = ints(_BLOCKED), ints(_BLOCKED)
    for k in range((n - 1) // WIDTH * WIDTH, -1, -WIDTH):
        x, was = bits(load(s, k)), bits(load(old, k))
        level = select(x > threshold, x, _BLOCKED)
        right = clamp_down(shift_down(level, beside, 1), was, arriving)
        below = load(left, k)
        led = to_mask((max(below, right) > was) & (x > threshold))
        stronger = to_mask(below >= right)
        store(from_below, k, led & stronger)
        store(from_above, k, led & ~stronger)
        arriving, beside = first(right), level
