"""A small complete model: every kind of layer, a bank of two notes."""

import numpy as np
import pytest

from synth_app.modelfile import (
    Activation,
    BankNote,
    DataInfo,
    LatentStats,
    LayerNorm,
    Linear,
    ModelCard,
    ModelFile,
    NoteMarks,
    Parallel,
    Residual,
    TrainingInfo,
)
from synth_app.modelfile.card import SpecCard

BINS, LATENT = 33, 3


def _path(name: str, frames: int, seed: int) -> BankNote:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((frames, LATENT)).astype(np.float16).astype(np.float32)  # as stored
    gain_db = (-rng.random(frames) * 60).astype(np.float16).astype(np.float32)
    return BankNote(name, "Tiny Piano", "keyboard", 60, 100, z, gain_db, NoteMarks(1, 2, frames - 2, frames - 1))


@pytest.fixture
def model() -> ModelFile:
    """A small model that a test may change."""
    return small_model()


def small_model() -> ModelFile:
    """Encoder and decoder with linear, tanh, gelu, sigmoid, layer norm, residual and parallel parts."""
    rng = np.random.default_rng(7)
    sizes = {"e1": (8, BINS), "e2": (8, 8), "e3": (LATENT, 8), "es": (LATENT, BINS), "d1": (8, LATENT), "d2": (BINS, 8)}
    tensors = {f"{k}.weight": rng.standard_normal(s).astype(np.float32) * 0.3 for k, s in sizes.items()}
    tensors |= {f"{k}.bias": rng.standard_normal(s[0]).astype(np.float32) for k, s in sizes.items()}
    tensors |= {"n.weight": np.ones(8, np.float32), "n.bias": np.zeros(8, np.float32)}

    def linear(name: str) -> Linear:
        return Linear(weight=f"{name}.weight", bias=f"{name}.bias")

    norm = LayerNorm(weight="n.weight", bias="n.bias")
    body = (norm, linear("e2"), Activation(function="gelu"))
    deep = (linear("e1"), Activation(function="tanh"), Residual(body=body), linear("e3"))
    card = ModelCard(
        name="tiny",
        title="Tiny",
        family="test",
        description="For tests.",
        spec=SpecCard(sample_rate=16_000, n_fft=64, hop_length=32, window="hann", floor_db=-100.0),
        latent_size=LATENT,
        encoder=(Parallel(branches=((linear("es"),), deep)),),
        decoder=(linear("d1"), Activation(function="sigmoid"), linear("d2")),
        axis_names=("brightness", "z2", "z3"),
        data=DataInfo(name="none", licence="MIT", notes=2, command="-"),
        training=TrainingInfo(command="-", seed=0, epochs=0, seconds=0.0, versions={}, settings={"epochs": 0}),
    )
    stats = LatentStats.of(rng.standard_normal((50, LATENT)).astype(np.float32))
    return ModelFile(card, tensors, stats, (_path("tiny-060-100", 12, 1), _path("tiny-072-100", 9, 2)))
