"""What a note carries beside its levels: the share of noise, and the shape of soft strokes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.evaluation.metrics.tone_quality import harmonic_to_noise_db
from synth_app.modelfile import save_model_file
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.noise_share import BANDS, KNOTS, pack_noise
from synth_app.modelfile.soft_shape import BANDS as SOFT_BANDS
from synth_app.modelfile.soft_shape import band_bins, pack_soft
from synth_app.patch import NoteOn, Patch
from tests.engine.conftest import SPECS, exact_model
from tests.engine.helpers import key_hz, play

SPEC = SPECS[48_000]
_NONE = Correction.of(np.zeros((1, SPEC.bins)), np.zeros((0, Correction.KNOTS)))


def _noisy(share_db: float) -> Correction:
    return replace(_NONE, noise=pack_noise(np.full((KNOTS, BANDS), share_db)))


def _saved(path: Path, *corrections: Correction) -> str:
    model = exact_model(SPEC)
    bank = tuple(replace(note, correction=each) for note, each in zip(model.bank, corrections, strict=False))
    save_model_file(path, replace(model, bank=bank, map_positions=None))
    return str(path)


def _hnr_db(patch: Patch, key: int = 60) -> float:
    audio = play(patch, (0.0, NoteOn(key, 100)), seconds=2.2)
    return harmonic_to_noise_db(audio[14_400:].mean(axis=1), 48_000, key_hz(key))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first notes have the same path: one nearly without noise, one with a third of noise."""
    return _saved(tmp_path_factory.mktemp("noise") / "noisy.safetensors", _noisy(-60.0), _noisy(-5.0))


def test_more_noise_is_heard_with_a_greater_share(shared: str) -> None:
    for key in (48, 60):  # at higher keys the measure takes noise beside a partial for a part of it
        assert _hnr_db(Patch(shared, 1, 1), key) < _hnr_db(Patch(shared, 0, 0), key) - 5.0


def test_a_morph_is_between_both_shares(shared: str) -> None:
    half = Patch(shared, 0, 1).with_param("morph", 0.5)
    assert _hnr_db(Patch(shared, 1, 1)) + 2.0 < _hnr_db(half) <= _hnr_db(Patch(shared, 0, 0))


def test_detail_fades_the_noise(shared: str, models: dict[int, str]) -> None:
    events = (0.0, NoteOn(60))
    np.testing.assert_array_equal(
        play(Patch(shared).with_param("detail", 0.0), events, seconds=0.4),
        play(Patch(models[48_000]), events, seconds=0.4),
    )
    noisy = Patch(shared, 1, 1)
    assert _hnr_db(noisy.with_param("detail", 0.3)) > _hnr_db(noisy) + 1.0


def test_noise_does_not_change_the_level(shared: str, models: dict[int, str]) -> None:
    levels = [
        10.0 * np.log10(np.mean(play(patch, (0.0, NoteOn(60)), seconds=1.2)[12_000:] ** 2))
        for patch in (
            Patch(shared, 1, 1).with_param("width", 0.0),
            Patch(models[48_000], 1, 1).with_param("width", 0.0),
        )
    ]
    assert levels[0] == pytest.approx(levels[1], abs=0.7)


# ---- soft strokes


def _dull(level_db: float) -> bytes:
    """Partials from the third on are ``level_db`` higher."""
    third = 2.5 * key_hz(60) * SPEC.n_fft / SPEC.sample_rate
    return pack_soft(np.where(band_bins(SPEC.bins) > third, level_db, 0.0)[:SOFT_BANDS])


def _partial_db(audio: NDArray[np.float32], hz: float) -> float:
    part = audio[12_000:28_384].mean(axis=1) * np.hanning(16_384)
    at = round(hz * 16_384 / 48_000)
    return float(20.0 * np.log10(np.abs(np.fft.rfft(part))[at - 6 : at + 7].max()))


def _darker_db(path: str, velocity: int) -> float:
    """Level of partial 5 re partial 1, over that at the recording's velocity."""
    patch = Patch(path, 1, 1).with_param("velocity_tilt", 0.0)
    found = []
    for each in (velocity, 100):
        audio = play(patch, (0.0, NoteOn(60, each)), seconds=0.7)
        found.append(_partial_db(audio, 5 * key_hz(60)) - _partial_db(audio, key_hz(60)))
    return found[0] - found[1]


def test_soft_strokes_have_their_shape_and_the_recordings_velocity_is_unchanged(tmp_path: Path) -> None:
    soft = replace(_NONE, soft=_dull(-10.0))
    path = _saved(tmp_path / "soft.safetensors", soft, soft)
    assert _darker_db(path, 30) == pytest.approx(-10.0, abs=0.6)
    assert _darker_db(path, 65) == pytest.approx(-5.0, abs=0.6)
    assert _darker_db(path, 1) == pytest.approx(-10.0, abs=0.6)
    assert _darker_db(path, 121) == pytest.approx(3.0, abs=0.6)
    plain = _saved(tmp_path / "plain.safetensors", _NONE, _NONE)
    events = (0.0, NoteOn(60, 100))
    np.testing.assert_array_equal(play(Patch(path), events, seconds=0.3), play(Patch(plain), events, seconds=0.3))
