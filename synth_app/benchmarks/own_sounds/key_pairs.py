"""Choice of recordings: a note to drop, and the same instrument's real note at another key to compare with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from synth_app.dataset.nsynth import Note, read_audio

NEAREST_SEMITONES, FARTHEST_SEMITONES = 3, 12
_SAME_CORRELATION = 0.8
_LOOKED_AT_S, _RATE_HZ = 0.5, 16_000


@dataclass(frozen=True)
class KeyPair:
    """Two notes of one instrument at one velocity, 3 to 12 semitones apart.

    Attributes:
        own: the recording that is dropped.
        other: the real note at another key.
        beyond: a second recording, on the far side of the other key; None if there is none within 12 semitones of it.
    """

    own: Note
    other: Note
    beyond: Note | None = None

    @property
    def ratio(self) -> float:
        """Frequency of the other key over that of the own key."""
        return float(2.0 ** ((self.other.pitch - self.own.pitch) / 12.0))


def choose_pairs(
    notes: tuple[Note, ...], count: int, seed: int, usable: Callable[[KeyPair], bool] = lambda _: True
) -> tuple[KeyPair, ...]:
    """Choose pairs at random, as evenly from all instruments as there are pairs.

    Args:
        notes: of one data set.
        count: number of pairs at most. No note is dropped twice.
        seed: of the choice.
        usable: whether a pair may be chosen, and a second recording with the other key. It is asked only as often as
            necessary.

    Returns:
        The pairs in order of their names; empty if no instrument has a usable pair.
    """
    rng = np.random.default_rng(seed)
    waiting = [[group[i] for i in rng.permutation(len(group))] for group in _pairs_by_note(notes, rng)]
    chosen: list[KeyPair] = []
    while waiting and len(chosen) < count:
        for i in rng.permutation(len(waiting))[: count - len(chosen)]:
            found = next((pair for pair in waiting[i].pop() if usable(pair)), None)
            if found is not None:
                chosen.append(_with_second(found, notes, usable))
        waiting = [group for group in waiting if group]
    return tuple(sorted(chosen, key=lambda pair: pair.own.note_str))


def are_two_recordings(data: Path, pair: KeyPair) -> bool:
    """Return whether both notes come from recordings of their own.

    A sampler plays one recording at several keys, and resampling the one note then gives the other exactly. Notes whose
    first half second correlates by 0.8 or more after resampling count as one recording.

    Args:
        data: folder of the notes.
        pair: the notes.

    Raises:
        UserError: a note cannot be read.
    """
    (own, own_rate), (other, other_rate) = read_audio(data, pair.own), read_audio(data, pair.other)
    moved, real = _beginning(own, own_rate * pair.ratio), _beginning(other, other_rate)
    size = float(np.linalg.norm(moved) * np.linalg.norm(real))
    return size > 0.0 and float(np.abs(fftconvolve(moved, real[::-1])).max()) < _SAME_CORRELATION * size


def _beginning(samples: NDArray[np.float32], rate: float) -> NDArray[np.float64]:
    """Return the first half second at 16 kHz, its second difference.

    It raises high partials, so that the phases of many are compared. Two tones with a strong fundamental would else
    always agree.
    """
    part = samples[: round(_LOOKED_AT_S * rate)].astype(np.float64)
    out: NDArray[np.float64] = np.diff(soxr.resample(part, rate, _RATE_HZ), n=2)
    return out


def _pairs_by_note(notes: tuple[Note, ...], rng: np.random.Generator) -> list[list[list[KeyPair]]]:
    """Return for every instrument, for each of its notes that has partners, the pairs in random order."""
    instruments: dict[str, list[Note]] = {}
    for note in sorted(notes, key=lambda each: each.note_str):
        instruments.setdefault(note.instrument_str, []).append(note)
    found = []
    for group in instruments.values():
        pairs = [[KeyPair(own, other) for other in group if _are_partners(own, other)] for own in group]
        shuffled = [[each[i] for i in rng.permutation(len(each))] for each in pairs if each]
        if shuffled:
            found.append(shuffled)
    return found


def _with_second(pair: KeyPair, notes: tuple[Note, ...], usable: Callable[[KeyPair], bool]) -> KeyPair:
    """Return the pair with the nearest usable partner of the other key on the far side of it."""
    up = pair.other.pitch > pair.own.pitch
    same = [note for note in notes if note.instrument_str == pair.own.instrument_str]
    far = [note for note in same if _are_partners(pair.other, note) and (note.pitch > pair.other.pitch) == up]
    far.sort(key=lambda note: abs(note.pitch - pair.other.pitch))
    return replace(pair, beyond=next((note for note in far if usable(KeyPair(note, pair.other))), None))


def _are_partners(own: Note, other: Note) -> bool:
    apart = abs(other.pitch - own.pitch)
    return own.velocity == other.velocity and NEAREST_SEMITONES <= apart <= FARTHEST_SEMITONES
