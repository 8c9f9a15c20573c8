"""A small data set of decaying harmonic notes: 12 instruments of two families, 3 pitches each."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import AUDIO_NAME, Note, audio_path, make_note, write_notes
from synth_app.modelfile import ModelFile, save_model_file
from synth_app.spectrum import FrameSpec
from synth_app.training import FitSettings, TrainSettings
from synth_app.training.progress import ignore_progress, never_cancel

RATE = 8000


def write_sines(folder: Path) -> None:
    """1 s notes: 20 ms of silence, a fast attack, a slow decay of partials, 0.2 s of silence at the end."""
    (folder / AUDIO_NAME).mkdir(parents=True)
    rng = np.random.default_rng(0)
    notes: list[Note] = []
    t = np.arange(RATE) / RATE
    envelope = np.clip((t - 0.02) / 0.01, 0, 1) * np.exp(-2 * t) * (t < 0.8)
    for instrument in range(12):
        tilt, odd = rng.uniform(0.5, 2.5), rng.uniform(0, 1)
        for pitch in (48, 55, 62):
            f0_hz = 440 * 2 ** ((pitch - 69) / 12)
            sound = np.zeros_like(t)
            for k in range(1, int(3800 / f0_hz)):
                level = k**-tilt * (odd if k % 2 == 0 else 1.0)
                sound += level * np.exp(-k * t) * np.sin(2 * np.pi * k * f0_hz * t + k)
            sound = 0.3 * envelope * sound + 1e-5 * rng.standard_normal(RATE) * (t < 0.8)
            note = make_note(
                note=len(notes),
                instrument=instrument,
                family=("organ", "bass")[instrument % 2],
                source="synthetic",
                index=instrument,
                pitch=pitch,
                velocity=100,
                sample_rate=RATE,
            )
            notes.append(note)
            write_wav16(audio_path(folder, note.note_str), sound.astype(np.float32), RATE)
    write_notes(folder, notes)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in NSynth's layout."""
    folder = tmp_path_factory.mktemp("notes") / "sines"
    write_sines(folder)
    return folder


@pytest.fixture
def spec() -> FrameSpec:
    """65 bins, 125 frames per second."""
    return FrameSpec(RATE, 128, 64, "hann", -100.0)


@pytest.fixture
def settings(data: Path, spec: FrameSpec, tmp_path: Path) -> TrainSettings:
    """A job of one thread whose state lies in the test's own folder."""
    cache = data.parent / "cache"
    return TrainSettings(data=data, spec=spec, latent_size=4, cache=cache, runs=tmp_path / "runs", threads=1)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pitch-conditioned model of one epoch, for 65 bins at 8 kHz."""
    return make_base(tmp_path_factory.mktemp("base"))


def make_base(folder: Path) -> Path:
    """Train and save that model."""
    write_sines(folder / "notes")
    spec = FrameSpec(RATE, 128, 64, "hann", -100.0)
    fit = FitSettings(epochs=1, batch_size=256, frames_per_note=20, objective="audible")
    model = plain_model(TrainSettings(folder / "notes", "pitched-vae", spec, 4, fit=fit, threads=1), "base")
    save_model_file(folder / "base.safetensors", model)
    return folder / "base.safetensors"


def plain_model(job: TrainSettings, name: str) -> ModelFile:
    """Train a model without corrections, which take most of the time of such a small one."""
    from synth_app.training.export.export import to_model_file
    from synth_app.training.fit.job import fit_family

    return to_model_file(fit_family(job, ignore_progress, never_cancel), name, ignore_progress, corrections=False)
