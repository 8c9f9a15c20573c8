"""Levels as heard: frames that agree keep theirs, and noise is added at its share."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder.heard_levels import heard_frames_db, noise_power
from synth_app.modelfile.noise_share import BANDS
from synth_app.spectrum import FrameSpec, db_frames

SPEC = FrameSpec(48_000, 2048, 512)
PITCH = 60.0
F0_HZ = 440.0 * 2.0 ** (-9 / 12)
SPACING = F0_HZ * SPEC.n_fft / SPEC.sample_rate


def _tone_db() -> NDArray[np.float64]:
    time = np.arange(48_000) / SPEC.sample_rate
    tone = sum(0.1 / h * np.sin(2 * np.pi * h * F0_HZ * time + h) for h in range(1, 9))
    return np.asarray(db_frames(np.asarray(tone, np.float32), SPEC)[4:-4], np.float64)


def _share(frames: int, level_db: float) -> NDArray[np.float64]:
    return np.full((frames, BANDS), level_db)


def test_a_steady_tone_is_heard_at_its_levels() -> None:
    frames = _tone_db()
    peaks = np.rint(np.arange(1, 9) * SPACING).astype(int)
    for share in (None, _share(len(frames), -60.0)):
        heard = heard_frames_db(frames, share, PITCH, SPEC)
        assert heard.shape == frames.shape
        np.testing.assert_allclose(heard[20:-20, peaks].mean(axis=0), frames[20:-20, peaks].mean(axis=0), atol=0.7)


def test_known_noise_is_random_and_unknown_is_not() -> None:
    """Flat frames: as noise alone their levels vary from frame to frame."""
    flat = np.full((80, SPEC.bins), -60.0)
    heard = heard_frames_db(flat, _share(80, 0.0), PITCH, SPEC)[20:-20, 100:900]
    power = 10.0 ** (heard / 10.0)
    assert 10.0 * np.log10(power.mean()) == pytest.approx(-60.0, abs=1.5)
    assert np.std(heard) > 3.0


@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("pitch", [0.0, 127.0])
def test_short_notes_are_heard_at_every_key(frames: int, pitch: float) -> None:
    heard = heard_frames_db(np.full((frames, SPEC.bins), -40.0), _share(frames, -10.0), pitch, SPEC)
    assert heard.shape == (frames, SPEC.bins)
    assert np.isfinite(heard).all()


def test_noise_has_its_share_of_the_power_about_every_bin() -> None:
    power = np.ones((2, SPEC.bins))
    share_db = np.tile(-np.arange(BANDS, dtype=float), (2, 1))
    found = noise_power(power, share_db, SPACING)
    assert found[0, round(SPACING)] == pytest.approx(1.0)
    assert found[0, round(2 * SPACING)] == pytest.approx(10.0**-0.1)
    assert found[1, round(7 * SPACING)] == pytest.approx(10.0**-0.5)
