"""The scale of the handles: what is usual in a model's note bank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.descriptors import DESCRIPTORS, LOUDNESS
from synth_app.handles.path import PathReader
from synth_app.handles.sound import HandleSound, SoundReader
from synth_app.modelfile import BankNote, center_levels_db, note_center
from synth_app.support.errors import UserError

Floats = NDArray[np.float64]
_MIDDLE_KEY, _OCTAVES = 60.0, 24.0
_FITTED_NOTES = 16  # notes whose slopes are averaged
FEWEST_NOTES = 8
_KEPT_PERCENT = (5.0, 95.0)  # notes beyond count as if they lay there, so that a few odd ones stretch no step
_PATH_NOTES, _PATH_NOTES_HELD = 48, 16  # notes whose paths are read; of a recurrent model
_LEAST_STEP = 0.1  # dB or semitones; a bank of equal notes has no spread


@dataclass(frozen=True)
class HandleScale:
    """What is usual in a note bank.

    One step of a handle is one standard deviation of its descriptor over the bank's notes, around what is usual at
    their pitch.

    Attributes:
        usual: float64 [3, 7], coefficients of the usual descriptors: constant, linear and quadratic in the pitch.
        step: float64 [7], standard deviations, in the descriptors' units; 1 dB for the loudness.
        slopes: float64 [7, latent], the mean slopes over the bank, in steps for one standard deviation of each latent
            dimension.
        bank: float64 [notes, 6], positions of the bank's notes.
    """

    usual: Floats
    step: Floats
    slopes: Floats
    bank: Floats

    def positions(self, values: Floats, pitch: float) -> Floats:
        """Return descriptors [..., 7] in steps from what is usual at a MIDI pitch."""
        positions: Floats = (values - _pitch_terms(np.array([pitch]))[0] @ self.usual) / self.step
        return positions


@dataclass(frozen=True)
class PathScale:
    """What is usual in a note bank for bite and movement, as ``HandleScale``.

    Attributes:
        usual: float64 [3, 2]. step: float64 [2]. bank: float64 [notes, 2], positions of some of the bank's notes.
    """

    usual: Floats
    step: Floats
    bank: Floats

    def positions(self, values: Floats, pitch: float) -> Floats:
        """Return bite and movement [2] in steps from what is usual at a MIDI pitch."""
        positions: Floats = (values - _pitch_terms(np.array([pitch]))[0] @ self.usual) / self.step
        return positions

    def values(self, positions: Floats, pitch: float) -> Floats:
        """Return the bite and movement [2] at positions; the inverse of ``positions``."""
        values: Floats = positions * self.step + _pitch_terms(np.array([pitch]))[0] @ self.usual
        return values


def fit_scale(reader: SoundReader) -> HandleScale:
    """Fit the scale to the notes of the model's bank.

    Raises:
        UserError: the bank has fewer than ``FEWEST_NOTES`` notes.
    """
    bank = reader.model.bank
    if len(bank) < FEWEST_NOTES:
        raise UserError(f"a bank of {len(bank)} notes; handles need at least {FEWEST_NOTES}")
    sounds = [
        HandleSound(note_center(note)[0].astype(np.float64), float(note.pitch), center_levels_db(note)) for note in bank
    ]
    pitches = np.array([sound.pitch for sound in sounds])
    frames = reader.decode(np.stack([sound.z for sound in sounds]), pitches)
    frames += np.stack([np.zeros(frames.shape[1], np.float32) if s.levels_db is None else s.levels_db for s in sounds])
    values = np.concatenate([reader.descriptors(frames[i : i + 1], pitch) for i, pitch in enumerate(pitches.tolist())])
    usual, unusual, step = _fit_usual(values, pitches)
    step[LOUDNESS] = 1.0
    chosen = np.unique(np.linspace(0, len(sounds) - 1, _FITTED_NOTES).astype(int))
    slopes = np.zeros((DESCRIPTORS, reader.model.card.latent_size))
    for i in chosen:
        slopes += reader.slopes(sounds[i].z, sounds[i])[1] / step[:, None] / len(chosen)
    return HandleScale(usual, step, slopes, (unusual / step)[:, :LOUDNESS])


def fit_path_scale(reader: PathReader, bank: tuple[BankNote, ...], *, recurrent: bool) -> PathScale:
    """Fit the scale of bite and movement to some notes of a bank of at least ``FEWEST_NOTES``."""
    count = _PATH_NOTES_HELD if recurrent else _PATH_NOTES
    notes = [bank[i] for i in np.unique(np.linspace(0, len(bank) - 1, count).astype(int))]
    values = np.stack([reader.values(note, float(note.pitch)) for note in notes])
    usual, unusual, step = _fit_usual(values, np.array([float(note.pitch) for note in notes]))
    return PathScale(usual, step, unusual / step)


def _fit_usual(values: Floats, pitches: Floats) -> tuple[Floats, Floats, Floats]:
    """Return what is usual at a pitch, as coefficients [3, n], the deviations of the values, and their steps [n]."""
    terms = _pitch_terms(pitches)
    usual = np.asarray(np.linalg.lstsq(terms, values, rcond=None)[0], np.float64)
    unusual = np.asarray(values - terms @ usual, np.float64)
    kept = np.clip(unusual, *np.percentile(unusual, _KEPT_PERCENT, axis=0))
    step = np.asarray(np.maximum(kept.std(axis=0), _LEAST_STEP), np.float64)
    return usual, unusual, step


def _pitch_terms(pitches: Floats) -> Floats:
    octaves = (pitches - _MIDDLE_KEY) / _OCTAVES
    return np.stack([np.ones_like(octaves), octaves, octaves**2], axis=1)
