"""Sweep: the phases of one magnitude frame from the previous frame, in two linear passes, without look-ahead.

Sweep solves one frame of real-time phase gradient heap integration (Prusa & Sondergaard, "Real-time spectrogram
inversion using phase gradient heap integration", DAFx 2016) exactly, without a heap. In that method, every bin of the
current frame gets its phase along the path from the previous frame whose weakest magnitude is strongest. On a line of
bins, such a path is one step in time at some bin, then steps to one side only. The level at which it arrives obeys

    from_left[k] = max(previous[k], min(from_left[k-1], current[k-1]))        (mirrored: from_right)

and the phase follows in one forward and one backward pass:

    time step   phase[k] = old[k] + (advance_old[k] + advance[k]) / 2
    from left   phase[k] = phase[k-1] + (slope[k-1] + slope[k]) / 2           (mirrored: from right)

Bins far below the frame's maximum are blocked: no path enters them, and they step in time.

Phases are zero-phase (relative to the frame's centre) and stored as 32-bit integers; 2^32 is one turn.
Non-negative floats have the same order as their bits, so the passes compare integers. -1 is below every magnitude.
All kernels work on one voice (row) of a ``SweepState`` and allocate nothing.
"""

import numpy as np

from synth_app.phase.carry import clamp_down, clamp_up, propagate
from synth_app.phase.emit import emit
from synth_app.phase.gradients import (
    advance_gradient,
    apply_known_delta,
    follow_flux,
    sanitize,
    side_step,
    slope_causal,
    slope_lookahead,
    time_step,
)
from synth_app.phase.state import Scratch, StereoSum, SweepState, store_previous
from synth_app.phase.tables import Float32s, KernelTables
from synth_app.phase.tonality import peak_tonality, raise_to
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
    out: StereoSum,
) -> None:  # fmt: skip
    """Add the next frame of one voice, causal and with the noise split, to the lane's spectra.

    Args:
        mag: float32 [bins], linear magnitudes |X|; NaN, infinite and negative values are replaced.
        state: of all voices of the lane.
        voice: row of the state.
        tables: ``PhaseTables.kernel`` of the lane.
        out: spectra, added to. The tonal part is the same on both sides, the noise part is independent.
    """
    clean = state.scratch.clean
    sanitize(mag, clean)
    slope_causal(clean, state.magnitude[voice], tables, state.scratch.slope)
    advance_gradient(clean, tables, state.scratch.delta)
    apply_known_delta(state.known_delta[voice], state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    peak_tonality(clean, tables, state.scratch.delta, state.scratch, state.tonal[voice])
    raise_to(state.min_tonal[voice], state.tonal[voice])
    emit(clean, state, voice, tables, out)
    store_previous(clean, state, voice)


@public
def sweep_tonal_add(
    mag: Float32s, coming: Float32s, lookahead: bool, state: SweepState, voice: int, tables: KernelTables,
    out: StereoSum,
) -> None:  # fmt: skip
    """Add a frame without the noise split; ``coming`` is the next frame if ``lookahead``; others as ``sweep_add``."""
    clean, after = state.scratch.clean, state.scratch.coming
    sanitize(mag, clean)
    if lookahead:
        sanitize(coming, after)
        slope_lookahead(state.magnitude[voice], after, tables, state.scratch.slope)
    else:
        slope_causal(clean, state.magnitude[voice], tables, state.scratch.slope)
    advance_gradient(clean, tables, state.scratch.delta)
    apply_known_delta(state.known_delta[voice], state.scratch.delta)
    _pass(clean, state.magnitude[voice], state, voice, tables)
    state.tonal[voice, :] = _f(1)
    emit(clean, state, voice, tables, out)
    store_previous(clean, state, voice)


@internal
def _pass(s: Float32s, old: Float32s, state: SweepState, voice: int, tables: KernelTables) -> None:
    """Advance the voice's flux and phases by one frame; slope and delta are in the scratch."""
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
    """Return the magnitude, as bits, BLOCK_OCTAVES below the loudest of both frames; bins up to it are blocked."""
    loudest = floats(_f(0))
    for k in range(0, s.shape[0], WIDTH):
        loudest = max(loudest, max(load(s, k), load(old, k)))
    return max(greatest(bits(loudest)) - tables.block_bits, np.int32(0))


@internal
def paths(s: Float32s, old: Float32s, threshold: np.int32, scratch: Scratch) -> None:
    """Set -1 in ``from_below`` or ``from_above`` where a bin takes its phase from that neighbour.

    A bin with neither steps in time. ``left`` holds the level at which the best path arrives from below.
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
