"""A tiny model that warms up the compiled kernels before sound is needed.

Its frames have the full-band models' sizes, so that it needs the same phase tables.
"""

import numpy as np

from synth_app.modelfile import BankNote, DataInfo, LatentStats, Linear, ModelCard, ModelFile, NoteMarks, TrainingInfo
from synth_app.modelfile.card import SpecCard
from synth_app.spectrum.spec import FULL_BAND_SPEC

_BINS, _LATENT, _FRAMES = FULL_BAND_SPEC.bins, 2, 12


def tiny_model() -> ModelFile:
    """Return a model with two bank notes, two dimensions and a linear decoder."""
    rng = np.random.default_rng(0)
    f32 = np.float32
    tensors = {
        "enc.w": rng.standard_normal((_LATENT, _BINS)).astype(f32),
        "enc.b": np.zeros(_LATENT, f32),
        "dec.w": (0.1 * rng.standard_normal((_BINS, _LATENT))).astype(f32),
        "dec.b": np.zeros(_BINS, f32),
    }
    card = ModelCard(
        name="warm-up", title="Warm-up", family="pca", description="Warms compiled kernels.",
        spec=SpecCard(**vars(FULL_BAND_SPEC)),
        latent_size=_LATENT,
        encoder=(Linear(weight="enc.w", bias="enc.b"),),
        decoder=(Linear(weight="dec.w", bias="dec.b"),),
        axis_names=("z1", "z2"),
        data=DataInfo(name="none", licence="none", notes=0, command=""),
        training=TrainingInfo(command="", seed=0, epochs=0, seconds=0.0, versions={}, settings={}),
    )  # fmt: skip
    bank = tuple(
        BankNote(
            f"note-{pitch}", "none", "keyboard", pitch, 100, rng.standard_normal((_FRAMES, _LATENT)).astype(f32),
            np.full(_FRAMES, -20.0, f32), NoteMarks(2, 4, 8, 9),
        )
        for pitch in (60, 64)
    )  # fmt: skip
    return ModelFile(card, tensors, LatentStats.of(rng.standard_normal((64, _LATENT)).astype(f32)), bank)
