"""The metric finds instruments at other keys that it never heard; the features do not depend on level or analysis."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.evaluation.similarity.analysis import shape_of_audio
from synth_app.evaluation.similarity.features import FEATURES, features, shape_of_frames
from synth_app.evaluation.similarity.fit import LabelledSounds, fit_metric
from synth_app.evaluation.similarity.metric import METRIC_FILE, Metric, save_metric, shipped_metric
from synth_app.evaluation.similarity.report import FIRST, find_report
from synth_app.spectrum import FrameSpec, db_frames
from synth_app.support.errors import UserError

RATE, KEYS = 48_000, (40, 52, 64, 76)
Samples = NDArray[np.float32]


def instrument(seed: int, key: float, seconds: float = 1.2) -> Samples:
    """One of many additive instruments: slope, share of even partials, decay, attack and tremolo of its own."""
    rng = np.random.default_rng(seed)
    slope, even, decay = rng.uniform(0.4, 2.2), rng.uniform(0.05, 1.0), rng.choice([0.0, 3.0, 8.0])
    attack_s, depth, noise = rng.choice([0.003, 0.03, 0.15]), rng.choice([0.0, 0.3]), rng.choice([0.0, 0.02])
    f0_hz, t = 440.0 * 2.0 ** ((key - 69.0) / 12.0), np.arange(round(seconds * RATE)) / RATE
    wave = noise * rng.standard_normal(len(t))
    for h in range(1, int(7_000 / f0_hz) + 1):
        wave += (even if h % 2 == 0 else 1.0) * h**-slope * np.sin(2 * np.pi * f0_hz * h * t + h * h)
    level = np.minimum(t / attack_s, 1.0) * np.exp(-decay * t) * (1.0 + depth * np.sin(2 * np.pi * 6.0 * t))
    return np.asarray(0.1 * wave * level, np.float32)


@pytest.fixture(scope="module")
def orchestra() -> LabelledSounds:
    """Forty instruments at four keys, an octave apart."""
    found = [
        (seed, key, features(shape_of_audio(instrument(seed, key), RATE, key))) for seed in range(40) for key in KEYS
    ]
    seeds, keys, measured = zip(*found, strict=True)
    return LabelledSounds(np.array(measured), np.array(keys, np.float64), np.array(seeds))


def test_instruments_that_were_held_out_are_found_two_octaves_away(orchestra: LabelledSounds) -> None:
    report = find_report(orchestra, "orchestra")
    shares = {(row.metric.split(",")[0], row.semitones): row for row in report.rows}
    learned, plain = shares["learned", 24], shares["features", 24]
    assert learned.queries == plain.queries == 2 * 2 * 40, "each key has one two octaves away"
    assert learned.among_first > 0.85
    assert learned.first > plain.first + 0.1
    assert f"among {FIRST}" in report.as_text()
    assert report.as_dict()["instruments"] == 40


def test_without_a_link_between_keys_nothing_is_found(orchestra: LabelledSounds) -> None:
    """The same measurement with shuffled names is at chance: it cannot tell an instrument by anything but its sound."""
    shuffled = replace(orchestra, instruments=np.random.default_rng(0).permutation(orchestra.instruments))
    rows = [row for row in find_report(shuffled, "x").rows if row.semitones == 24]
    assert rows
    assert all(row.among_first < 3 * FIRST / 40 for row in rows)


def test_the_level_changes_nothing() -> None:
    loud, soft = (features(shape_of_audio(gain * instrument(3, 52), RATE, 52.0)) for gain in (1.0, 0.1))
    assert loud.shape == (FEATURES,)
    np.testing.assert_allclose(soft, loud, atol=0.6)
    assert np.abs(soft - loud).mean() < 0.02


def test_silence_around_a_sound_changes_little() -> None:
    sound = instrument(5, 60)
    padded = np.concatenate([np.zeros(RATE // 4, np.float32), sound, np.zeros(RATE, np.float32)])
    near, far = (
        features(shape_of_audio(other, RATE, 60.0)) - features(shape_of_audio(sound, RATE, 60.0))
        for other in (padded, instrument(8, 60))
    )
    assert np.abs(near).mean() < 0.2 * np.abs(far).mean()


def test_other_analyses_of_the_same_sound_are_near() -> None:
    """Models of 16 kHz have other frames; a sound seen through them must stay nearer than another sound."""
    spec, sound = FrameSpec(16_000, 1024, 512, "hamming"), instrument(7, 57)
    frames = db_frames(sound[::3], spec)  # below 7 kHz, so that every third sample is a fair copy
    here = features(shape_of_frames(frames, spec, 57.0))
    there, other = (features(shape_of_audio(each, RATE, 57.0)) for each in (sound, instrument(11, 57)))
    metric = shipped_metric()
    points = metric.points(np.array([here, there, other]), np.full(3, 57.0))
    assert np.linalg.norm(points[0] - points[1]) < 0.6 * np.linalg.norm(points[0] - points[2])


def test_silence_is_refused() -> None:
    with pytest.raises(UserError, match="only silence"):
        shape_of_audio(np.zeros(RATE, np.float32), RATE, 60.0)


def test_a_metric_is_kept_exactly_and_checked(orchestra: LabelledSounds, tmp_path: Path) -> None:
    metric = fit_metric(orchestra)
    save_metric(metric, tmp_path / "metric.safetensors")
    assert METRIC_FILE.stat().st_size < 100_000
    shipped = shipped_metric()
    assert shipped.axes.shape[1] == metric.axes.shape[1]
    with pytest.raises(ValueError, match="no metric"):
        Metric(metric.center, metric.trend, metric.mean, metric.scale[:-1], metric.axes)


def test_the_trend_with_the_key_is_taken_away(orchestra: LabelledSounds) -> None:
    """Points of all instruments at the lowest and at the highest key have the same mean."""
    points = fit_metric(orchestra).points(orchestra.features, orchestra.pitches)
    means = [points[orchestra.pitches == key].mean(axis=0) for key in (KEYS[0], KEYS[-1])]
    spread = points.std(axis=0)
    assert np.abs((means[0] - means[1]) / spread).max() < 0.6
