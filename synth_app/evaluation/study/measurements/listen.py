"""Test notes through a model and back to sound at its own hop, and how alike they sound."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.evaluation.psm import Listener
from synth_app.evaluation.study.measurements.results import Heard
from synth_app.phase import resynthesize, stft
from synth_app.spectrum import FrameSpec, window

Array = NDArray[np.float32]
PHASES = ("original", "griffinlim")


@dataclass(frozen=True)
class NoteFrames:
    """A note's sound [samples], its dB frames [frames, bins], their zero-phase phases in turns, its MIDI pitch."""

    audio: Array
    frames_db: Array
    turns: NDArray[np.float64]
    pitch: int


def note_frames(audio: Array, pitch: int, spec: FrameSpec) -> NoteFrames:
    """Frames and phases of a note's sound at the frames' rate."""
    spectra = stft(audio, spec)
    frames_db = 20.0 * np.log10(np.maximum(np.abs(spectra) / amplitude_scale(spec), 1e-10))
    turns = np.angle(spectra).astype(np.float64) / (2.0 * np.pi)
    return NoteFrames(audio, frames_db.astype(np.float32), turns, pitch)


def rebuilt(model: Model | None, note: NoteFrames) -> Array:
    """A note's dB frames as the model makes them; None leaves them as they are."""
    if model is None:
        return note.frames_db
    return model.decode(*model.encode(note.frames_db, note.pitch), note.pitch)


def amplitude_scale(spec: FrameSpec) -> np.float32:
    """|X| of a full-scale sine."""
    return np.float32(window(spec.window, spec.n_fft).sum() / 2.0)


def to_sound(frames_db: Array, phases: str, note: NoteFrames, spec: FrameSpec, seed: int = 0) -> Array:
    """A waveform as long as the note's, of dB frames and the note's phases, or phases found by Griffin-Lim."""
    magnitudes = (10.0 ** (frames_db / 20.0) * amplitude_scale(spec)).astype(np.float32)
    turns = note.turns if phases == "original" else None
    return resynthesize(magnitudes, spec, phases, seed=seed, phase_turns=turns)[: len(note.audio)]


class Panel:
    """The same listeners for every model: a few notes, heard once.

    Args:
        sounds: [samples] each, at the spec's rate, and its MIDI pitch.
        spec: frames of all models to come.
    """

    def __init__(self, sounds: list[tuple[Array, int]], spec: FrameSpec) -> None:
        self.spec = spec
        self._notes = [note_frames(sound, pitch, spec) for sound, pitch in sounds]
        self._listeners = [Listener(sound, spec.sample_rate) for sound, _ in sounds]

    def judge(self, model: Model | None) -> tuple[Heard, ...]:
        """Similarities of what the model makes of each note; None for the notes' own frames, unmodelled."""
        made = [rebuilt(model, note) for note in self._notes]
        heard = []
        for phases in PHASES:
            found = [
                listener.compare_with(to_sound(frames, phases, note, self.spec, seed=i))
                for i, (listener, note, frames) in enumerate(zip(self._listeners, self._notes, made, strict=True))
            ]
            psm, psm_t = (tuple(round(value, 5) for value in values) for values in
                          ([s.psm for s in found], [s.psm_t for s in found]))  # fmt: skip
            heard.append(Heard(phases, psm, psm_t))
        return tuple(heard)
