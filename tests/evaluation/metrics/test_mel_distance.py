"""Mel distance and centroid, on sounds whose values follow from how they are made."""

import numpy as np
import pytest

from synth_app.evaluation.metrics.mel_distance import (
    FRAMES_PER_S,
    MEL_BANDS,
    RANGE_DB,
    centroid_hz,
    mel_distance_db,
    mel_filters,
    mel_levels_db,
)

RATE = 48_000


def _noise(seconds: float = 1.0) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(round(seconds * RATE)) * 0.1


def _sines(*partials: tuple[float, float]) -> np.ndarray:
    t = np.arange(RATE) / RATE
    return np.asarray(sum(a * np.sin(2 * np.pi * hz * t + hz) for hz, a in partials))


def test_a_gain_of_6_db_is_a_distance_of_6_db() -> None:
    source = mel_levels_db(_noise(), RATE)
    assert source.shape == (FRAMES_PER_S + 1, MEL_BANDS)
    louder = mel_levels_db(2.0 * _noise(), RATE)
    assert mel_distance_db(source, louder, float(source.max())) == pytest.approx(20 * np.log10(2), abs=1e-6)
    assert mel_distance_db(source, source, float(source.max())) == 0.0


def test_one_band_counts_as_one_of_eighty() -> None:
    source = np.zeros((10, MEL_BANDS))
    made = source.copy()
    made[:, 7] += 8.0
    assert mel_distance_db(source, made, 0.0) == pytest.approx(8.0 / np.sqrt(MEL_BANDS))


def test_what_lies_more_than_70_db_under_the_loudest_does_not_count() -> None:
    source = np.full((4, MEL_BANDS), -RANGE_DB - 20.0)
    source[:, 0] = 0.0
    silent = source.copy()
    silent[:, 1:] = -200.0
    assert mel_distance_db(source, silent, 0.0) == 0.0
    heard = source.copy()
    heard[:, 1] = -RANGE_DB + 9.0  # 9 dB of it are audible
    assert mel_distance_db(source, heard, 0.0) == pytest.approx(9.0 / np.sqrt(MEL_BANDS))


def test_levels_are_those_of_sines() -> None:
    """A sine between two filters' centres gives both the level that triangles of height 1 give."""
    levels = mel_levels_db(_sines((1000.0, 0.5)), RATE)[100]
    bins = np.arange(1025) * RATE / 2048
    lobe = np.abs(np.fft.rfft(np.hanning(2049)[:-1] * np.cos(2 * np.pi * 1000.0 / RATE * (np.arange(2048) - 1024))))
    power = (0.5 * lobe * 2 / np.hanning(2049)[:-1].sum()) ** 2
    band = int(levels.argmax())
    expected = 10 * np.log10(mel_filters(RATE, 2048, MEL_BANDS)[band] @ power)
    assert levels[band] == pytest.approx(expected, abs=0.02)
    assert abs(bins[mel_filters(RATE, 2048, MEL_BANDS)[band].argmax()] - 1000.0) < 40.0


def test_the_centroid_is_weighted_by_amplitude() -> None:
    assert centroid_hz(_sines((1000.0, 0.5)), RATE) == pytest.approx(1000.0, rel=0.02)
    assert centroid_hz(_sines((1000.0, 0.3), (3000.0, 0.1)), RATE) == pytest.approx(1500.0, rel=0.02)
