"""A small real model for the window's tests: PCA over synthetic harmonic notes of several families."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import (
    BankNote,
    DataInfo,
    LatentStats,
    Linear,
    ModelCard,
    ModelFile,
    NoteMarks,
    TrainingInfo,
    save_model_file,
)
from synth_app.modelfile.card import SpecCard

Array = NDArray[np.float32]
RATE, N_FFT, HOP = 16_000, 1024, 256
FAMILIES = (
    ("keyboard", "Grand Piano"),
    ("string", "Violin"),
    ("brass", "Trumpet"),
    ("mallet", "Vibraphone"),
    ("organ", "Church Organ"),
    ("bass", "Finger Bass"),
    ("flute", "Pan Flute"),
    ("vocal", "Choir Aahs"),
)
PITCHES = (36, 48, 60, 72, 84)
FRAMES = 20


@lru_cache(maxsize=64)
def harmonic_frames(pitch: int, brightness: float, odd: float, noise_db: float) -> Array:
    """Unit-scaled frames [FRAMES, bins] of a decaying harmonic note."""
    f0_hz = 440 * 2 ** ((pitch - 69) / 12)
    bins_hz = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    h = np.arange(1, int(7900 / f0_hz) + 1)[:, np.newaxis]
    lobes = -0.02 * ((bins_hz - h * f0_hz) / 4) ** 2 - np.where(h % 2 == 0, odd, 0.0)
    frames = np.empty((FRAMES, len(bins_hz)), np.float32)
    for m in range(FRAMES):
        db = (lobes - (brightness + 6 * m / FRAMES) * np.log2(h)).max(axis=0)
        frames[m] = 1 + np.maximum(db, max(noise_db, -100.0)) / 50
    return frames


def make_model(path: Path, latent: int = 16, name: str = "test-pca", title: str = "Test PCA 16") -> Path:
    """Write the model file."""
    rng = np.random.default_rng(7)
    notes = [
        (family, instrument, pitch, harmonic_frames(pitch, 4 + 2.2 * k, 3.0 * (k % 4), -95 + 4 * (k % 5)))
        for k, (family, instrument) in enumerate(FAMILIES)
        for pitch in PITCHES
    ]
    data = np.concatenate([frames for *_, frames in notes])
    mean = data.mean(axis=0)
    _, vectors = np.linalg.eigh((data - mean).T @ (data - mean) / len(data))
    basis = vectors[:, ::-1][:, :latent].T.astype(np.float32)  # [latent, bins]
    z_all = (data - mean) @ basis.T
    bank = tuple(
        BankNote(
            name=f"{family}_acoustic_000-{pitch:03d}-100",
            instrument=instrument,
            family=family,
            pitch=pitch,
            velocity=100,
            z=z_all[i * FRAMES : (i + 1) * FRAMES] + rng.normal(0, 0.02, (FRAMES, latent)).astype(np.float32),
            gain_db=np.linspace(-14, -20, FRAMES, dtype=np.float32),
            marks=NoteMarks(2, 4, 12, 15),
        )
        for i, (family, instrument, pitch, _) in enumerate(notes)
    )
    tensors = {
        "encoder.weight": basis,
        "encoder.bias": (-basis @ mean).astype(np.float32),
        "decoder.weight": np.ascontiguousarray(basis.T),
        "decoder.bias": mean.astype(np.float32),
    }
    card = ModelCard(
        name=name,
        title=title,
        family="pca",
        description="Principal components of synthetic notes, for tests.",
        spec=SpecCard(sample_rate=RATE, n_fft=N_FFT, hop_length=HOP, window="hann", floor_db=-100.0),
        latent_size=latent,
        encoder=(Linear(weight="encoder.weight", bias="encoder.bias"),),
        decoder=(Linear(weight="decoder.weight", bias="decoder.bias"),),
        axis_names=tuple(f"z{i + 1}" for i in range(latent)),
        data=DataInfo(name="synthetic", licence="MIT", notes=len(bank), command="tests"),
        training=TrainingInfo(command="tests", seed=7, epochs=0, seconds=0.0, versions={}, settings={}),
    )
    save_model_file(path, ModelFile(card, tensors, LatentStats.of(z_all.astype(np.float32)), bank))
    return path
