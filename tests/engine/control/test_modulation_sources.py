"""Modulation in closed form: LFO shapes, random values, envelopes and the beat."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal, stats

from synth_app.engine.control.beat import Beat
from synth_app.engine.control.envelope import adsr
from synth_app.engine.control.lfo import hash_random, lfo_value
from synth_app.engine.control.performance_state import PerformanceState
from synth_app.patch import ENGINE_RATE, Tempo, Transport
from synth_app.patch.modulation_matrix import LFO_SHAPES


def _shape(name: str, turns: np.ndarray, number: int = 5) -> np.ndarray:
    return np.array([lfo_value(LFO_SHAPES.index(name), float(t), number) for t in turns])


@pytest.mark.parametrize(
    ("name", "oracle"),
    [
        ("sine", lambda t: np.sin(2 * np.pi * t)),
        ("triangle", lambda t: signal.sawtooth(2 * np.pi * (t + 0.25), 0.5)),
        ("saw up", lambda t: signal.sawtooth(2 * np.pi * t)),
        ("saw down", lambda t: -signal.sawtooth(2 * np.pi * t)),
        ("square", lambda t: signal.square(2 * np.pi * t)),
    ],
)
def test_lfo_shapes_equal_their_formulas(
    name: str, oracle: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> None:
    turns = np.arange(0.003, 4.0, 0.01)
    np.testing.assert_allclose(_shape(name, turns), oracle(turns), atol=1e-9)


def test_sample_and_hold_stays_for_a_cycle_and_random_glides_between_the_same_levels() -> None:
    turns = np.arange(0.0, 50.0, 0.05)
    held, smooth = _shape("sample & hold", turns), _shape("random", turns)
    cycles = held.reshape(-1, 20)
    assert (cycles == cycles[:, :1]).all()
    assert len(set(cycles[:, 0])) == 50
    np.testing.assert_array_equal(smooth[::20], cycles[:, 0])
    assert np.abs(np.diff(smooth)).max() < 2.0 * 1.5 * 0.05 + 1e-9  # steepest of 3t^2 - 2t^3 over the widest step
    assert (_shape("sample & hold", turns, number=6) != held).all()


def test_random_values_are_uniform_and_independent() -> None:
    drawn = np.array([[hash_random(number, i) for i in range(2000)] for number in (0, 1, 2**40)])
    assert np.abs(drawn).max() <= 1.0
    for row in drawn:
        assert stats.kstest(row, stats.uniform(-1, 2).cdf).pvalue > 0.01
        assert abs(np.corrcoef(row[:-1], row[1:])[0, 1]) < 0.08
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.08


def test_the_envelope_rises_linearly_decays_by_99_percent_and_releases_to_zero() -> None:
    def at(elapsed: float, released: float = -1.0) -> float:
        return float(adsr(elapsed, released, 0.2, 0.5, 0.4, 1.0))

    assert [at(0.0), at(0.1), at(0.2)] == pytest.approx([0.0, 0.5, 1.0])
    assert at(0.7) == pytest.approx(0.4 + 0.6 * 0.01, abs=1e-4)
    assert at(9.0) == pytest.approx(0.4)
    assert at(10.0, 1.0) == pytest.approx(0.4e-3, rel=1e-3)
    assert at(0.15, 0.05) < 0.5 == pytest.approx(at(0.1, -1.0))  # released half-way up: falls from there
    assert at(0.15, 0.05) == pytest.approx(0.5 * 10 ** (-3 * 0.05), rel=1e-3)


@seed(2)
@given(st.lists(st.tuples(st.floats(20.0, 300.0), st.integers(1, 100_000)), min_size=1, max_size=8))
def test_beats_continue_through_every_change_of_tempo(changes: list[tuple[float, int]]) -> None:
    beat, clock, expected = Beat(), 0, 0.0
    for bpm, samples in changes:
        beat.follow(bpm, clock)
        assert beat.at(clock) == pytest.approx(expected, abs=1e-9)
        clock += samples
        expected += samples * bpm / 60 / ENGINE_RATE
    assert beat.at(clock) == pytest.approx(expected, abs=1e-9)


def test_a_clock_overrides_the_tempo_of_the_patch() -> None:
    performance = PerformanceState()
    beat = performance.inputs.beat
    beat.suggest(90.0, 0)
    assert beat.bpm == 90.0
    performance.handle(Tempo(140.0), 4800)
    beat.suggest(60.0, 9600)
    assert beat.bpm == 140.0
    performance.handle(Transport(running=True), 10_000)
    assert beat.at(10_000) == 0.0
