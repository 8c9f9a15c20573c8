"""The measures of held notes, on sounds with known vibrato and harmonics."""

import numpy as np
import pytest

from synth_app.decoder import load_model
from synth_app.evaluation.reports.motion_report import (
    _is_steady,
    _loudest_partial,
    harmonics_over_rest_db,
    measure_purity,
    measure_vibrato,
    pitch_track_cents,
)
from synth_app.modelfile import find_model
from synth_app.patch import ENGINE_RATE


def _tone(f0_hz: float, depth_cents: float, rate_hz: float, seconds: float = 2.0) -> np.ndarray:
    """Three partials, the second the loudest, with a vibrato."""
    t = np.arange(round(seconds * ENGINE_RATE)) / ENGINE_RATE
    hz = f0_hz * 2.0 ** (depth_cents / 1200 * np.sin(2 * np.pi * rate_hz * t))
    turns = np.cumsum(hz) / ENGINE_RATE
    return np.asarray(sum(a * np.sin(2 * np.pi * h * turns) for h, a in ((1, 0.2), (2, 0.5), (3, 0.1))))


@pytest.mark.parametrize("depth_cents", [0.0, 20.0, 50.0])
@pytest.mark.parametrize("f0_hz", [65.4, 220.0])
def test_the_pitch_of_a_partial_is_tracked(f0_hz: float, depth_cents: float) -> None:
    mono = _tone(f0_hz, depth_cents, 5.5)
    track = pitch_track_cents(mono, 2 * f0_hz, f0_hz)[ENGINE_RATE // 2 : -ENGINE_RATE // 2]
    t = (np.arange(len(track)) + 0.5) / ENGINE_RATE + 0.5
    assert np.abs(track - depth_cents * np.sin(2 * np.pi * 5.5 * t)).max() < 0.3 + 0.01 * depth_cents


def test_the_loudest_partial_and_steady_notes_are_found() -> None:
    assert _loudest_partial(_tone(220.0, 0.0, 5.5), 220.0) == pytest.approx(440.0)
    assert _is_steady(np.linspace(-10, -12, 50, dtype=np.float32), 10, 40)
    assert not _is_steady(np.linspace(-10, -30, 50, dtype=np.float32), 10, 40)


@pytest.mark.parametrize(
    ("note", "quality"),
    [
        ("brass_acoustic_005-036-100", "live"),
        ("brass_acoustic_005-036-100", "eco"),
        ("brass_acoustic_005-036-100", "studio"),
        ("brass_synthetic_000-048-100", "live"),
    ],
)
def test_low_keys_of_the_default_model_have_the_requested_vibrato(note: str, quality: str) -> None:
    """Before a correction, C2 with overlapping partials was bent by 53 instead of 20 cents, and C3, whose first partial
    leaks to 0 Hz, by 7."""
    path = find_model("pitched-vae-48k")
    model = load_model(path)
    slot = next(i for i, each in enumerate(model.bank) if each.name == note)
    measured = measure_vibrato(model, str(path), slot, quality)
    assert measured.depth_cents == pytest.approx(20.0, abs=1.0)
    assert abs(measured.late_ms) < 1.0
    assert measured.ripple_cents < 2.0


def test_harmonics_over_the_rest_is_their_ratio_of_power() -> None:
    """A comb and noise whose density gives the ratio in closed form; a note beside its key has no power there."""
    t = np.arange(3 * ENGINE_RATE) / ENGINE_RATE
    comb = sum(np.sin(2 * np.pi * 100.0 * h * t + h * h) for h in range(1, 25))  # power 12
    noise = 0.5 * np.random.default_rng(0).standard_normal(len(t))
    density = 0.25 / (ENGINE_RATE / 2)  # per Hz
    asked = 10 * np.log10((12.0 + density * 24 * 30.0) / (density * 24 * 70.0))
    assert harmonics_over_rest_db(comb + noise, 100.0) == pytest.approx(asked, abs=0.3)
    assert harmonics_over_rest_db(np.asarray(np.sin(2 * np.pi * 150.0 * t)), 100.0) < -60.0


def test_low_keys_are_as_pure_as_their_recordings() -> None:
    """A synthetic bass at C2, whose partials are too close for the window: the lock keeps them pure."""
    path = find_model("pitched-vae-48k")
    model = load_model(path)
    slot = next(i for i, each in enumerate(model.bank) if each.name == "bass_synthetic_000-036-100")
    pure = measure_purity(model, str(path), slot, "live")
    assert pure.free_db > 22.0
    assert pure.locked_db > pure.free_db + 10.0
