"""A note from both sources: rendered, aligned at the onset, and matched in level."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.soundfont_voice import SoundFontVoice
from synth_app.engine.engine import Engine, prepare_instrument, render_events
from synth_app.evaluation.fidelity.choice import ChosenNote
from synth_app.evaluation.metrics.mel_distance import FRAMES_PER_S, mel_levels_db
from synth_app.modelfile import ModelCard
from synth_app.patch import ENGINE_RATE, Event, NoteOff, NoteOn, Patch
from synth_app.patch.initial_patch import initial_patch
from synth_app.support.errors import UserError

Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
HELD_S, COMPARED_S, LEAD_S = 9.2, 2.0, 0.05
_MOST_LAG_S, _LAG_STEP_S = 0.06, 0.001
_ONSET_S, _ONSET_RANGE_DB = 0.5, 40.0
_RELEASE_S = 0.3


@dataclass(frozen=True)
class Strike:
    """Keys that are struck together: MIDI keys, velocity 1-127, and seconds until they are released."""

    keys: tuple[int, ...]
    velocity: int
    held_s: float


@dataclass(frozen=True)
class SoundPair:
    """A note as the SoundFont and as the engine play it, with silence of ``LEAD_S`` before the key goes down.

    Attributes:
        source, made: float32 [samples, 2] at the engine's rate, of equal length. Key down is at ``LEAD_S`` in the
            source. ``made`` is moved and scaled to fit it.
        gain_db: gain that was applied to ``made``.
        lag_s: time by which ``made`` was moved earlier, in seconds.
    """

    source: Float32s
    made: Float32s
    gain_db: float
    lag_s: float

    def compared(self, seconds: float = COMPARED_S) -> tuple[Float32s, Float32s]:
        """Return both sounds from the onset on, mono."""
        part = slice(round(LEAD_S * ENGINE_RATE), round((LEAD_S + seconds) * ENGINE_RATE))
        return self.source[part].mean(axis=1), self.made[part].mean(axis=1)

    def mel_levels(self, seconds: float = COMPARED_S) -> tuple[Float64s, Float64s]:
        """Return the mel levels of both sounds in dB, float64 [frames, bands], from the onset on.

        The frames at both ends see the sound beyond them. A cut there would be heard in all bands.
        """
        lead, frames = round(LEAD_S * FRAMES_PER_S), round(seconds * FRAMES_PER_S)
        part = slice(0, round((2.0 * LEAD_S + seconds) * ENGINE_RATE))
        source, made = (
            mel_levels_db(each[part].mean(axis=1), ENGINE_RATE)[lead : lead + frames]
            for each in (self.source, self.made)
        )
        return source, made


def render_pair(soundfont: Path, model_path: str, card: ModelCard, chosen: ChosenNote, quality: str) -> SoundPair:
    """Render a note from both sources, held for 9.2 s.

    The engine plays the initial patch of the model with the note in its slots, at its own key and velocity.

    Raises:
        UserError: FluidSynth or the model cannot be loaded, or the note is silent in one of them.
    """
    strike = Strike((chosen.choice.key,), chosen.note.velocity, HELD_S)
    patch = initial_patch(model_path, card, chosen.slot)
    return match(source_sound(soundfont, chosen.choice.program, strike), engine_sound(patch, quality, strike))


def match(source: Float32s, made: Float32s, seconds: float = COMPARED_S) -> SoundPair:
    """Align two sounds [samples, 2] of equal length at their onsets and match the levels of their first seconds.

    Raises:
        UserError: one of them is silent.
    """
    lag = onset_lag(source.mean(axis=1), made.mean(axis=1))
    lead = round(LEAD_S * ENGINE_RATE)
    moved = np.zeros_like(made)
    moved[max(-lag, 0) : len(made) - max(lag, 0)] = made[max(lag, 0) : len(made) - max(-lag, 0)]
    inside = slice(lead, lead + round(seconds * ENGINE_RATE))
    powers = [float(np.mean(each[inside].mean(axis=1, dtype=np.float64) ** 2)) for each in (source, moved)]
    if min(powers) <= 0.0:
        raise UserError("a note is silent, so that it cannot be compared; choose another key")
    gain = float(np.sqrt(powers[0] / powers[1]))
    return SoundPair(source, moved * np.float32(gain), 20.0 * float(np.log10(gain)), lag / ENGINE_RATE)


def onset_lag(source: Float32s, made: Float32s) -> int:
    """Return by how many samples ``made`` begins later than ``source``, within ±60 ms, in steps of 1 ms.

    It is the shift at which the level curves of the first half second differ least, each re its own maximum.
    """
    step, most = round(_LAG_STEP_S * ENGINE_RATE), round(_MOST_LAG_S / _LAG_STEP_S)
    length = round((LEAD_S + _ONSET_S) / _LAG_STEP_S)
    first, second = (_onset_levels_db(each, length + most, step) for each in (source, made))

    def miss(lag: int) -> float:
        a = first[max(-lag, 0) : max(-lag, 0) + length - most]
        b = second[max(lag, 0) : max(lag, 0) + length - most]
        return float(np.mean((a - b) ** 2))

    return min(sorted(range(-most, most + 1), key=abs), key=miss) * step


def _onset_levels_db(mono: Float32s, count: int, step: int) -> NDArray[np.float64]:
    """Return levels of 1 ms, smoothed over 5 ms, in dB re their maximum, limited to 40 dB."""
    blocks = mono[: count * step].astype(np.float64).reshape(count, step)
    power = np.convolve((blocks**2).mean(axis=1), np.full(5, 0.2), "same")
    level_db = 10.0 * np.log10(power / max(power.max(), 1e-20) + 1e-20)
    return np.asarray(np.maximum(level_db, -_ONSET_RANGE_DB))


def source_sound(soundfont: Path, program: int, strike: Strike) -> Float32s:
    """Return what FluidSynth plays, float32 [samples, 2], after a silence of ``LEAD_S``."""
    voice = SoundFontVoice(soundfont, program, ENGINE_RATE)
    try:
        sound = voice.render_chord(strike.keys, strike.velocity, strike.held_s, _RELEASE_S)
    finally:
        voice.close()
    return np.concatenate([np.zeros((round(LEAD_S * ENGINE_RATE), 2), np.float32), sound])


def engine_sound(patch: Patch, quality: str, strike: Strike) -> Float32s:
    """Return what the engine plays, float32 [samples, 2], after a silence of ``LEAD_S``."""
    engine = Engine()
    engine.install(prepare_instrument(patch.model, quality), patch)
    lead, held = round(LEAD_S * ENGINE_RATE), round(strike.held_s * ENGINE_RATE)
    events = [Event(lead, NoteOn(key, strike.velocity)) for key in strike.keys]
    events += [Event(lead + held, NoteOff(key)) for key in strike.keys]
    return render_events(engine, events, lead + held + round(_RELEASE_S * ENGINE_RATE))
