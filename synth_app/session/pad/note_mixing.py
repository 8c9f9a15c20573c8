"""Mixes notes into one: their latent paths are aligned and averaged, and the loudness is the mean of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.engine.spectral.loudness import k_weights, loudness_db
from synth_app.modelfile import BankNote, NoteMarks, center_levels_db, note_center
from synth_app.patch import UserNote
from synth_app.patch.user_note import MAX_PATH_FRAMES
from synth_app.session.pad.correction_mixing import CorrectedPart, mix_corrections
from synth_app.support.errors import UserError

_MIN_WEIGHT = 1e-4
_MAX_CORRECTION_DB = 12.0


@dataclass(frozen=True)
class Part:
    """A note and its weight in a mix.

    Attributes:
        note: of the model.
        weight: may be negative, which extrapolates.
        pitch: MIDI, fractions allowed.
    """

    note: BankNote
    weight: float
    pitch: float


def bank_part(note: BankNote, weight: float) -> Part:
    """Return a bank note as a part of a mix."""
    return Part(note, weight, float(note.pitch))


class NoteMixer:
    """Mixes notes of one model. It remembers each note's loudness, so that a mix decodes only one frame."""

    def __init__(self, model: Model) -> None:
        self._model = model
        spec = model.spec
        self._weights = k_weights(spec.bins, spec.sample_rate / spec.n_fft)
        self._loudness: dict[int, tuple[BankNote, float]] = {}

    def mix(self, parts: Sequence[Part]) -> UserNote:
        """Return the weighted mean of notes.

        Attack, sustain, loop and release are each stretched to their mean length; latent vectors and gains are averaged
        frame by frame, corrections at the pitch of the mix. The level is corrected so that the loudness of the sustain
        is the mean of the notes' own, since a mean of spectra in dB is quieter than either where their partials differ.
        A single part stays unchanged.

        Args:
            parts: the notes; their weights are normalized to sum to 1.

        Raises:
            UserError: no part has a weight, or the weights cancel out.
        """
        kept = [part for part in parts if abs(part.weight) > _MIN_WEIGHT]
        total = sum(part.weight for part in kept)
        if total < _MIN_WEIGHT:
            raise UserError("a mix needs at least one note with a positive weight; choose notes for it")
        weights = [part.weight / total for part in kept]
        marks = _mean_marks([part.note for part in kept], weights)
        length = marks[-1]
        z = np.zeros((length, self._model.card.latent_size))
        gain = np.zeros(length)
        corrected = []
        for part, weight in zip(kept, weights, strict=True):
            at = _aligned(part.note, marks)
            corrected.append(CorrectedPart(part.note, part.pitch, weight, at))
            z += weight * _read(part.note.z, at)
            gain += weight * _read(part.note.gain_db[:, None], at)[:, 0]
        own_loop = any(part.note.marks.own_loop for part in kept)
        mixed = BankNote(
            "mix", _title(kept), kept[0].note.family if len(kept) == 1 else "",
            0, 100, z.astype(np.float32), gain.astype(np.float32),
            NoteMarks(marks[1], marks[2], marks[3], marks[4], own_loop),
        )  # fmt: skip
        mean_pitch = sum(weight * part.pitch for part, weight in zip(kept, weights, strict=True))
        pitch = float(np.clip(mean_pitch, 0.0, 127.0))
        mixed = replace(mixed, correction=mix_corrections(corrected, pitch, self._model.spec))
        if len(kept) > 1:
            target_db = sum(weight * self._loudness_of(part) for part, weight in zip(kept, weights, strict=True))
            change_db = target_db - self._measure_db(mixed, pitch)
            mixed.gain_db[:] += np.float32(np.clip(change_db, -_MAX_CORRECTION_DB, _MAX_CORRECTION_DB))
        return UserNote.of(mixed, pitch)

    def _loudness_of(self, part: Part) -> float:
        note = part.note
        found = self._loudness.get(id(note))
        if found is None or found[0] is not note:
            found = self._loudness[id(note)] = (note, self._measure_db(note, part.pitch))
        return found[1]

    def _measure_db(self, note: BankNote, pitch: float) -> float:
        """Return the loudness of a note's centre, with the decoded frame's maximum at 0 dB as in the engine."""
        frame = self._model.decode(note_center(note)[0][None], 0.0, pitch)[0]
        frame -= frame.max()
        levels_db = center_levels_db(note)
        if levels_db is not None:
            frame += levels_db
        return float(loudness_db(frame[None], self._weights)[0])


def corner_weights(x: float, y: float) -> tuple[float, float, float, float]:
    """Return the bilinear weights of the corners 1 (left, top), 2 (right, top), 3 (left, bottom), 4; y points up."""
    return ((1 - x) * y, x * y, (1 - x) * (1 - y), x * (1 - y))


def _mean_marks(notes: list[BankNote], weights: list[float]) -> tuple[int, int, int, int, int, int]:
    """Return 0, attack_end, loop_start, loop_end, release_start and the length of the mix, in frames."""
    mean = np.einsum("p,pm->m", weights, np.array([_edges(note) for note in notes], np.float64))
    marks = np.rint(mean).astype(int)
    marks[-1] = min(max(marks[-1], 2), MAX_PATH_FRAMES)
    marks = np.clip(np.maximum.accumulate(marks), 0, marks[-1])
    marks[2] = min(marks[2], marks[-1] - 1)
    marks[1] = min(marks[1], marks[2])
    marks[3] = min(max(marks[3], marks[2] + 1), marks[-1])
    marks[4] = min(max(marks[4], marks[3]), marks[-1])
    start, attack, loop_start, loop_end, release, length = (int(mark) for mark in marks)
    return start, attack, loop_start, loop_end, release, length


def _edges(note: BankNote) -> tuple[int, ...]:
    m = note.marks
    return (0, m.attack_end, m.loop_start, m.loop_end, m.release_start, len(note.z))


def _aligned(note: BankNote, marks: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the fractional frame of ``note`` for every frame of the mix, float64 [length]."""
    note_edges = np.array(_edges(note), np.float64)
    mix_edges = np.array(marks, np.float64)
    distinct = np.append(True, np.diff(mix_edges) > 0)
    frames = np.interp(np.arange(marks[-1]), mix_edges[distinct], note_edges[distinct])
    return np.minimum(frames, len(note.z) - 1.0)


def _read(values: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Read rows of ``values`` at fractional indices, with linear interpolation."""
    i = at.astype(int)
    j = np.minimum(i + 1, len(values) - 1)
    fraction = (at - i)[:, None]
    out: NDArray[np.float64] = (1 - fraction) * values[i] + fraction * values[j]
    return out


def _title(parts: list[Part]) -> str:
    ordered = sorted(parts, key=lambda part: -abs(part.weight))
    names = list(dict.fromkeys(part.note.instrument for part in ordered))
    return " + ".join(names[:2]) + (" …" if len(names) > 2 else "")
