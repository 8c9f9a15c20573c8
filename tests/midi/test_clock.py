"""Tempo of clock ticks that are exact, jittered, changing or interrupted."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.midi import ClockFollower


def ticks(bpm: float, beats: float, start: float = 0.0) -> NDArray[np.float64]:
    """Return times of clock ticks at a steady tempo."""
    return start + np.arange(round(24 * beats)) * 60 / (24 * bpm)


def reported(follower: ClockFollower, times: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return (time, tempo) of all reported tempos."""
    return [(float(t), bpm) for t in times if (bpm := follower.tick(float(t))) is not None]


@pytest.mark.parametrize("bpm", [30.0, 120.0, 174.0, 300.0])
def test_a_steady_clock_is_reported_once_and_exactly(bpm: float) -> None:
    news = reported(ClockFollower(), ticks(bpm, 16))
    assert [round(tempo, 6) for _, tempo in news] == [bpm]
    assert news[0][0] < 0.3 * 60 / bpm  # known within a third of a beat


@pytest.mark.parametrize("bpm", [60.0, 120.0, 200.0])
def test_jitter_averages_out(bpm: float) -> None:
    """With uniform jitter of 2 ms, as on a busy USB port, the error is at most 0.5 % after two beats."""
    rng = np.random.default_rng(0)
    times = ticks(bpm, 64)
    news = reported(ClockFollower(), np.sort(times + rng.uniform(-0.002, 0.002, len(times))))
    settled = [tempo for at, tempo in news if at > 120 / bpm]
    assert settled
    assert max(abs(tempo / bpm - 1) for tempo in settled) < 0.005
    single = 60 / (24 * np.diff(times + rng.uniform(-0.002, 0.002, len(times))))
    assert np.std(settled) < np.std(single) / 20  # from a single distance


@pytest.mark.parametrize(("before", "after"), [(120.0, 180.0), (180.0, 60.0), (120.0, 126.0), (120.0, 240.0)])
def test_another_tempo_is_followed_within_two_beats(before: float, after: float) -> None:
    follower, first = ClockFollower(), ticks(before, 8)
    reported(follower, first)
    news = reported(follower, ticks(after, 3, float(first[-1]) + 60 / (24 * after)))
    late = [tempo for at, tempo in news if at - first[-1] > 125 / after] or [news[-1][1]]
    assert late[-1] == pytest.approx(after, rel=1e-3)


@pytest.mark.parametrize(("change", "at_once"), [(0.085, True), (-0.085, True), (0.075, False), (-0.075, False)])
def test_a_tempo_that_differs_by_over_8_percent_is_followed_within_nine_ticks(change: float, at_once: bool) -> None:
    """A smaller step is averaged with the ticks before it, so nine ticks later the tempo is still more than 1 % off."""
    follower, first = ClockFollower(), ticks(120.0, 8)
    reported(follower, first)
    distance = (1.0 + change) * 60 / (24 * 120.0)
    _, bpm = reported(follower, first[-1] + distance * np.arange(1, 10))[-1]
    error = abs(bpm * (1.0 + change) / 120.0 - 1.0)
    assert (error < 1e-6) if at_once else (error > 0.01)


def test_lost_ticks_do_not_change_the_tempo() -> None:
    times = np.delete(ticks(120, 16), [50, 51, 120, 200])
    assert [round(tempo, 3) for _, tempo in reported(ClockFollower(), times)] == [120.0]


def test_pauses_and_invalid_times_report_nothing() -> None:
    follower = ClockFollower()
    reported(follower, ticks(120, 4))
    assert reported(follower, ticks(120, 4, 60.0)) == []  # same tempo after a pause
    assert reported(ClockFollower(), np.zeros(100)) == []  # all at once
    assert reported(ClockFollower(), np.linspace(0.0, -2.0, 100)) == []  # backwards
    assert reported(ClockFollower(), np.linspace(0.0, 50.0, 101)) == []  # 5 bpm
    assert reported(ClockFollower(), np.linspace(0.0, 0.1, 101)) == []  # 2500 bpm


def test_restart_forgets_the_times_and_keeps_the_reported_tempo() -> None:
    follower = ClockFollower()
    reported(follower, ticks(120, 4))
    follower.restart()
    assert reported(follower, ticks(120, 4, 2.01)) == []
    assert [round(tempo, 3) for _, tempo in reported(follower, ticks(90, 8, 4.2))][-1] == 90.0
