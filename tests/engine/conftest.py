"""A model whose decoded frames are known exactly: harmonic tones analysed from their closed form."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.engine.engine import warm_kernels
from synth_app.modelfile import (
    BankNote,
    DataInfo,
    KeyRange,
    LatentStats,
    Linear,
    ModelCard,
    ModelFile,
    NoteMarks,
    PitchComb,
    PitchConcat,
    TrainingInfo,
    save_model_file,
)
from synth_app.modelfile.card import SpecCard
from synth_app.spectrum import FrameSpec, db_frames, remove_gain, to_unit

SPECS = {
    48_000: FrameSpec(48_000, 2048, 512, "hann"),
    16_000: FrameSpec(16_000, 1024, 512, "hamming"),
    44_100: FrameSpec(44_100, 2048, 512, "hann"),
}
GAIN_DB = -12.0


def harmonic_tone(spec: FrameSpec, f0_hz: float, slope: float, seconds: float = 1.0) -> NDArray[np.float32]:
    """Partials with amplitude h^-slope below 7 kHz, phases spread."""
    t = np.arange(int(seconds * spec.sample_rate)) / spec.sample_rate
    count = int(7000 / f0_hz)
    tone = sum(np.sin(2 * np.pi * f0_hz * h * t + h * h) * h**-slope for h in range(1, count + 1))
    return np.asarray(0.1 * tone, np.float32)


def unit_frame(spec: FrameSpec, f0_hz: float, slope: float) -> NDArray[np.float32]:
    """One steady frame, scaled to [-1, 1]."""
    frames = db_frames(harmonic_tone(spec, f0_hz, slope), spec)
    shape_db, _ = remove_gain(frames[len(frames) // 2][None], spec.floor_db)
    return to_unit(shape_db, spec.floor_db)[0]


def exact_model(spec: FrameSpec) -> ModelFile:
    """Two dimensions: z = (0, 0) is a dull, (1, 0) a bright tone of middle C; z2 does nothing but add 1 dB."""
    c4 = 440.0 * 2.0 ** (-9 / 12)
    dull, bright = unit_frame(spec, c4, 1.5), unit_frame(spec, c4, 0.5)
    weight = np.stack([bright - dull, np.full_like(dull, 0.02)], axis=1)
    inverse = np.linalg.pinv(weight.astype(np.float64)).astype(np.float32)
    tensors = {"dec.w": weight, "dec.b": dull, "enc.w": inverse, "enc.b": -(inverse @ dull)}
    f32, n, rate = np.float32, 200, 1.0 / spec.hop_seconds
    marks = NoteMarks(4, round(0.5 * rate), round(1.0 * rate), round(1.2 * rate))
    held = np.full(n, GAIN_DB, f32)
    held[marks.release_start :] -= 6.0 * np.arange(n - marks.release_start, dtype=f32)
    decaying = (GAIN_DB - 12.0 * np.arange(n) / rate).astype(f32)
    zero, one = np.zeros((n, 2), f32), np.tile(np.array([1, 0], f32), (n, 1))
    moving = np.stack([0.5 + 0.5 * np.sin(np.arange(n) / rate * 40.0), np.zeros(n)], axis=1).astype(f32)
    bank = (
        BankNote("dull", "Dull", "string", 60, 100, zero, held, marks),
        BankNote("bright", "Bright", "brass", 60, 100, one, held, marks),
        BankNote("plucked", "Plucked", "guitar", 60, 100, zero, decaying, marks),
        BankNote("moving", "Moving", "organ", 60, 100, moving, held, marks),
    )
    card = ModelCard(
        name=f"exact-{spec.sample_rate}", title="Exact", family="pca", description="For tests.",
        spec=SpecCard(
            sample_rate=spec.sample_rate, n_fft=spec.n_fft, hop_length=spec.hop_length, window=spec.window,
            floor_db=spec.floor_db,
        ),
        latent_size=2,
        encoder=(Linear(weight="enc.w", bias="enc.b"),),
        decoder=(Linear(weight="dec.w", bias="dec.b"),),
        axis_names=("z1", "z2"),
        data=DataInfo(name="closed form", licence="none", notes=4, command=""),
        training=TrainingInfo(command="", seed=0, epochs=0, seconds=0.0, versions={}, settings={}),
    )  # fmt: skip
    rng = np.random.default_rng(0)
    return ModelFile(card, tensors, LatentStats.of(rng.standard_normal((64, 2)).astype(f32)), bank)


KEYS = KeyRange(lowest=48, highest=84)


def pitched_model(spec: FrameSpec) -> ModelFile:
    """The exact model with a separate frame for every key: dull to bright along z1, at any pitch."""
    plain = exact_model(spec)
    hz = [440.0 * 2.0 ** ((key - 69) / 12) for key in range(KEYS.lowest, KEYS.highest + 1)]
    dull, bright = (np.stack([unit_frame(spec, f0_hz, slope) for f0_hz in hz]) for slope in (1.5, 0.5))
    f32 = np.float32
    tensors = {
        "enc.w": plain.tensors["enc.w"], "enc.b": plain.tensors["enc.b"],
        "one": np.ones((KEYS.keys, 1), f32),  # beside the code, for what no code changes
        "dec.w": np.zeros((spec.bins, 3), f32), "dec.b": np.zeros(spec.bins, f32),
        "dec.c": np.array([[0, 0, 1], [1, 0, 0]], f32),
        "dec.bumps": np.ones((1, spec.bins), f32),
        "dec.combs": np.stack([dull, bright - dull], axis=1),
    }  # fmt: skip
    last = PitchComb(weight="dec.w", bias="dec.b", coefficients="dec.c", bumps="dec.bumps", combs="dec.combs")
    changes = {"name": "exact-pitched", "decoder": (PitchConcat(table="one"), last), "key_range": KEYS}
    return replace(plain, card=plain.card.model_copy(update=changes), tensors=tensors)


@pytest.fixture(scope="session")
def pitched(tmp_path_factory: pytest.TempPathFactory) -> str:
    """File of a pitch-conditioned model."""
    path = tmp_path_factory.mktemp("pitched") / "exact-pitched.safetensors"
    save_model_file(path, pitched_model(SPECS[48_000]))
    return str(path)


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    warm_kernels()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Model files by sample rate."""
    folder: Path = tmp_path_factory.mktemp("models")
    paths = {}
    for rate, spec in SPECS.items():
        paths[rate] = str(folder / f"exact-{rate}.safetensors")
        save_model_file(paths[rate], exact_model(spec))
    return paths
