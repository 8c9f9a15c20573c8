"""Evaluation of the modulation of one voice at one sample (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.envelope import adsr
from synth_app.engine.control.expression import PRESSURE, SLIDE, WHEEL
from synth_app.engine.control.lfo import DRAWN, DRAWN_STEPS, drawn_value, hash_random, lfo_value
from synth_app.engine.voices.latent_path import RELEASED, Voices
from synth_app.params import MACROS, PARAMS, SPECTRAL_HANDLES, param_index
from synth_app.patch.handle_curves import NODES, NODES_PER_SIDE, PIN_LEVELS, PIN_NODES
from synth_app.patch.modulation_matrix import ENVELOPES, LFOS, MAX_CONNECTIONS, MOD_SOURCES, MOD_TARGETS
from synth_app.patch.pad_grid import SIDE
from synth_app.support.kernels import internal, public

Float64s = NDArray[np.float64]

MORPH_BY, PAD_X_BY, PAD_Y_BY, GAIN_BY, PAN_BY, TILT_BY, FORMANT_BY, PITCH_BY, STYLE_BY, HANDLE_BY = range(10)
HANDLES = len(SPECTRAL_HANDLES)  # columns from ``HANDLE_BY`` on
BITE_BY, MOVEMENT_BY, CUTOFF_BY, RESONANCE_BY = range(HANDLE_BY + HANDLES, len(MOD_TARGETS))
LATENT_BY = len(MOD_TARGETS)  # column of the first latent dimension
ROWS = 2 * MAX_CONNECTIONS  # as many removed connections may still fade out
_ENV, _VELOCITY = LFOS, LFOS + ENVELOPES
_KEY, _RANDOM, _WHEEL, _PRESSURE, _SLIDE, _MACRO = range(_VELOCITY + 1, _VELOCITY + 7)  # macros are the last sources
_FIRST_MACRO = param_index(MACROS[0])
_MORPH = param_index("morph")
_MIDDLE_C, _KEYS = 60.0, 60.0
RATE, PHASE, FADE = range(3)
ATTACK, DECAY, SUSTAIN, RELEASE = range(4)


class ModState(NamedTuple):
    """Modulation of one instrument's voices.

    Attributes:
        shape: int32 [lfos]. free: bool [lfos], whether the LFO is the same for all voices.
        drawn: float64 [lfos, DRAWN_STEPS + 1], one cycle of each LFO's drawn shape.
        lfo: float64 [lfos, 3], cycles per sample, phase in turns, fade in s.
        envelope: float64 [envelopes, 4], attack, decay in s, sustain, release in s.
        cycles: float64 [lfos], cycles run by sample ``now``. now: int64 [1].
        origin: float64 [voices, lfos], cycles run when the voice began.
        source, via: int32 [rows], indices in MOD_SOURCES, -1 for no via. target: int32 [rows], column of ``value``.
        amount: float64 [rows]. row_count: int32 [1], rows in use.
        controllers: float64 [4, voices], as ``Expression.values``.
        pad_z: float32 [SIDE, SIDE, latent], latent vectors over the pad, as ``PadGrid``.
        pad_position: float64 [2], its cursor, 0 to 1.
        handle_curves: float32 [handles, NODES, latent + 1], as ``HandleCurves``.
        handle_steps: float64 [handles], what automation adds to the handles, in steps.
        pins: float32 [PIN_NODES, latent + PIN_LEVELS], as ``HandleCurves.pins``.
        pinned_at: float64 [1], the morph whose pins the offset holds already. pinned: bool [1], whether there are pins.
        params: float64 [parameters], smoothed; the macros are read.
        source_value: float64 [sources], scratch.
        value: float64 [voices, targets + latent], what is added to each voice; latent in the model's own units.
        seed: int64 [1], of the instrument.
    """

    shape: NDArray[np.int32]
    free: NDArray[np.bool_]
    drawn: Float64s
    lfo: Float64s
    envelope: Float64s
    cycles: Float64s
    now: NDArray[np.int64]
    origin: Float64s
    source: NDArray[np.int32]
    via: NDArray[np.int32]
    target: NDArray[np.int32]
    amount: Float64s
    row_count: NDArray[np.int32]
    controllers: Float64s
    pad_z: NDArray[np.float32]
    pad_position: Float64s
    handle_curves: NDArray[np.float32]
    handle_steps: Float64s
    pins: NDArray[np.float32]
    pinned_at: Float64s
    pinned: NDArray[np.bool_]
    params: Float64s
    source_value: Float64s
    value: Float64s
    seed: NDArray[np.int64]


def new_mod_state(voices: int, latent_size: int, seed: int) -> ModState:
    """Return a state without connections, over a pad of zeros."""
    i32 = np.int32
    return ModState(
        shape=np.zeros(LFOS, i32), free=np.zeros(LFOS, np.bool_),
        drawn=np.zeros((LFOS, DRAWN_STEPS + 1)), lfo=np.zeros((LFOS, 3)),
        envelope=np.ones((ENVELOPES, 4)), cycles=np.zeros(LFOS), now=np.zeros(1, np.int64),
        origin=np.zeros((voices, LFOS)),
        source=np.zeros(ROWS, i32), via=np.zeros(ROWS, i32), target=np.zeros(ROWS, i32), amount=np.zeros(ROWS),
        row_count=np.zeros(1, i32), controllers=np.zeros((4, voices)),
        pad_z=np.zeros((SIDE, SIDE, latent_size), np.float32), pad_position=np.full(2, 0.5),
        handle_curves=np.zeros((HANDLES, NODES, latent_size + 1), np.float32), handle_steps=np.zeros(HANDLES),
        pins=np.zeros((PIN_NODES, latent_size + PIN_LEVELS), np.float32), pinned_at=np.zeros(1),
        pinned=np.zeros(1, np.bool_),
        params=np.zeros(len(PARAMS)), source_value=np.zeros(len(MOD_SOURCES)),
        value=np.zeros((voices, LATENT_BY + latent_size)), seed=np.array([seed], np.int64),
    )  # fmt: skip


@internal
def _source_value(mods: ModState, voices: Voices, v: int, time: int, rate: float, which: int) -> float:
    """Return the value of source ``which`` for voice ``v`` at sample ``time``."""
    elapsed_s = max(time - voices.start[v], 0) / rate
    if which < _ENV:
        run = mods.cycles[which] + mods.lfo[which, RATE] * (time - mods.now[0])
        seed = mods.seed[0] * 64 + which
        if not mods.free[which]:
            run = max(run - mods.origin[v, which], 0.0)
            seed += (voices.serial[v] + 1) * 4096
        depth = min(elapsed_s / mods.lfo[which, FADE], 1.0) if mods.lfo[which, FADE] > 0.0 else 1.0
        if mods.shape[which] == DRAWN:
            return depth * drawn_value(mods.drawn[which], run + mods.lfo[which, PHASE])
        return depth * lfo_value(mods.shape[which], run + mods.lfo[which, PHASE], seed)
    if which < _VELOCITY:
        e = mods.envelope[which - _ENV]
        released_s = (time - voices.released[v]) / rate if voices.stage[v] == RELEASED else -1.0
        return adsr(elapsed_s, released_s, e[ATTACK], e[DECAY], e[SUSTAIN], e[RELEASE])
    if which == _VELOCITY:
        return voices.velocity[v]
    if which == _KEY:
        return (voices.key[v] - _MIDDLE_C) / _KEYS
    if which == _RANDOM:
        return hash_random(mods.seed[0] * 64 + 32, voices.serial[v])
    if which >= _MACRO:
        return mods.params[_FIRST_MACRO + which - _MACRO]
    row = WHEEL if which == _WHEEL else PRESSURE if which == _PRESSURE else SLIDE
    return mods.controllers[row, v]


@internal
def bounded(value: float, by: float) -> float:
    """Return a value between 0 and 1 after modulation, kept in this range."""
    return min(max(value + by, 0.0), 1.0)


@internal
def _add_pad_latent(pad_z: NDArray[np.float32], x: float, y: float, factor: float, value: Float64s) -> None:
    """Add the pad's latent vector at (x, y), interpolated bilinearly, times ``factor``."""
    across, up = x * (SIDE - 1), y * (SIDE - 1)
    i, j = min(int(across), SIDE - 2), min(int(up), SIDE - 2)
    f, g = across - i, up - j
    for d in range(pad_z.shape[2]):
        low = pad_z[j, i, d] + f * (pad_z[j, i + 1, d] - pad_z[j, i, d])
        high = pad_z[j + 1, i, d] + f * (pad_z[j + 1, i + 1, d] - pad_z[j + 1, i, d])
        value[LATENT_BY + d] += factor * (low + g * (high - low))


@internal
def _add_handle(curve: NDArray[np.float32], steps: float, value: Float64s) -> None:
    """Add what a handle's curve [NODES, latent + 1] holds at ``steps``, interpolated linearly; it ends at its ends."""
    at = min(max(steps + NODES_PER_SIDE, 0.0), float(NODES - 1))
    i = min(int(at), NODES - 2)
    f = at - i
    size = curve.shape[1] - 1
    for d in range(size):
        value[LATENT_BY + d] += curve[i, d] + f * (curve[i + 1, d] - curve[i, d])
    value[GAIN_BY] += curve[i, size] + f * (curve[i + 1, size] - curve[i, size])


@internal
def _add_pins(pins: NDArray[np.float32], morph: float, factor: float, value: Float64s) -> None:
    """Add what the pins hold at a morph, 0-1, interpolated linearly, times ``factor``."""
    at = morph * (PIN_NODES - 1)
    i = min(int(at), PIN_NODES - 2)
    f = at - i
    size = pins.shape[1] - PIN_LEVELS
    for d in range(size):
        value[LATENT_BY + d] += factor * (pins[i, d] + f * (pins[i + 1, d] - pins[i, d]))
    for level, column in enumerate((GAIN_BY, BITE_BY, MOVEMENT_BY)):
        d = size + level
        value[column] += factor * (pins[i, d] + f * (pins[i + 1, d] - pins[i, d]))


@internal
def modulate(mods: ModState, voices: Voices, v: int, time: int, rate: float) -> None:
    """Set ``mods.value[v]`` for sample ``time``; ``rate`` is in Hz."""
    value = mods.value[v]
    value[:] = 0.0
    if mods.row_count[0] > 0:
        _connect(mods, voices, v, time, rate)
    for h in range(HANDLES):
        steps = value[HANDLE_BY + h] + mods.handle_steps[h]
        if steps != 0.0:
            _add_handle(mods.handle_curves[h], steps, value)
    if mods.pinned[0]:
        morph = bounded(mods.params[_MORPH], value[MORPH_BY])
        _add_pins(mods.pins, morph, 1.0, value)
        _add_pins(mods.pins, mods.pinned_at[0], -1.0, value)


@internal
def _connect(mods: ModState, voices: Voices, v: int, time: int, rate: float) -> None:
    """Add what all connections add, the pad's moves included, to ``mods.value[v]``."""
    value, n = mods.value[v], mods.row_count[0]
    mods.source_value[:] = np.nan
    for i in range(n):
        for which in (mods.source[i], mods.via[i]):
            if which >= 0 and np.isnan(mods.source_value[which]):
                mods.source_value[which] = _source_value(mods, voices, v, time, rate, which)
        scale = mods.source_value[mods.via[i]] if mods.via[i] >= 0 else 1.0
        value[mods.target[i]] += mods.amount[i] * mods.source_value[mods.source[i]] * scale
    if value[PAD_X_BY] != 0.0 or value[PAD_Y_BY] != 0.0:
        x, y = mods.pad_position[0], mods.pad_position[1]
        _add_pad_latent(mods.pad_z, x, y, -1.0, value)
        _add_pad_latent(mods.pad_z, bounded(x, value[PAD_X_BY]), bounded(y, value[PAD_Y_BY]), 1.0, value)


@public
def modulated(mods: ModState, voices: Voices, v: int, time: int, rate: float) -> Float64s:
    """Return ``mods.value[v]`` for sample ``time``, float64 [targets + latent]; the next call overwrites it."""
    modulate(mods, voices, v, time, rate)
    return mods.value[v]
