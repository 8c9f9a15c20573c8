"""Perceptual similarity of test notes to their resynthesis by a model, at the model's own hop length."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.evaluation.psm import SimilarityMeter
from synth_app.evaluation.study.measurements.results import SimilarityScores
from synth_app.phase import resynthesize, stft
from synth_app.spectrum import FrameSpec, window

Array = NDArray[np.float32]
PHASES = ("original", "griffinlim")


@dataclass(frozen=True)
class NoteFrames:
    """A note's sound [samples], its dB frames [frames, bins], their zero-phase phases in turns, and its MIDI pitch."""

    audio: Array
    frames_db: Array
    turns: NDArray[np.float64]
    pitch: int


def note_frames(audio: Array, pitch: int, spec: FrameSpec) -> NoteFrames:
    """Return frames and phases of a note's sound, which has the frames' sample rate."""
    spectra = stft(audio, spec)
    frames_db = 20.0 * np.log10(np.maximum(np.abs(spectra) / amplitude_scale(spec), 1e-10))
    turns = np.angle(spectra).astype(np.float64) / (2.0 * np.pi)
    return NoteFrames(audio, frames_db.astype(np.float32), turns, pitch)


def reconstruct_frames(model: Model | None, note: NoteFrames) -> Array:
    """Return a note's dB frames reconstructed by a model, or its own frames for None."""
    if model is None:
        return note.frames_db
    return model.decode(*model.encode(note.frames_db, note.pitch), note.pitch)


def amplitude_scale(spec: FrameSpec) -> np.float32:
    """Return |X| of a full-scale sine."""
    return np.float32(window(spec.window, spec.n_fft).sum() / 2.0)


def to_sound(frames_db: Array, phases: str, note: NoteFrames, spec: FrameSpec, seed: int = 0) -> Array:
    """Return a waveform as long as the note's, from dB frames and the note's phases or phases found by Griffin-Lim."""
    magnitudes = (10.0 ** (frames_db / 20.0) * amplitude_scale(spec)).astype(np.float32)
    turns = note.turns if phases == "original" else None
    return resynthesize(magnitudes, spec, phases, seed=seed, phase_turns=turns)[: len(note.audio)]


class SimilarityPanel:
    """Scores every model on the same few notes; the notes' representations are computed once.

    Args:
        sounds: pairs of sound [samples], at the frames' sample rate, and MIDI pitch.
        spec: frames of all models.
    """

    def __init__(self, sounds: list[tuple[Array, int]], spec: FrameSpec) -> None:
        self.spec = spec
        self._notes = [note_frames(sound, pitch, spec) for sound, pitch in sounds]
        self._meters = [SimilarityMeter(sound, spec.sample_rate) for sound, _ in sounds]

    def score(self, model: Model | None) -> tuple[SimilarityScores, ...]:
        """Return the similarities of a model's resynthesis of each note; for None, of the notes' own frames."""
        reconstructed = [reconstruct_frames(model, note) for note in self._notes]
        similarities = []
        for phases in PHASES:
            found = [
                meter.compare_with(to_sound(frames, phases, note, self.spec, seed=i))
                for i, (meter, note, frames) in enumerate(zip(self._meters, self._notes, reconstructed, strict=True))
            ]
            psm, psm_t = (tuple(round(value, 5) for value in values) for values in
                          ([s.psm for s in found], [s.psm_t for s in found]))  # fmt: skip
            similarities.append(SimilarityScores(phases, psm, psm_t))
        return tuple(similarities)
