"""Interpolation between two notes in five steps of the latent vectors, as sounds and as a strip of spectrograms."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note
from synth_app.decoder import Model
from synth_app.evaluation.study.measurements.perceptual_similarity import NoteFrames, amplitude_scale
from synth_app.phase import griffin_lim, istft
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.sound_writer import sound_writer

Array = NDArray[np.float32]
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)  # the study's alpha
SIZE, SECOND_SIZE = 32, 16  # the study's size, and the first one of a grid
PAIRS = 3
FOLDER = "interpolations"
_ITERATIONS = 60
_RANGE_DB = 80.0
_STRIP_HEIGHT, _GAP = 128, 4


@dataclass(frozen=True)
class Strip:
    """Files of one model's interpolation between one pair of notes.

    Attributes:
        picture: PNG, spectrograms of all steps side by side, 0 to half the sample rate.
        sounds: MP3, one per step.
    """

    picture: Path
    sounds: tuple[Path, ...]

    @property
    def done(self) -> bool:
        """Whether all files exist."""
        return all(path.is_file() for path in (self.picture, *self.sounds))


def choose_pairs(notes: list[Note], seed: int, count: int = PAIRS) -> tuple[tuple[Note, Note], ...]:
    """Choose random pairs of notes, no note twice, of equal pitch and different instrument families if possible."""
    rng = np.random.default_rng([seed, 11])
    order = [notes[int(i)] for i in rng.permutation(len(notes))]
    pairs: list[tuple[Note, Note]] = []
    for strict in (True, False):
        for first in order:
            used = {note.note_str for pair in pairs for note in pair}
            if len(pairs) == count or first.note_str in used:
                continue
            partner = next((n for n in order if n.note_str not in used and _suits(first, n, strict)), None)
            if partner is not None:
                pairs.append((first, partner))
    return tuple(pairs)


def _suits(a: Note, b: Note, strict: bool) -> bool:
    if strict:
        return a.instrument_family != b.instrument_family and a.pitch == b.pitch and 40 <= a.pitch <= 84
    return a.instrument_str != b.instrument_str


def strip_files(folder: Path, model_name: str, pair: int) -> Strip:
    """Return the paths of a strip's files. The model "original" stands for the notes' own frames."""
    stem = folder / FOLDER / f"{model_name}-pair{pair}"
    sounds = tuple(stem.with_name(f"{stem.name}-{round(100 * a):03d}.mp3") for a in STEPS)
    return Strip(stem.with_name(f"{stem.name}.png"), sounds)


def write_strip(strip: Strip, model: Model | None, pair: tuple[NoteFrames, NoteFrames], spec: FrameSpec) -> None:
    """Interpolate and write all files of a strip.

    z = alpha z1 + (1 - alpha) z2 and likewise for the gains in dB, as in the study. Phases are found by Griffin-Lim,
    started from those of the note with the larger weight. Without a model, magnitudes in dB are interpolated.
    """
    first, second = pair
    count = min(len(first.frames_db), len(second.frames_db))
    length = min(len(first.audio), len(second.audio))
    pictures = []
    for alpha, sound in zip(STEPS, strip.sounds, strict=True):
        frames = _interpolated(model, first, second, count, alpha)
        turns = (first if alpha >= 0.5 else second).turns[:count]
        magnitudes = (10.0 ** (frames / 20.0) * amplitude_scale(spec)).astype(np.float32)
        start = (magnitudes * np.exp(2j * np.pi * turns)).astype(np.complex64)
        wave = istft(griffin_lim(magnitudes, start, spec, _ITERATIONS, 0.0), spec)[:length]
        _write_mp3(sound, wave, spec.sample_rate)
        pictures.append(frames)
    _write_picture(strip.picture, pictures)


def _interpolated(model: Model | None, first: NoteFrames, second: NoteFrames, count: int, alpha: float) -> Array:
    a, b = first.frames_db[:count], second.frames_db[:count]
    if model is None:
        return np.asarray(alpha * a + (1.0 - alpha) * b, np.float32)
    (z1, gain1), (z2, gain2) = model.encode(a, first.pitch), model.encode(b, second.pitch)
    z = (alpha * z1 + (1.0 - alpha) * z2).astype(np.float32)
    gain_db = (alpha * gain1 + (1.0 - alpha) * gain2).astype(np.float32)
    return model.decode(z, gain_db, alpha * first.pitch + (1.0 - alpha) * second.pitch)


def _write_mp3(path: Path, wave: Array, rate: int) -> None:
    peak = float(np.abs(wave).max(initial=1e-9))
    level = min(1.0, 0.9 / peak)
    with atomic_path(path) as temporary:
        try:
            with sound_writer(temporary, rate, 1, "MPEG_LAYER_III", "MP3") as file:
                file.write(wave * level)
        except (OSError, ValueError) as error:
            raise UserError(
                f"cannot write {path}: {error}; MP3 needs libsndfile 1.1 and a rate up to 48 kHz"
            ) from error


def _write_picture(path: Path, frames: list[Array]) -> None:
    """Write a strip of spectrograms, frequency upwards, about ``_STRIP_HEIGHT`` rows; colour is dB re the peak."""
    from matplotlib import colormaps
    from PIL import Image

    top = max(float(f.max()) for f in frames)
    parts: list[NDArray[np.uint8]] = []
    for f in frames:
        fold = max(f.shape[1] // _STRIP_HEIGHT, 1)
        rows = f[:, : f.shape[1] // fold * fold].reshape(len(f), -1, fold).max(axis=2)
        level = np.clip((rows - top) / _RANGE_DB + 1.0, 0.0, 1.0)
        parts += [(254.0 * level.T[::-1]).astype(np.uint8), np.full((rows.shape[1], _GAP), 255, np.uint8)]
    image = Image.fromarray(np.hstack(parts[:-1]), mode="P")
    palette = (255 * colormaps["magma"](np.linspace(0.0, 1.0, 255))[:, :3]).astype(np.uint8)
    image.putpalette([*palette.ravel().tolist(), 255, 255, 255])
    with atomic_path(path) as temporary:
        image.save(temporary, format="PNG", optimize=True, transparency=255)
