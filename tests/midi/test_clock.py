"""The tempo found in clock ticks: exact, jittered, changing, interrupted."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.midi import ClockFollower


def ticks(bpm: float, beats: float, start: float = 0.0) -> NDArray[np.float64]:
    """Times of clock ticks at a steady tempo."""
    return start + np.arange(round(24 * beats)) * 60 / (24 * bpm)


def told(follower: ClockFollower, times: NDArray[np.float64]) -> list[tuple[float, float]]:
    """(time, tempo) of everything that is told."""
    return [(float(t), bpm) for t in times if (bpm := follower.tick(float(t))) is not None]


@pytest.mark.parametrize("bpm", [30.0, 120.0, 174.0, 300.0])
def test_steady_clock_is_told_once_and_exactly(bpm: float) -> None:
    news = told(ClockFollower(), ticks(bpm, 16))
    assert [round(tempo, 6) for _, tempo in news] == [bpm]
    assert news[0][0] < 0.3 * 60 / bpm  # known within a third of a beat


@pytest.mark.parametrize("bpm", [60.0, 120.0, 200.0])
def test_jitter_averages_out(bpm: float) -> None:
    """Uniform jitter of 2 ms, as a busy USB port has: 0.5 % off at most after two beats, and no restart."""
    rng = np.random.default_rng(0)
    times = ticks(bpm, 64)
    news = told(ClockFollower(), np.sort(times + rng.uniform(-0.002, 0.002, len(times))))
    settled = [tempo for at, tempo in news if at > 120 / bpm]
    assert settled
    assert max(abs(tempo / bpm - 1) for tempo in settled) < 0.005
    single = 60 / (24 * np.diff(times + rng.uniform(-0.002, 0.002, len(times))))
    assert np.std(settled) < np.std(single) / 20  # what one distance would tell


@pytest.mark.parametrize(("before", "after"), [(120.0, 180.0), (180.0, 60.0), (120.0, 126.0), (120.0, 240.0)])
def test_another_tempo_is_followed_within_two_beats(before: float, after: float) -> None:
    follower, first = ClockFollower(), ticks(before, 8)
    told(follower, first)
    news = told(follower, ticks(after, 3, float(first[-1]) + 60 / (24 * after)))
    late = [tempo for at, tempo in news if at - first[-1] > 125 / after] or [news[-1][1]]
    assert late[-1] == pytest.approx(after, rel=1e-3)


def test_lost_ticks_do_not_change_the_tempo() -> None:
    times = np.delete(ticks(120, 16), [50, 51, 120, 200])
    assert [round(tempo, 3) for _, tempo in told(ClockFollower(), times)] == [120.0]


def test_pause_and_nonsense_tell_nothing() -> None:
    follower = ClockFollower()
    told(follower, ticks(120, 4))
    assert told(follower, ticks(120, 4, 60.0)) == []  # goes on after a pause as before
    assert told(ClockFollower(), np.zeros(100)) == []  # all at once
    assert told(ClockFollower(), np.linspace(0.0, -2.0, 100)) == []  # backwards
    assert told(ClockFollower(), np.linspace(0.0, 50.0, 101)) == []  # 5 bpm
    assert told(ClockFollower(), np.linspace(0.0, 0.1, 101)) == []  # 2500 bpm


def test_restart_forgets_the_times_and_keeps_what_was_told() -> None:
    follower = ClockFollower()
    told(follower, ticks(120, 4))
    follower.restart()
    assert told(follower, ticks(120, 4, 2.01)) == []
    assert [round(tempo, 3) for _, tempo in told(follower, ticks(90, 8, 4.2))][-1] == 90.0
