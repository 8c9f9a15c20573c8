"""Mixing notes: one latent path out of several, their parts aligned, their loudness kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.engine.spectral.loudness import k_weights, loudness_db
from synth_app.modelfile import BankNote, NoteMarks, note_center
from synth_app.patch import UserNote
from synth_app.patch.user_note import MAX_FRAMES
from synth_app.support.errors import UserError

_LEAST_WEIGHT = 1e-4
_MOST_CORRECTION_DB = 12.0


@dataclass(frozen=True)
class Part:
    """A note and its share of a mix; ``pitch`` in MIDI, fractions allowed. Weights may be negative (extrapolation)."""

    note: BankNote
    weight: float
    pitch: float


def bank_part(note: BankNote, weight: float) -> Part:
    """A bank note's share."""
    return Part(note, weight, float(note.pitch))


class Blender:
    """Mixes notes of one model. Keeps how loud each note is, so a mix costs one decoded frame."""

    def __init__(self, model: Model) -> None:
        self._model = model
        spec = model.spec
        self._weights = k_weights(spec.bins, spec.sample_rate / spec.n_fft)
        self._loudness: dict[int, tuple[BankNote, float]] = {}

    def mix(self, parts: Sequence[Part]) -> UserNote:
        """The weighted mean of notes, part by part of their paths.

        Attack, sustain, loop and release are each stretched to their mean length, codes and gains averaged frame by
        frame; the level is corrected so that the loudness of the sustain is the mean of the notes' own, since a
        mean of spectra in dB is quieter than either where their partials differ. A single part comes out unchanged.

        Args:
            parts: weights are normalised to sum to 1.

        Raises:
            UserError: no part has a weight, or they cancel out.
        """
        kept = [part for part in parts if abs(part.weight) > _LEAST_WEIGHT]
        total = sum(part.weight for part in kept)
        if total < _LEAST_WEIGHT:
            raise UserError("a mix needs at least one note with a positive weight; choose notes for it")
        shares = [part.weight / total for part in kept]
        marks = _mean_marks([part.note for part in kept], shares)
        length = marks[-1]
        z = np.zeros((length, self._model.card.latent_size))
        gain = np.zeros(length)
        for part, share in zip(kept, shares, strict=True):
            at = _aligned(part.note, marks)
            z += share * _read(part.note.z, at)
            gain += share * _read(part.note.gain_db[:, None], at)[:, 0]
        mixed = BankNote(
            "mix", _title(kept), kept[0].note.family if len(kept) == 1 else "",
            0, 100, z.astype(np.float32), gain.astype(np.float32), NoteMarks(*marks[1:-1]),
        )  # fmt: skip
        mean_pitch = sum(share * part.pitch for part, share in zip(kept, shares, strict=True))
        pitch = float(np.clip(mean_pitch, 0.0, 127.0))
        if len(kept) > 1:
            wanted = sum(share * self._loud(part) for part, share in zip(kept, shares, strict=True))
            change = wanted - self._measure(note_center(mixed)[0], pitch)
            mixed.gain_db[:] += np.float32(np.clip(change, -_MOST_CORRECTION_DB, _MOST_CORRECTION_DB))
        return UserNote.of(mixed, pitch)

    def _loud(self, part: Part) -> float:
        note = part.note
        found = self._loudness.get(id(note))
        if found is None or found[0] is not note:
            found = self._loudness[id(note)] = (note, self._measure(note_center(note)[0], part.pitch))
        return found[1]

    def _measure(self, code: NDArray[np.float32], pitch: float) -> float:
        """Loudness of a decoded code, its frame's maximum raised to 0 dB as the engine does."""
        frame = self._model.decode(code[None], 0.0, pitch)[0]
        return float(loudness_db((frame - frame.max())[None], self._weights)[0])


def corner_weights(x: float, y: float) -> tuple[float, float, float, float]:
    """Bilinear shares of the corners A (left, top), B (right, top), C (left, bottom), D at a place in 0-1, y up."""
    return ((1 - x) * y, x * y, (1 - x) * (1 - y), x * (1 - y))


def _mean_marks(notes: list[BankNote], shares: list[float]) -> tuple[int, ...]:
    """0, attack_end, loop_start, loop_end, release_start, length of the mix, in frames."""
    mean = np.einsum("p,pm->m", shares, np.array([_edges(note) for note in notes], np.float64))
    marks = np.rint(mean).astype(int)
    marks[-1] = min(max(marks[-1], 2), MAX_FRAMES)
    marks = np.clip(np.maximum.accumulate(marks), 0, marks[-1])
    marks[2] = min(marks[2], marks[-1] - 1)
    marks[1] = min(marks[1], marks[2])
    marks[3] = min(max(marks[3], marks[2] + 1), marks[-1])
    marks[4] = min(max(marks[4], marks[3]), marks[-1])
    return tuple(int(mark) for mark in marks)


def _edges(note: BankNote) -> tuple[int, ...]:
    m = note.marks
    return (0, m.attack_end, m.loop_start, m.loop_end, m.release_start, len(note.z))


def _aligned(note: BankNote, marks: tuple[int, ...]) -> NDArray[np.float64]:
    """For every frame of the mix the place in ``note`` that belongs there, float64 [length]."""
    own = np.array(_edges(note), np.float64)
    ours = np.array(marks, np.float64)
    keep = np.append(True, np.diff(ours) > 0)
    places = np.interp(np.arange(marks[-1]), ours[keep], own[keep])
    return np.minimum(places, len(note.z) - 1.0)


def _read(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of ``values`` at fractional places, linearly interpolated."""
    i = at.astype(int)
    j = np.minimum(i + 1, len(values) - 1)
    share = (at - i)[:, None]
    out: NDArray[np.float64] = (1 - share) * values[i] + share * values[j]
    return out


def _title(parts: list[Part]) -> str:
    ordered = sorted(parts, key=lambda part: -abs(part.weight))
    names = list(dict.fromkeys(part.note.instrument for part in ordered))
    return " + ".join(names[:2]) + (" …" if len(names) > 2 else "")
