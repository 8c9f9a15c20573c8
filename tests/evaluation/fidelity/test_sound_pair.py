"""Alignment and level match of two sounds with a known shift and gain."""

import numpy as np
import pytest

from synth_app.evaluation.fidelity.sound_pair import LEAD_S, match, onset_lag
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

LENGTH = 3 * ENGINE_RATE


def _note(begin_s: float, attack_s: float, gain: float = 0.2, f0_hz: float = 220.0) -> np.ndarray:
    t = np.arange(LENGTH) / ENGINE_RATE - begin_s
    envelope = np.clip(t / attack_s, 0.0, 1.0) * np.exp(-np.maximum(t, 0.0))
    mono = gain * envelope * np.sin(2 * np.pi * f0_hz * t)
    return np.stack([mono, mono], axis=1).astype(np.float32)


@pytest.mark.parametrize("attack_s", [0.003, 0.2])
@pytest.mark.parametrize("late_s", [-0.03, 0.0, 0.017, 0.05])
def test_the_lag_is_found_for_quick_and_slow_attacks(attack_s: float, late_s: float) -> None:
    source, made = _note(LEAD_S, attack_s), _note(LEAD_S + late_s, attack_s, gain=0.05, f0_hz=331.0)
    assert onset_lag(source[:, 0], made[:, 0]) / ENGINE_RATE == pytest.approx(late_s, abs=0.0015)


def test_a_pair_has_the_same_onset_and_level() -> None:
    source = _note(LEAD_S, 0.005)
    pair = match(source, _note(LEAD_S + 0.02, 0.005, gain=0.05))
    assert pair.gain_db == pytest.approx(20 * np.log10(4), abs=0.02)
    a, b = pair.compared()
    assert np.abs(a - b).max() < 0.01  # the same note again
    assert pair.made.shape == source.shape


def test_silence_is_refused() -> None:
    with pytest.raises(UserError, match="silent"):
        match(_note(LEAD_S, 0.005), np.zeros((LENGTH, 2), np.float32))
