"""What modulation does to one voice at one moment (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.expression import PRESSURE, SLIDE, WHEEL
from synth_app.engine.control.lfo import adsr, chance, lfo_value
from synth_app.engine.voices.latent_path import RELEASED, Voices
from synth_app.patch.modulation_matrix import ENVELOPES, LFOS, MAX_CONNECTIONS, MOD_SOURCES, MOD_TARGETS
from synth_app.patch.pad_grid import SIDE
from synth_app.support.kernels import internal, public

Float64s = NDArray[np.float64]

MORPH_BY, PAD_X_BY, PAD_Y_BY, GAIN_BY, PAN_BY, TILT_BY, FORMANT_BY, PITCH_BY = range(len(MOD_TARGETS))
LATENT_BY = len(MOD_TARGETS)  # column of the first latent dimension
ROWS = 2 * MAX_CONNECTIONS  # as many may still be fading out
_ENV, _VELOCITY = LFOS, LFOS + ENVELOPES
_KEY, _RANDOM, _WHEEL, _PRESSURE = range(_VELOCITY + 1, _VELOCITY + 5)  # the slide is what is left
_MIDDLE_C, _KEYS = 60.0, 60.0
RATE, PHASE, FADE = range(3)
ATTACK, DECAY, SUSTAIN, RELEASE = range(4)


class ModState(NamedTuple):
    """Everything that moves the voices of one rig.

    Attributes:
        shape: int32 [lfos]. free: bool [lfos], whether it is the same for all voices.
        lfo: float64 [lfos, 3], cycles per sample, phase in turns, fade in s.
        envelope: float64 [envelopes, 4], attack, decay in s, sustain, release in s.
        cycles: float64 [lfos], run by sample ``now``; now: int64 [1].
        origin: float64 [voices, lfos], cycles run when the voice began.
        source, via, target: int32 [rows]: places in MOD_SOURCES, -1 for no via; column of ``value``.
        amount: float64 [rows]. used: int32 [1], rows in use.
        hands: float64 [4, voices], as ``Expression.values``.
        surface: float32 [SIDE, SIDE, latent], codes all over the pad, as ``PadGrid``; at: float64 [2], its cursor.
        heard: float64 [sources], scratch.
        value: float64 [voices, targets + latent], what is added now; latent in the model's own units.
        seed: int64 [1], of the rig.
    """

    shape: NDArray[np.int32]
    free: NDArray[np.bool_]
    lfo: Float64s
    envelope: Float64s
    cycles: Float64s
    now: NDArray[np.int64]
    origin: Float64s
    source: NDArray[np.int32]
    via: NDArray[np.int32]
    target: NDArray[np.int32]
    amount: Float64s
    used: NDArray[np.int32]
    hands: Float64s
    surface: NDArray[np.float32]
    at: Float64s
    heard: Float64s
    value: Float64s
    seed: NDArray[np.int64]


def new_mod_state(voices: int, latent_size: int, seed: int) -> ModState:
    """Nothing is connected; the pad is the same everywhere."""
    i32 = np.int32
    return ModState(
        shape=np.zeros(LFOS, i32), free=np.zeros(LFOS, np.bool_), lfo=np.zeros((LFOS, 3)),
        envelope=np.ones((ENVELOPES, 4)), cycles=np.zeros(LFOS), now=np.zeros(1, np.int64),
        origin=np.zeros((voices, LFOS)),
        source=np.zeros(ROWS, i32), via=np.zeros(ROWS, i32), target=np.zeros(ROWS, i32), amount=np.zeros(ROWS),
        used=np.zeros(1, i32), hands=np.zeros((4, voices)),
        surface=np.zeros((SIDE, SIDE, latent_size), np.float32), at=np.full(2, 0.5), heard=np.zeros(len(MOD_SOURCES)),
        value=np.zeros((voices, LATENT_BY + latent_size)), seed=np.array([seed], np.int64),
    )  # fmt: skip


@internal
def _source(mods: ModState, voices: Voices, v: int, time: int, rate: float, which: int) -> float:
    """One source, heard by one voice at sample ``time``."""
    elapsed_s = max(time - voices.start[v], 0) / rate
    if which < _ENV:
        run = mods.cycles[which] + mods.lfo[which, RATE] * (time - mods.now[0])
        seed = mods.seed[0] * 64 + which
        if not mods.free[which]:
            run = max(run - mods.origin[v, which], 0.0)
            seed += (voices.serial[v] + 1) * 4096
        depth = min(elapsed_s / mods.lfo[which, FADE], 1.0) if mods.lfo[which, FADE] > 0.0 else 1.0
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
        return chance(mods.seed[0] * 64 + 32, voices.serial[v])
    hand = WHEEL if which == _WHEEL else PRESSURE if which == _PRESSURE else SLIDE
    return mods.hands[hand, v]


@internal
def bounded(value: float, by: float) -> float:
    """A share moved by modulation, kept within 0 and 1."""
    return min(max(value + by, 0.0), 1.0)


@internal
def _add_code(surface: NDArray[np.float32], x: float, y: float, times: float, value: Float64s) -> None:
    """Add the pad's code at a place so many times, interpolated bilinearly."""
    across, up = x * (SIDE - 1), y * (SIDE - 1)
    i, j = min(int(across), SIDE - 2), min(int(up), SIDE - 2)
    f, g = across - i, up - j
    for d in range(surface.shape[2]):
        low = surface[j, i, d] + f * (surface[j, i + 1, d] - surface[j, i, d])
        high = surface[j + 1, i, d] + f * (surface[j + 1, i + 1, d] - surface[j + 1, i, d])
        value[LATENT_BY + d] += times * (low + g * (high - low))


@internal
def modulate(mods: ModState, voices: Voices, v: int, time: int, rate: float) -> None:
    """Set ``mods.value[v]`` for sample ``time``."""
    value = mods.value[v]
    value[:] = 0.0
    n = mods.used[0]
    if n == 0:
        return
    mods.heard[:] = np.nan
    for i in range(n):
        for which in (mods.source[i], mods.via[i]):
            if which >= 0 and np.isnan(mods.heard[which]):
                mods.heard[which] = _source(mods, voices, v, time, rate, which)
        scale = mods.heard[mods.via[i]] if mods.via[i] >= 0 else 1.0
        value[mods.target[i]] += mods.amount[i] * mods.heard[mods.source[i]] * scale
    if value[PAD_X_BY] != 0.0 or value[PAD_Y_BY] != 0.0:
        x, y = mods.at[0], mods.at[1]
        _add_code(mods.surface, x, y, -1.0, value)
        _add_code(mods.surface, bounded(x, value[PAD_X_BY]), bounded(y, value[PAD_Y_BY]), 1.0, value)


@public
def modulated(mods: ModState, voices: Voices, v: int, time: int, rate: float) -> Float64s:
    """What is added to voice ``v`` at sample ``time``, float64 [targets + latent]; overwritten by the next call."""
    modulate(mods, voices, v, time, rate)
    return mods.value[v]
