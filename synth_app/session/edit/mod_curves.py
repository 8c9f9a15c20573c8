"""Curves that show modulation: of an LFO, of an envelope, and the range in which a target is moved. No Qt."""

import numpy as np
from numpy.typing import NDArray

from synth_app.params.note_values import NOTE_BEATS
from synth_app.patch.modulation_matrix import Lfo, ModEnvelope, Modulation, mod_source

Floats = NDArray[np.float64]
_DECAY_RATE, _RELEASE_RATE = 4.605, 6.9078  # as ``engine.control.envelope``, which a test compares
_EXAMPLE_LEVELS = (0.35, -0.7, 0.85, -0.15, 0.6, -0.9, 0.1, 0.75)  # fixed, so that random shapes do not flicker


def lfo_curve(lfo: Lfo, turns: Floats) -> Floats:
    """Return an LFO's values, -1 to 1, after ``turns`` cycles, with its phase. Random shapes show an example."""
    at = turns + lfo.phase
    cycle = np.floor(at)
    t = at - cycle
    match lfo.shape:
        case "sine":
            return np.asarray(np.sin(2.0 * np.pi * t))
        case "triangle":
            return np.asarray(4.0 * np.abs((t + 0.75) % 1.0 - 0.5) - 1.0)
        case "saw up":
            return np.asarray(2.0 * t - 1.0)
        case "saw down":
            return np.asarray(1.0 - 2.0 * t)
        case "square":
            return np.where(t < 0.5, 1.0, -1.0)
        case "drawn":
            turns_of_points, drawn_levels = zip(*lfo.points, strict=True)
            return np.interp(t, turns_of_points, drawn_levels)
    levels = np.array(_EXAMPLE_LEVELS)
    level, next_level = (levels[(cycle.astype(int) + step) % len(levels)] for step in (0, 1))
    return level if lfo.shape == "sample & hold" else np.asarray(level + (next_level - level) * t * t * (3.0 - 2.0 * t))


def lfo_rate_hz(lfo: Lfo, tempo_bpm: float) -> float:
    """Return an LFO's rate; a synced LFO follows the tempo."""
    return tempo_bpm / 60.0 / NOTE_BEATS[lfo.sync] if lfo.sync else lfo.rate_hz


def envelope_curve(envelope: ModEnvelope, points: int) -> tuple[Floats, Floats]:
    """Return an envelope's curve: x and y, both 0-1, float64 [points].

    The widths of attack, decay and release follow the square roots of their times, so that short ones stay visible. The
    sustain has a quarter of the width.
    """
    parts = np.sqrt([envelope.attack_s, envelope.decay_s, envelope.release_s])
    widths = 0.75 * parts / parts.sum()
    ends = np.cumsum([widths[0], widths[1], 0.25, widths[2]])
    x = np.linspace(0.0, 1.0, points)
    attack = x / ends[0]
    decay = envelope.sustain + (1.0 - envelope.sustain) * np.exp(-_DECAY_RATE * (x - ends[0]) / widths[1])
    held = envelope.sustain + (1.0 - envelope.sustain) * np.exp(-_DECAY_RATE)
    release = held * np.exp(-_RELEASE_RATE * (x - ends[2]) / widths[2])
    y = np.select([x < ends[0], x < ends[1], x < ends[2]], [attack, decay, np.full_like(x, held)], release)
    return x, y


def envelope_levels(envelope: ModEnvelope, at_s: Floats, key_up_s: float) -> Floats:
    """Return an envelope's levels, 0-1, at times after key-down, float64 [n]; the key goes up at ``key_up_s``."""

    def held(elapsed_s: Floats) -> Floats:
        fallen = np.exp(-_DECAY_RATE * np.maximum(elapsed_s - envelope.attack_s, 0.0) / envelope.decay_s)
        decayed = envelope.sustain + (1.0 - envelope.sustain) * fallen
        return np.where(elapsed_s < envelope.attack_s, elapsed_s / envelope.attack_s, decayed)

    released_s = np.maximum(at_s - key_up_s, 0.0)
    return held(np.minimum(at_s, key_up_s)) * np.exp(-_RELEASE_RATE * released_s / envelope.release_s)


def modulation_range(modulation: Modulation, target: str) -> tuple[float, float] | None:
    """Return how far a target can be moved down and up, in its unit; None if nothing is connected to it."""
    links = [each for each in modulation.connections if each.on and each.target == target and each.amount]
    if not links:
        return None
    low = high = 0.0
    for each in links:
        bipolar = mod_source(each.source).bipolar or bool(each.via and mod_source(each.via).bipolar)
        low += min(each.amount, 0.0) if not bipolar else -abs(each.amount)
        high += max(each.amount, 0.0) if not bipolar else abs(each.amount)
    return low, high
