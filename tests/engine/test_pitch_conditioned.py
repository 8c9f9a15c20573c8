"""Pitch-conditioned models: keys are decoded, pitches between or beyond them are transposed."""

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.engine.engine import Engine, prepare_instrument
from synth_app.modelfile import load_model_file
from synth_app.patch import ENGINE_RATE, NoteOn, Patch
from synth_app.support.errors import UserError
from tests.engine.conftest import KEYS
from tests.engine.helpers import cents, key_hz, partial_hz, play

F32 = NDArray[np.float32]


def _levels_db(audio: F32, f0_hz: float, partials: range) -> NDArray[np.float64]:
    """Level of each partial re the first."""
    tail = audio[ENGINE_RATE // 2 :].mean(axis=1)
    spectrum = np.abs(np.fft.rfft(tail * np.blackman(len(tail))))
    bin_hz = ENGINE_RATE / len(tail)
    at = [round(f0_hz * h / bin_hz) for h in (1, *partials)]
    found = [np.linalg.norm(spectrum[i - 4 : i + 5]) for i in at]  # the whole lobe: no scalloping
    return np.asarray(20 * np.log10(np.array(found[1:]) / found[0]))


def _decoded_pitches(path: str, patch: Patch, key: int, monkeypatch: pytest.MonkeyPatch) -> set[float]:
    """Pitches that an instrument decodes at for a key."""
    instrument = prepare_instrument(path)
    engine = Engine(seed=1)
    engine.install(instrument, patch)
    asked: list[float] = []
    frames = instrument._decoder.decode_voices

    def watched(z: F32, pitch: F32, row: NDArray[np.int32], elapsed: NDArray[np.float64]) -> F32:
        asked.extend(pitch.tolist())
        return frames(z, pitch, row, elapsed)

    monkeypatch.setattr(instrument._decoder, "decode_voices", watched)
    engine.post(NoteOn(key))
    engine.render(np.zeros((4800, 2), np.float32))
    return set(asked)


@pytest.mark.parametrize("key", [48, 55, 72, 84])
def test_a_key_has_its_own_frame(pitched: str, key: int, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = play(Patch(pitched), (0.0, NoteOn(key)), seconds=1.5)
    partials = range(2, 7)
    np.testing.assert_allclose(
        _levels_db(audio, key_hz(key), partials), [-30.0 * np.log10(h) for h in partials], atol=1.0
    )
    assert _decoded_pitches(pitched, Patch(pitched), key, monkeypatch) == {key}


@pytest.mark.parametrize(("formant", "expected"), [(0.0, 72.0), (0.5, 66.0), (1.0, 60.0)])
def test_formant_decodes_nearer_to_the_notes_own_pitch(
    pitched: str, formant: float, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = Patch(pitched).with_param("formant", formant)
    assert _decoded_pitches(pitched, patch, 72, monkeypatch) == {expected}
    audio = play(patch, (0.0, NoteOn(72)), seconds=1.5)[ENGINE_RATE // 2 :, 0]
    assert abs(cents(partial_hz(audio, key_hz(72)), key_hz(72))) < 3.0


@pytest.mark.parametrize(("key", "tune_cents"), [(60, 0), (60, 31), (67, -50), (53, 77), (90, 0), (40, -20)])
def test_keys_between_and_beyond_the_tables_are_in_tune(pitched: str, key: int, tune_cents: int) -> None:
    patch = Patch(pitched).with_param("tune_cents", tune_cents)
    audio = play(patch, (0.0, NoteOn(key)), seconds=1.5)[ENGINE_RATE // 2 :, 0]
    for partial in (1, 2, 3):
        wanted = partial * key_hz(key + tune_cents / 100)
        assert abs(cents(partial_hz(audio, wanted), wanted)) < 3.0


def test_a_latent_vector_has_the_same_effect_at_every_key(pitched: str) -> None:
    for key in (50, 60, 80):
        audio = play(Patch(pitched, 1, 1), (0.0, NoteOn(key)), seconds=1.5)
        expected = [-10.0 * np.log10(h) for h in (2, 3)]
        np.testing.assert_allclose(_levels_db(audio, key_hz(key), range(2, 4)), expected, atol=0.3)


def test_pitch_conditioned_models_require_the_pitch(pitched: str) -> None:
    model = Model(load_model_file(pitched))
    z = np.zeros((3, 2), np.float32)
    assert model.pitch_conditioned
    with pytest.raises(UserError, match="exact-pitched is pitch-conditioned"):
        model.decode(z, -10.0)
    with pytest.raises(UserError, match=r"pitch has shape \(2,\) for 3 frames"):
        model.decode(z, -10.0, np.array([60.0, 61.0]))
    low, middle, high = model.decode(z, -10.0, np.array([60.0, 60.5, 61.0]))
    np.testing.assert_allclose(middle, (low + high) / 2, atol=1e-3)
    np.testing.assert_array_equal(model.decode(z, -10.0, KEYS.lowest - 5.0), model.decode(z, -10.0, KEYS.lowest))
