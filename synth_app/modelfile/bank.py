"""The note bank: latent paths and gain envelopes of encoded notes, so that a model plays without audio files."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.correction import Correction
from synth_app.support.errors import UserError

# Slot A and B of a new session: the liveliest of ten, and an even morph (docs/benchmarks/first-sound.md).
FIRST_NOTES = ("keyboard_electronic_000-060-100", "vocal_acoustic_000-060-100")
_HELD_LOOP_S = 2.0
_BEFORE_RELEASE_FRAMES = 3  # the release is visible in the frames just before it


@dataclass(frozen=True)
class NoteMarks:
    """Parts of a note, as frame indices of its latent path.

    ``0 <= attack_end <= loop_start < loop_end <= release_start <= frames``. The steadiest part of the sustain lies
    between loop_start and loop_end; the release begins at release_start. ``own_loop``: the user chose this loop, and a
    held note stays in it; otherwise a held note is read to the release (``held_loop``).
    """

    attack_end: int
    loop_start: int
    loop_end: int
    release_start: int
    own_loop: bool = False


@dataclass(frozen=True)
class BankNote:
    """One encoded note of the bank.

    Attributes:
        name: unique in its bank, e.g. ``keyboard_acoustic_003-060-100``.
        instrument: e.g. ``Grand Piano``, or the data set's instrument name.
        family: one of the data set's instrument families.
        pitch: MIDI note number.
        velocity: 1-127.
        z: float32 [frames, latent], the latent path: one latent vector per hop, from the onset on.
        gain_db: float32 [frames], per-frame maximum re full-scale sine.
        marks: parts of the path.
        correction: what the decoder misses of the recording; None plays the decoded path alone.
    """

    name: str
    instrument: str
    family: str
    pitch: int
    velocity: int
    z: NDArray[np.float32]
    gain_db: NDArray[np.float32]
    marks: NoteMarks
    correction: Correction | None = None


def find_note(bank: tuple[BankNote, ...], name: str) -> BankNote:
    """Find the bank note of exactly that name, or the only one whose name contains it.

    Raises:
        UserError: no such note, or several.
    """
    exact = [note for note in bank if note.name == name]
    found = exact or [note for note in bank if name.lower() in note.name.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        near = ", ".join(note.name for note in bank[:5])
        raise UserError(f"no note {name!r} in the bank of {len(bank)}; examples: {near}")
    some = ", ".join(note.name for note in found[:5])
    raise UserError(f"{name!r} matches {len(found)} bank notes ({some}, ...); give more of the name")


def held_loop(marks: NoteMarks, frames_per_second: float) -> tuple[int, int]:
    """Return first and last frame of the part that a held note moves in after it was read once.

    It is the user's loop, or else the last two seconds before the release, so that everything recorded is heard.
    """
    if marks.own_loop:
        return marks.loop_start, marks.loop_end
    end = min(max(marks.release_start - _BEFORE_RELEASE_FRAMES, marks.attack_end + 1), marks.release_start)
    return max(marks.attack_end, end - round(_HELD_LOOP_S * frames_per_second)), end


def note_center(note: BankNote) -> tuple[NDArray[np.float32], float]:
    """Return the mean latent vector [latent] and the mean gain in dB of the note's loop: the centre of its sustain."""
    loop = slice(note.marks.loop_start, note.marks.loop_end)
    return note.z[loop].mean(axis=0), float(note.gain_db[loop].mean())


def center_levels_db(note: BankNote) -> NDArray[np.float32] | None:
    """Return the mean of a note's correction over its loop, float32 [bins] in dB, read-only; None without one.

    The last ones come from a cache: a fader reads the same notes again.
    """
    marks = note.marks
    return (
        None if note.correction is None else _loop_mean(note.correction, marks.loop_start, marks.loop_end, len(note.z))
    )


@lru_cache(maxsize=16)
def _loop_mean(correction: Correction, start: int, end: int, length: int) -> NDArray[np.float32]:
    weights = correction.weights_at(np.arange(start, end), length).mean(axis=0)
    mean: NDArray[np.float32] = weights @ correction.shapes_db()
    mean.flags.writeable = False
    return mean


def bank_centers(bank: tuple[BankNote, ...]) -> NDArray[np.float32]:
    """Return the latent vector at the centre of every note of a bank (``note_center``), float32 [notes, latent]."""
    return np.stack([note_center(note)[0] for note in bank])


def first_note(bank: tuple[BankNote, ...]) -> int:
    """Return the index of the note that a model opens with: ``FIRST_NOTES[0]``, else ``default_note``."""
    return _named(bank, FIRST_NOTES[0], default_note(bank))


def first_partner(bank: tuple[BankNote, ...], first: int) -> int:
    """Return the index of the note for slot B beside the first one.

    It is ``FIRST_NOTES[1]`` beside ``FIRST_NOTES[0]``, else the note of another family nearest in pitch.
    """
    nearest = min(
        range(len(bank)),
        key=lambda i: (bank[i].family == bank[first].family, abs(bank[i].pitch - bank[first].pitch), -i),
    )
    return _named(bank, FIRST_NOTES[1], nearest) if bank[first].name == FIRST_NOTES[0] else nearest


def _named(bank: tuple[BankNote, ...], name: str, otherwise: int) -> int:
    return next((i for i, note in enumerate(bank) if note.name == name), otherwise)


def default_note(bank: tuple[BankNote, ...], pitch: int = 60) -> int:
    """Return the index of the first note to play: of a keyboard if possible, nearest to ``pitch``, then the loudest."""
    return min(
        range(len(bank)),
        key=lambda i: (bank[i].family != "keyboard", abs(bank[i].pitch - pitch), -float(bank[i].gain_db.max())),
    )
