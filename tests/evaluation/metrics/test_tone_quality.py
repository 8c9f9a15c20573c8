"""Measures of held notes, on tones with known noise, movement, decay and sides."""

import numpy as np
import pytest

from synth_app.evaluation.metrics.tone_quality import (
    MOST_FALL_DB,
    MOST_HNR_DB,
    chord_to_noise_db,
    flutter_percent,
    harmonic_to_noise_db,
    level_fall_db,
    stereo_image,
)

RATE = 48_000


def _t(seconds: float = 2.0) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def _tone(f0_hz: float, seconds: float = 2.0, partials: int = 12) -> np.ndarray:
    t = _t(seconds)
    return np.asarray(sum(np.sin(2 * np.pi * f0_hz * h * t + h * h) / h for h in range(1, partials + 1)))


def _noise_at(tone: np.ndarray, hnr_db: float, f0_hz: float, seed: int = 0) -> np.ndarray:
    """White noise whose power between 0.5 and 24.5 times f0 is ``hnr_db`` below the tone's power."""
    noise = np.random.default_rng(seed).standard_normal(len(tone))
    share = 24.0 * f0_hz / (RATE / 2)
    return np.asarray(noise * np.sqrt(np.mean(tone**2) / (share * np.mean(noise**2)) * 10 ** (-hnr_db / 10)))


@pytest.mark.parametrize("f0_hz", [65.4, 261.6])
@pytest.mark.parametrize("hnr_db", [5.0, 15.0, 25.0])
def test_the_ratio_of_a_tone_in_noise_is_the_one_it_was_made_with(f0_hz: float, hnr_db: float) -> None:
    tone = _tone(f0_hz)
    measured = harmonic_to_noise_db(tone + _noise_at(tone, hnr_db, f0_hz), RATE, f0_hz)
    assert measured == pytest.approx(hnr_db, abs=0.7)


def test_a_tone_30_cents_off_is_as_pure_as_one_in_tune() -> None:
    tone = _tone(261.6 * 2 ** (30 / 1200))
    measured = harmonic_to_noise_db(tone + _noise_at(tone, 20.0, 261.6), RATE, 261.6)
    assert measured == pytest.approx(20.0, abs=1.0)


def test_purer_tones_count_as_35_db_and_noise_as_no_tone() -> None:
    assert harmonic_to_noise_db(_tone(110.0), RATE, 110.0) == MOST_HNR_DB
    assert harmonic_to_noise_db(np.random.default_rng(0).standard_normal(2 * RATE), RATE, 110.0) < 0.0


@pytest.mark.parametrize("ratio_db", [5.0, 15.0, 25.0])
@pytest.mark.parametrize("cents", [0.0, 20.0])
def test_the_tones_of_a_chord_count_together(ratio_db: float, cents: float) -> None:
    f0s_hz = (261.63, 329.63, 392.0)
    chord = np.asarray(sum(_tone(f0_hz * 2 ** (cents / 1200)) for f0_hz in f0s_hz))
    # white noise whose power between 0.5 and 12.5 times the lowest tone is that far below the tones'
    noise = _noise_at(chord, ratio_db, f0s_hz[0]) * np.sqrt(2.0)
    assert chord_to_noise_db(chord + noise, RATE, f0s_hz) == pytest.approx(ratio_db, abs=1.0)
    assert chord_to_noise_db(chord, RATE, f0s_hz) == MOST_HNR_DB
    assert chord_to_noise_db(chord, RATE, f0s_hz[:1]) < 5.0, "other tones are no harmonics of the first"


@pytest.mark.parametrize("depth", [0.02, 0.1, 0.3])
def test_flutter_is_the_rms_of_the_envelope(depth: float) -> None:
    fluttering = _tone(261.6) * (1 + depth * np.sin(2 * np.pi * 28.0 * _t()))
    assert flutter_percent(fluttering, RATE) == pytest.approx(100 * depth / np.sqrt(2), rel=0.05, abs=0.1)


def test_vibrato_decay_and_beats_are_no_flutter() -> None:
    steady = flutter_percent(_tone(65.4), RATE)
    tremolo = flutter_percent(_tone(261.6) * (1 + 0.3 * np.sin(2 * np.pi * 5.5 * _t())), RATE)
    decaying = flutter_percent(_tone(261.6) * np.exp(-2.0 * _t()), RATE)
    assert max(steady, tremolo, decaying) < 0.3


def test_the_fall_of_an_exponential_decay_is_its_rate_times_the_time() -> None:
    sound = _tone(220.0, 9.5) * 10 ** (-5.0 * _t(9.5) / 20)
    assert level_fall_db(sound, RATE, 0.3, 6.0) == pytest.approx(5.0 * 5.7, abs=0.1)
    assert level_fall_db(sound[::-1], RATE, 0.3, 6.0) == pytest.approx(-5.0 * 5.7, abs=0.1)
    gone = np.concatenate([sound[: 3 * RATE], np.zeros(6 * RATE)])
    assert level_fall_db(gone, RATE, 0.3, 6.0) == MOST_FALL_DB


def test_sides_are_measured() -> None:
    mono, other = _tone(220.0), _tone(331.0)
    quieter_right = stereo_image(np.stack([mono, 0.5 * mono], axis=1))
    assert quieter_right.balance_db == pytest.approx(20 * np.log10(2), abs=0.01)
    assert quieter_right.side_db == pytest.approx(20 * np.log10(0.25 / 0.75), abs=0.01)
    assert stereo_image(np.stack([mono, mono], axis=1)).side_db == -100.0
    wide = stereo_image(np.stack([mono + 0.5 * other, mono - 0.5 * other], axis=1))
    assert wide.side_db == pytest.approx(20 * np.log10(0.5), abs=0.3)
