"""Cutoff and resonance of a voice's filter for its next frame (compiled)."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import (
    CUTOFF,
    FILTER_ATTACK,
    FILTER_DECAY,
    FILTER_ENVELOPE,
    FILTER_KEY,
    FILTER_ON,
    FILTER_RELEASE,
    FILTER_SUSTAIN,
    FILTER_VELOCITY,
    RESONANCE,
    TUNE,
)
from synth_app.engine.control.envelope import adsr
from synth_app.engine.spectral.voice_filter import CUTOFF_HZ, MIX, RESONANCE_DB
from synth_app.engine.voices.latent_path import RELEASED, Voices
from synth_app.engine.voices.modulation_kernel import CUTOFF_BY, RESONANCE_BY
from synth_app.engine.voices.path_shaping import NEUTRAL_VELOCITY, VELOCITY_RANGE
from synth_app.params.filter import HIGHEST_HZ, KEY_CENTER, LOWEST_HZ, MAX_RESONANCE_DB
from synth_app.support.kernels import internal

Float64s = NDArray[np.float64]


@internal
def filter_level(voices: Voices, v: int, params: Float64s, time: int, least: int, rate: float) -> float:
    """Return the level of the filter's envelope, 0-1, at sample ``time``; ``rate`` is in Hz.

    A frame centred before ``least`` samples after the onset is heard after its centre, with its later part. It gets the
    level at ``least``, so that a fast attack is over when the note begins to sound.
    """
    elapsed_s = max(time - voices.start[v], least) / rate
    released_s = (time - voices.released[v]) / rate if voices.stage[v] == RELEASED else -1.0
    times = params[FILTER_ATTACK], params[FILTER_DECAY], params[FILTER_RELEASE]
    return adsr(elapsed_s, released_s, times[0], times[1], params[FILTER_SUSTAIN], times[2])


@internal
def read_filter(
    voices: Voices, v: int, params: Float64s, by: Float64s, time: int, least: int, rate: float,
    settings: NDArray[np.float32],
) -> None:  # fmt: skip
    """Set a voice's filter for a frame, where it is on.

    Args:
        voices, v: the voice.
        params: float64 [parameters], smoothed. by: float64 [targets], what modulation adds to the voice.
        time, least, rate: as for ``filter_level``.
        settings: float32 [SETTINGS], result.
    """
    settings[MIX] = np.float32(params[FILTER_ON])
    octaves = by[CUTOFF_BY]
    if params[FILTER_ENVELOPE] != 0.0:
        octaves += params[FILTER_ENVELOPE] * filter_level(voices, v, params, time, least, rate)
    key = voices.key[v] + voices.bend[v] + 0.01 * params[TUNE]
    octaves += params[FILTER_KEY] * (key - KEY_CENTER) / 12.0
    octaves += params[FILTER_VELOCITY] * (voices.velocity[v] - NEUTRAL_VELOCITY) / VELOCITY_RANGE
    settings[CUTOFF_HZ] = np.float32(min(max(params[CUTOFF] * 2.0**octaves, LOWEST_HZ), HIGHEST_HZ))
    settings[RESONANCE_DB] = np.float32(min(max(params[RESONANCE] + by[RESONANCE_BY], 0.0), MAX_RESONANCE_DB))
