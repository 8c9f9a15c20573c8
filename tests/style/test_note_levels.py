"""Levels of a path: as the engine sounds, and with slopes that match difference quotients."""

import numpy as np
import pytest

from synth_app.benchmarks.style.played import Player
from synth_app.decoder import Model
from synth_app.modelfile import find_model
from synth_app.patch import ENGINE_RATE, UserNote
from synth_app.spectrum.spec import FULL_BAND_SPEC, PAPER_SPEC
from synth_app.style import LevelModel, Style, live_style
from synth_app.style.note_levels import frame_blur, interpolated
from synth_app.texture import audible_bands, band_filters, band_levels_db, movement

_LAG_FRAMES = 9.5  # 0.1 s before the key goes down, and the engine's delay


def test_the_blur_is_the_power_of_the_window_at_the_neighbours() -> None:
    np.testing.assert_allclose(frame_blur(FULL_BAND_SPEC), [1 / 6, 2 / 3, 1 / 6])  # Hann: 0.5² and 1 before norming
    np.testing.assert_allclose(frame_blur(PAPER_SPEC), [1.0])  # its frames meet at the window's ends
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 9, 3))
    assert float(np.sum(interpolated(a) * b)) == pytest.approx(float(np.sum(a * interpolated(b))))
    np.testing.assert_allclose(interpolated(np.full((5, 2), 3.0)), 3.0)


@pytest.mark.parametrize("with_gain", [False, True])
def test_slopes_match_difference_quotients(model: Model, content: UserNote, with_gain: bool) -> None:
    levels, rng = LevelModel(model, content), np.random.default_rng(2)
    z, gain = content.codes().astype(np.float64), content.gains().astype(np.float64)
    dz = np.zeros_like(z) if with_gain else rng.standard_normal(z.shape)
    dg = rng.standard_normal(len(gain)) if with_gain else np.zeros(len(gain))
    found = levels(z, gain)
    weights = rng.standard_normal(found.levels_db.shape)
    by_z, by_gain = found.pull(weights)
    step = 0.01
    ends = [levels(z + sign * step * dz, gain + sign * step * dg).levels_db for sign in (1, -1)]
    quotient = float(np.sum((ends[0] - ends[1]) / (2.0 * step) * weights))
    size = float(np.linalg.norm(by_z) * np.linalg.norm(dz) + np.linalg.norm(by_gain) * np.linalg.norm(dg))
    assert float(np.sum(by_z * dz) + by_gain @ dg) == pytest.approx(quotient, abs=0.01 * size)


def test_slow_slopes_are_those_of_a_shift_of_the_whole_path(model: Model, content: UserNote) -> None:
    levels = LevelModel(model, content)
    z, gain = content.codes().astype(np.float64), content.gains()
    found = levels(z, gain)
    slopes = levels.slopes(found)
    assert slopes.shape == (*found.levels_db.shape, z.shape[1] + 1)
    np.testing.assert_allclose(slopes[5:-5, :, -1], 1.0, atol=0.2)  # one dB of gain is about one dB everywhere
    shift = np.zeros_like(z)
    shift[:, 3] = 0.01
    change = (levels(z + shift, gain).levels_db - levels(z - shift, gain).levels_db) / 0.02
    steady = slice(100, 200)
    np.testing.assert_allclose(slopes[steady, :, 3].mean(axis=0), change[steady].mean(axis=0), rtol=0.1, atol=0.1)


def test_levels_move_as_the_played_sound_does(model: Model, content: UserNote, engine_style: Style) -> None:
    styled = live_style(model, content, engine_style)
    sound = Player(model, str(find_model("pitched-vae-48k"))).play(styled)
    heard = band_levels_db(model.frames(sound, ENGINE_RATE), band_filters(model.spec))
    at = np.arange(30, 240)
    played = np.stack([np.interp(at + _LAG_FRAMES, np.arange(len(heard)), band) for band in heard.T], axis=1)
    rate = 1.0 / model.spec.hop_seconds
    found = LevelModel(model, styled)(styled.codes(), styled.gains())
    plain = band_levels_db(found.frames_db, band_filters(model.spec))
    audible = audible_bands(played) > 0.0

    def miss(levels: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
        difference = movement(levels[at], rate) - movement(played, rate)
        return float(np.sqrt(np.mean(difference[:, audible] ** 2)))

    assert miss(found.levels_db) < 1.2
    assert miss(found.levels_db) < 0.4 * miss(plain)
