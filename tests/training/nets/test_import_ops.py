"""Layers made from a model file's operations compute the same as the program's own decoder, and export as they were."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from synth_app.decoder import Network
from synth_app.modelfile import Lstm, ModelFile
from synth_app.training import FitSettings, TrainSettings
from synth_app.training.families.fine_tuned import FineTunedNet
from synth_app.training.nets.export_ops import export_ops
from tests.modelfile.conftest import small_model
from tests.training.conftest import plain_model

FIT = FitSettings(epochs=1, batch_size=256, frames_per_note=20)


def _frames(file: ModelFile, rows: int = 9) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    unit = np.tanh(rng.standard_normal((rows, file.card.frame_spec.bins))).astype(np.float32)
    return unit, rng.uniform(40, 70, rows).astype(np.float32)


def _assert_same(file: ModelFile) -> None:
    """Compare with ``decoder.Network``, which is written independently of torch."""
    card, keys = file.card, file.card.key_range
    unit, pitch = _frames(file)
    encoder = Network(card.encoder, file.tensors, card.frame_spec.bins, 16, key_range=keys)
    decoder = Network(card.decoder, file.tensors, card.latent_size, 16, key_range=keys)
    z = encoder(unit, pitch).copy()
    net = FineTunedNet(file, "squared").eval()
    with torch.no_grad():
        own_z = net.encode(torch.from_numpy(unit), torch.from_numpy(pitch))
        own = net.decode(own_z, torch.from_numpy(pitch)).numpy()
    np.testing.assert_allclose(own_z.numpy(), z, atol=2e-5)
    np.testing.assert_allclose(own, decoder(z, pitch), atol=2e-5)


@pytest.mark.parametrize("family", ["dae", "pitched-vae", "lstm-ae"])
def test_the_layers_compute_the_same(settings: TrainSettings, family: str) -> None:
    _assert_same(plain_model(replace(settings, family=family, fit=FIT), "x"))


def test_every_kind_of_layer_comes_back() -> None:
    file = small_model()
    tensors: dict[str, torch.Tensor] = {}
    net = FineTunedNet(file, "squared")
    ops = export_ops(net.encoder, "encoder", tensors)
    assert [type(op) for op in ops] == [type(op) for op in file.card.encoder]
    _assert_same(file)


def test_the_two_biases_of_an_lstm_add_up_to_the_stored_one(settings: TrainSettings) -> None:
    file = plain_model(replace(settings, family="lstm-ae", fit=FIT), "x")
    tensors: dict[str, torch.Tensor] = {}
    ops = export_ops(FineTunedNet(file, "squared").encoder, "encoder", tensors)
    stored = next(op for op in file.card.encoder if isinstance(op, Lstm))
    again = next(op for op in ops if isinstance(op, Lstm))
    np.testing.assert_array_equal(tensors[again.bias].numpy(), file.tensors[stored.bias])
