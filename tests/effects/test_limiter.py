"""The limiter: never above its ceiling, only a delay below it, and no steps in its gain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effects.helpers import RATE, chain, noise, params, send, sine, through

AHEAD = 48


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**16),
    drive_db=st.floats(0, 24),
    ceiling_db=st.floats(-24, -0.2),
    release_s=st.floats(0.02, 1.0),
    spikes=st.lists(st.tuples(st.integers(0, 2999), st.floats(-50, 50)), max_size=12),
)
def test_never_over_its_ceiling(
    seed: int, drive_db: float, ceiling_db: float, release_s: float, spikes: list[tuple[int, float]]
) -> None:
    audio = noise(3000 / RATE, 0.3, seed)
    for at, level in spikes:
        audio[at] = level
    heard = through(
        audio, limiter_on=1, limiter_drive_db=drive_db, limiter_ceiling_db=ceiling_db, limiter_release_s=release_s
    )
    assert np.abs(heard).max() <= np.float32(10 ** (ceiling_db / 20))


def test_below_the_ceiling_it_only_delays() -> None:
    audio = noise(0.5, 0.05)
    heard = through(audio, limiter_on=1)
    assert np.array_equal(heard[AHEAD:], audio[:-AHEAD])


def test_the_gain_is_reduced_before_the_peak_and_never_steps() -> None:
    """A soft sine next to a loud burst shows the gain: it falls within the look-ahead, in even steps."""
    audio = sine(1.0, 1000.0, 0.1)
    audio[RATE // 2 : RATE // 2 + 480] *= 30.0
    heard = through(audio, limiter_on=1, limiter_ceiling_db=-6, limiter_release_s=0.05).astype(np.float64)
    quiet = np.abs(audio[:-AHEAD, 0]) > 1e-3
    gain = (heard[AHEAD:, 0] / np.where(quiet, audio[:-AHEAD, 0], 1.0))[quiet]
    at = np.flatnonzero(quiet)
    assert gain[at < RATE // 2 - AHEAD - 2] == pytest.approx(1.0, abs=1e-6)
    deepest = 10 ** (-6 / 20) / 3.0
    assert gain.min() == pytest.approx(deepest, rel=1e-3)
    per_sample = np.abs(np.diff(gain)) / np.diff(at)
    assert per_sample.max() < 1.05 / (AHEAD + 1)
    assert gain[-1] == pytest.approx(1.0, abs=1e-3)


def test_switching_it_on_and_off_does_not_click() -> None:
    effects = chain()
    audio = sine(1.0, 150.0, 0.5)
    heard = [send(effects, audio[: RATE // 3])]
    effects.set_targets(params(limiter_on=1), 120.0)
    heard.append(send(effects, audio[RATE // 3 : 2 * RATE // 3]))
    effects.set_targets(params(), 120.0)
    heard.append(send(effects, audio[2 * RATE // 3 :]))
    assert np.array_equal(heard[0], audio[: RATE // 3])
    assert np.array_equal(heard[2][-4800:], audio[-4800:])
    slope = 2 * np.pi * 150 / RATE * 0.5
    assert np.abs(np.diff(np.concatenate(heard), axis=0)).max() < 1.2 * slope
