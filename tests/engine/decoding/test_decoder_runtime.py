"""Recurrent decoders in the engine: steps at the training hop, linear interpolation, a state for every voice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.engine.decoding.decoder_runtime import HELD_STEPS, DecoderRuntime
from synth_app.engine.decoding.dense_layers import COMPILED
from synth_app.modelfile import Activation, Linear, Lstm, ModelFile, Parallel, save_model_file
from synth_app.patch import NoteOff, NoteOn, Patch
from synth_app.spectrum import FrameSpec
from tests.engine.conftest import SPECS, exact_model
from tests.engine.helpers import play

Float32s = NDArray[np.float32]
WIDTH = 24
PITCH = np.full(5, 60.0, np.float32)  # which these decoders ignore


def _with_memory(spec: FrameSpec, weight: float) -> ModelFile:
    """The exact model with an LSTM beside its decoder, weighted by ``weight``."""
    exact = exact_model(spec)
    rng = np.random.default_rng(5)

    def random(*shape: int) -> Float32s:
        return rng.standard_normal(shape).astype(np.float32)

    memory = {
        "m.w": random(4 * WIDTH, 2), "m.u": 0.3 * random(4 * WIDTH, WIDTH), "m.b": random(4 * WIDTH),
        "o.w": np.float32(weight) * random(spec.bins, WIDTH), "o.b": np.zeros(spec.bins, np.float32),
    }  # fmt: skip
    lstm = Lstm(weight="m.w", recurrent="m.u", bias="m.b")
    branch = (lstm, Activation(function="tanh"), Linear(weight="o.w", bias="o.b"))
    decoder = (Parallel(branches=(exact.card.decoder, branch)),)
    card = exact.card.model_copy(update={"decoder": decoder, "name": "memory", "family": "lstm-ae"})
    return replace(exact, card=card, tensors={**exact.tensors, **memory})


def _steps(file: ModelFile, z: Float32s) -> Float32s:
    return Network(file.card.decoder, file.tensors, 2, len(z), COMPILED)(z)


def _latent(voice: int, moment: float) -> Float32s:
    return np.array([np.sin(moment + voice), np.cos(0.7 * moment * (voice + 1))], np.float32)


@pytest.fixture(scope="module")
def file() -> ModelFile:
    return _with_memory(FrameSpec(16_000, 128, 64), 0.3)


def test_steps_equal_the_network_and_frames_between_are_interpolated(file: ModelFile) -> None:
    decoding = DecoderRuntime(file, 3, 8, 2)
    moments = np.arange(0.0, 6.0, 0.25)
    steps = [_steps(file, np.stack([_latent(v, k) for k in range(6)])) for v in range(3)]
    for v in (0, 2):
        decoding.reset_voice(v)
    for moment in moments:
        z = np.stack([_latent(2, moment), _latent(0, moment)])
        made = decoding.decode_voices(z, PITCH[:2], np.array([2, 0], np.int32), np.array([moment, moment]))
        k, way = int(moment), moment % 1.0
        for frame, v in zip(made, (2, 0), strict=True):
            last = steps[v][max(k - 1, 0)]
            np.testing.assert_allclose(frame, last + way * (steps[v][k] - last), atol=3e-6)


def test_a_voice_may_be_repeated_in_one_call_and_restarts_after_a_reset(file: ModelFile) -> None:
    decoding = DecoderRuntime(file, 2, 8, 2)
    row, elapsed = np.array([1, 0, 1, 0, 1], np.int32), np.array([0, 0, 1, 0.5, 2.5])
    z = np.stack([_latent(int(v), float(e)) for v, e in zip(row, elapsed, strict=True)])
    for _ in range(2):
        for v in (0, 1):
            decoding.reset_voice(v)
        made = decoding.decode_voices(z, PITCH[:5], row, elapsed).copy()
        one = _steps(file, z[[0, 2, 4]])
        np.testing.assert_allclose(made[[0, 2]], one[[0, 0]], atol=3e-6)
        np.testing.assert_allclose(made[4], (one[1] + one[2]) / 2, atol=3e-6)
        np.testing.assert_allclose(made[[1, 3]], np.repeat(_steps(file, z[[1]]), 2, axis=0), atol=3e-6)


def test_a_voice_that_joins_late_has_settled(file: ModelFile) -> None:
    decoding = DecoderRuntime(file, 1, 8, 2)
    z = _latent(0, 3.0)[np.newaxis]
    decoding.reset_voice(0)
    decoding.decode_voices(-z, PITCH[:1], np.zeros(1, np.int32), np.array([0.0]))  # another note's
    decoding.reset_voice(0)
    made = decoding.decode_voices(z, PITCH[:1], np.zeros(1, np.int32), np.array([700.0]))
    np.testing.assert_allclose(made[0], _steps(file, np.repeat(z, 7, axis=0))[-1], atol=3e-6)


def test_held_vectors_do_not_affect_the_voices(file: ModelFile) -> None:
    decoding = DecoderRuntime(file, 1, 8, 2)
    z, row = _latent(0, 1.0)[np.newaxis], np.zeros(1, np.int32)
    decoding.reset_voice(0)
    decoding.decode_voices(z, PITCH[:1], row, np.array([0.0]))
    for _ in range(2):
        held = decoding.decode_held(np.stack([_latent(1, 2.0), _latent(2, 0.5)]), PITCH[:2]).copy()
        for frame, vector in zip(held, (_latent(1, 2.0), _latent(2, 0.5)), strict=True):
            np.testing.assert_allclose(frame, _steps(file, np.tile(vector, (HELD_STEPS, 1)))[-1], atol=3e-6)
    made = decoding.decode_voices(z, PITCH[:1], row, np.array([1.999]))
    np.testing.assert_allclose(made[0], _steps(file, np.repeat(z, 2, axis=0))[1], atol=2e-3)


@pytest.mark.parametrize("quality", ["live", "eco", "fast", "studio"])
def test_a_recurrent_layer_of_weight_0_changes_no_sample(models: dict[int, str], tmp_path: Path, quality: str) -> None:
    path = str(tmp_path / "memory.safetensors")
    save_model_file(path, _with_memory(SPECS[16_000], 0.0))
    events = ((0.0, NoteOn(60, 100)), (0.013, NoteOn(64, 100)), (0.3, NoteOff(60)))
    sounds = [play(Patch(model, quality=quality), *events, seconds=0.5) for model in (models[16_000], path)]
    assert np.abs(sounds[0]).max() > 0.05
    np.testing.assert_allclose(sounds[1], sounds[0], atol=1e-5)


def test_a_recurrent_decoder_gives_the_same_samples_for_all_block_sizes(tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{weight}.safetensors") for weight in (0.0, 0.3)]
    for path, weight in zip(paths, (0.0, 0.3), strict=True):
        save_model_file(path, _with_memory(SPECS[16_000], weight))
    events = tuple((0.01 * i, NoteOn(50 + 3 * i, 100)) for i in range(7))
    patch = Patch(paths[1], slot_a=3, slot_b=1)
    large, small = (play(patch, *events, seconds=0.4, block=block) for block in (4096, 96))
    np.testing.assert_array_equal(large, small)
    assert np.abs(large - play(replace(patch, model=paths[0]), *events, seconds=0.4)).max() > 0.01
