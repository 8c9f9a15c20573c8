"""The public interface of a loaded model."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

import synth_app
from synth_app.decoder import Model
from synth_app.decoder.model import HELD_FRAMES
from synth_app.modelfile import Linear, Lstm, ModelFile, save_model_file
from synth_app.spectrum import db_frames
from synth_app.support.errors import UserError


def test_load_model_runs_without_torch(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np, synth_app\n"
        f"m = synth_app.load_model({str(path)!r})\n"
        "z, g = m.encode(m.frames(np.sin(np.arange(4000) * .3).astype(np.float32), 16000))\n"
        "assert m.decode(z, g).shape == (125, 33), m.decode(z, g).shape\n"
        "assert not {'librosa', 'scipy', 'numba', 'soxr'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_frames_follow_the_spec_and_rates_are_converted(model: ModelFile) -> None:
    loaded = Model(model)
    audio = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    np.testing.assert_array_equal(loaded.frames(audio, 16_000), db_frames(audio, loaded.spec))
    at_48k = soxr.resample(audio, 16_000, 48_000, quality="VHQ")
    inner = slice(20, 400)
    np.testing.assert_allclose(
        loaded.frames(at_48k, 48_000)[inner].max(axis=1), loaded.frames(audio, 16_000)[inner].max(axis=1), atol=0.02
    )


def test_the_gain_bypasses_the_latent_vector(model: ModelFile) -> None:
    loaded = Model(model)
    audio = np.random.default_rng(0).standard_normal(4000).astype(np.float32) * 0.1
    frames = loaded.frames(audio, 16_000)
    z, gain_db = loaded.encode(frames)
    z_quiet, gain_quiet = loaded.encode(frames - 12.0)
    np.testing.assert_allclose(z_quiet, z, atol=1e-4)
    np.testing.assert_allclose(gain_quiet, gain_db - 12.0, atol=1e-4)
    np.testing.assert_allclose(gain_db, frames.max(axis=1))
    np.testing.assert_allclose(loaded.decode(z, gain_db) - 12.0, loaded.decode(z, gain_db - 12.0), atol=1e-4)


def test_every_frame_has_its_own_gain(model: ModelFile) -> None:
    loaded, gains_db = Model(model), np.array([-3.0, -40.0, -12.5], np.float32)
    z = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    decoded = loaded.decode(z, gains_db)
    for i, gain_db in enumerate(gains_db):
        np.testing.assert_allclose(decoded[i], loaded.decode(z[i : i + 1], 0.0)[0] + gain_db, atol=1e-4)


def test_a_held_latent_vector_lets_a_recurrent_decoder_settle(model: ModelFile) -> None:
    rng = np.random.default_rng(3)
    sizes = {"w": (24, 3), "u": (24, 6), "b": (24,), "v": (33, 6), "c": (33,)}
    tensors = {name: (0.5 * rng.standard_normal(size)).astype(np.float32) for name, size in sizes.items()}
    ops = (Lstm(weight="w", recurrent="u", bias="b"), Linear(weight="v", bias="c"))
    recurrent = Model(
        replace(model, card=model.card.model_copy(update={"decoder": ops}), tensors=model.tensors | tensors)
    )
    z = rng.standard_normal((2, 3)).astype(np.float32)
    held = recurrent.decode_held(z, np.array([-6.0, -20.0], np.float32))
    for i, gain_db in enumerate((-6.0, -20.0)):
        sequence = recurrent.decode(np.repeat(z[i : i + 1], 40, axis=0), gain_db)
        np.testing.assert_allclose(held[i], sequence[HELD_FRAMES - 1], atol=1e-4)
        assert np.abs(sequence[0] - sequence[-1]).max() > 3.0  # dB: one frame alone is far from settled
        np.testing.assert_allclose(held[i], sequence[-1], atol=1.5)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((100, 2), np.float32), "one channel"),
        (np.full(100, np.nan, np.float32), "NaN"),
        (np.full(100, np.inf, np.float32), "infinite"),
    ],
)
def test_unusable_audio_is_refused(model: ModelFile, audio: NDArray[np.float32], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Model(model).frames(audio, 16_000)


def test_frames_and_latent_vectors_of_the_wrong_width_are_refused(model: ModelFile) -> None:
    loaded = Model(model)
    with pytest.raises(UserError, match=r"\[n, 33\]"):
        loaded.encode(np.zeros((3, 32), np.float32))
    with pytest.raises(UserError, match=r"\[n, 3\]"):
        loaded.decode(np.zeros((2, 4), np.float32), np.zeros(2, np.float32))


def test_empty_audio_gives_empty_results(model: ModelFile) -> None:
    loaded = Model(model)
    z, gain_db = loaded.encode(loaded.frames(np.zeros(0, np.float32), 16_000))
    assert loaded.decode(z, gain_db).shape == (0, 33)


def test_package_offers_load_model(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model_file(path, model)
    loaded = synth_app.load_model(str(path))
    assert loaded.card.name == "tiny"
    assert len(loaded.bank) == 2
