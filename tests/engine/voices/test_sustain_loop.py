"""A held key reads the sustain at constant speed, within its marks, along a random path."""

import numpy as np
from hypothesis import given, seed
from hypothesis import strategies as st
from numpy.typing import NDArray

from synth_app.engine.voices.sustain_loop import advance_in_loop
from synth_app.evaluation.metrics.repetition import band_levels_db, repetition
from synth_app.patch import ENGINE_RATE, NoteOn, Patch
from tests.engine.helpers import play


def _walk(low: float, high: float, frames: float, steps: int, number: int = 3) -> NDArray[np.float64]:
    position, turning_point, turns = np.array([high]), np.array([high]), np.zeros(1, np.int64)
    out = np.empty(steps)
    for i in range(steps):
        advance_in_loop(position, turning_point, turns, low, high, frames, number)
        out[i] = position[0]
    return out


@seed(5)
@given(st.floats(0.0, 500.0), st.floats(0.0, 300.0), st.floats(0.0, 40.0), st.integers(0, 2**40))
def test_the_position_stays_between_the_marks_and_never_jumps(
    low: float, span: float, frames: float, number: int
) -> None:
    walk = _walk(low, low + span, frames, 60, number)
    assert np.isfinite(walk).all()
    assert walk.min() >= low - 1e-9
    assert walk.max() <= low + span + 1e-9
    assert np.abs(np.diff(walk)).max() <= frames + 1e-9


def test_the_position_moves_at_constant_speed_along_a_random_path() -> None:
    walk = _walk(100.0, 150.0, 0.5, 20_000)
    steps = np.abs(np.diff(walk))
    assert np.median(steps) == 0.5
    assert (steps < 0.5 - 1e-9).mean() < 0.05
    fraction = np.histogram(walk, 5, (100.0, 150.0))[0] / len(walk)
    assert fraction.min() > 0.06
    centred = walk - walk.mean()
    same = np.correlate(centred, centred[:5000], "valid") / np.correlate(centred[:5000], centred[:5000])
    assert np.abs(same[500:]).max() < 0.6  # back and forth between the marks: 1 every 200 steps
    assert (_walk(100.0, 150.0, 0.5, 100, number=4) != walk[:100]).any()


def test_the_repetition_measure_detects_loops() -> None:
    rng = np.random.default_rng(0)
    t = np.arange(8 * ENGINE_RATE) / ENGINE_RATE
    noise = np.cumsum(rng.standard_normal(len(t) // 2400 + 1))
    slow = np.interp(t * 20, np.arange(len(noise)), (noise - noise.mean()) / noise.std())
    tone = sum(np.sin(2 * np.pi * 220 * h * t) for h in range(1, 9))
    for movement, low, high in ((np.sin(2 * np.pi * 0.9 * t), 0.9, 1.0), (np.tanh(slow), -1.0, 0.6)):
        audio = (0.05 * tone * 10 ** (0.1 * movement)).astype(np.float32)
        assert low <= repetition(band_levels_db(audio, ENGINE_RATE)).strength <= high


def test_a_note_held_for_20_s_does_not_repeat(models: dict[int, str]) -> None:
    audio = play(Patch(models[48_000], 3, 3), (0.0, NoteOn(60)), seconds=20.0)
    found = repetition(band_levels_db(audio[2 * ENGINE_RATE :].mean(axis=1), ENGINE_RATE))
    assert found.spread_db > 0.3  # there is movement to look at
    assert found.strength < 0.6
