"""Each synthesized texture has what its name promises, measured without the functions that made it."""

import numpy as np
import pytest

from synth_app.spectrum import db_frames
from synth_app.spectrum.spec import FULL_BAND_SPEC
from synth_app.support.errors import UserError
from synth_app.texture import TEXTURES, band_filters, band_levels_db, synthesize_texture, texture_statistics
from synth_app.texture.statistics import TextureStatistics

RATE = 1.0 / FULL_BAND_SPEC.hop_seconds


@pytest.fixture(scope="module")
def measured() -> dict[str, TextureStatistics]:
    filters = band_filters(FULL_BAND_SPEC)
    return {
        name: texture_statistics(
            band_levels_db(db_frames(synthesize_texture(name, 4.0, 48_000, 1), FULL_BAND_SPEC), filters), RATE
        )
        for name in TEXTURES
    }


@pytest.mark.parametrize("name", TEXTURES)
def test_a_seed_gives_the_same_samples_and_another_seed_others(name: str) -> None:
    first, again, other = (synthesize_texture(name, 0.5, 16_000, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (8000,)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    assert 0.01 < float(np.sqrt(np.mean(first**2))) <= 0.1001
    assert np.abs(first).max() < 1.0


def test_textures_differ_as_their_sources_do(measured: dict[str, TextureStatistics]) -> None:
    skewness = {name: float(each.skewness.mean()) for name, each in measured.items()}
    together = {name: float(each.correlation.mean()) for name, each in measured.items()}
    slow = {name: float(each.modulation[:, 0].mean()) for name, each in measured.items()}
    assert max(skewness, key=lambda name: skewness[name]) == "fire"  # crackles stand out
    assert max(together, key=lambda name: together[name]) == "engine"  # a firing moves all bands at once
    assert max(slow, key=lambda name: slow[name]) == "wind"  # gusts


def test_an_engine_fires_24_times_a_second() -> None:
    sound = synthesize_texture("engine", 4.0, 48_000, 3).astype(np.float64)
    envelope = np.abs(sound).reshape(-1, 480).mean(axis=1)  # 100 Hz
    power = np.abs(np.fft.rfft(envelope - envelope.mean())) ** 2
    hz = np.fft.rfftfreq(len(envelope), 0.01)
    firing = power[(hz > 21.0) & (hz < 27.0)].sum()
    assert firing > 2.0 * power[(hz > 27.5) & (hz < 33.5)].sum()  # a cycle of four adds every fourth of the rate
    assert firing > 10.0 * power[(hz > 13.5) & (hz < 16.5)].sum()


def test_wrong_requests_are_refused() -> None:
    with pytest.raises(UserError, match="rain, wind, fire, engine, applause"):
        synthesize_texture("snow", 1.0, 48_000, 1)
    with pytest.raises(UserError, match=r"0\.5 to 600 s"):
        synthesize_texture("rain", 0.1, 48_000, 1)
