"""Sampling of an epoch's frames from sets of notes, optionally with the same moment at another pitch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth_app.dataset.nsynth import Note
from synth_app.training.data.frame_cache import FrameCache
from synth_app.training.data.shards import Half

PAIR_SEMITONES = 12  # largest distance between the two pitches of a pair
MIXUP_RANGE_DB = 25.0  # an added note is softer by 0 dB to this

_Indices = NDArray[np.intp]


@dataclass(frozen=True)
class NoteSet:
    """Notes whose frames are in one cache.

    Attributes:
        cache: frames.
        rows: rows of the notes in the cache; notes without active frames are left out.
        pitches: MIDI pitch by row.
        partners: by row, the rows of the same instrument and velocity at other pitches within ``PAIR_SEMITONES``.
    """

    cache: FrameCache
    rows: tuple[int, ...]
    pitches: dict[int, int]
    partners: dict[int, tuple[int, ...]]

    @classmethod
    def of(cls, cache: FrameCache, notes: Sequence[Note]) -> "NoteSet":
        """Make the set of those notes that have an active frame."""
        rows = tuple(cache.rows(notes))
        by_name = {note.note_str: note for note in notes}
        by_row = {row: by_name[cache.names[row]] for row in rows}
        groups: dict[tuple[str, int], list[int]] = {}
        for row, note in by_row.items():
            groups.setdefault((note.instrument_str, note.velocity), []).append(row)
        partners = {
            row: tuple(
                other
                for other in groups[note.instrument_str, note.velocity]
                if 0 < abs(by_row[other].pitch - note.pitch) <= PAIR_SEMITONES
            )
            for row, note in by_row.items()
        }
        return cls(cache, rows, {row: note.pitch for row, note in by_row.items()}, partners)


def subsample_notes(notes: NoteSet, limit: int, rng: np.random.Generator) -> NoteSet:
    """Return at most ``limit`` of the notes, chosen at random. If all fit, ``rng`` is not used."""
    if len(notes.rows) <= limit:
        return notes
    chosen = rng.choice(len(notes.rows), limit, replace=False)
    return replace(notes, rows=tuple(notes.rows[i] for i in np.sort(chosen)))


@dataclass(frozen=True)
class Batch:
    """Frames of a training step.

    Attributes:
        x: float32 [n, bins], scaled frames. pitch: float32 [n], MIDI.
        other, other_pitch: frames of the same instrument at the same time after the onset, at another pitch; a copy of
            ``x`` where there is no such frame. Empty unless pairs were requested.
    """

    x: Tensor
    pitch: Tensor
    other: Tensor = field(default_factory=lambda: torch.empty(0))
    other_pitch: Tensor = field(default_factory=lambda: torch.empty(0))

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        if self.x.device == device:
            return self
        return Batch(self.x.to(device), self.pitch.to(device), self.other.to(device), self.other_pitch.to(device))


@dataclass(frozen=True)
class SampledFrames:
    """Frames of an epoch, or of a part of it, in random order.

    Attributes:
        frames: float16 [n, bins]. pitches: float32 [n], MIDI.
        others, other_pitches: the pairs' frames and pitches; ``others`` is None without pairs.
        window: number of consecutive frames in a sequence. Only sequences are in random order.
    """

    frames: Half
    pitches: NDArray[np.float32]
    others: Half | None
    other_pitches: NDArray[np.float32]
    window: int = 1

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield all frames in batches of about ``size``; with a window as [sequences, window, bins]."""
        whole = self.whole(size)
        for start in range(0, len(self.frames), whole):
            yield self.batch(start, whole)

    def batch(self, start: int, size: int) -> Batch:
        """Return up to ``size`` frames from ``start`` on. Both must be multiples of the window."""
        part = slice(start, start + size)
        x, pitch = self._tensor(self.frames[part]).float(), self._tensor(self.pitches[part])
        if self.others is None:
            return Batch(x, pitch)
        return Batch(x, pitch, self._tensor(self.others[part]).float(), self._tensor(self.other_pitches[part]))

    def whole(self, size: int) -> int:
        """Return the largest multiple of the window up to ``size``, at least one window."""
        return max(1, size // self.window) * self.window

    def _tensor(self, values: NDArray[np.floating]) -> Tensor:
        tensor = torch.from_numpy(values)
        return tensor.view(-1, self.window, *tensor.shape[1:]) if self.window > 1 else tensor


def sample_epoch(
    sets: Sequence[NoteSet],
    per_note: int,
    rng: np.random.Generator,
    *,
    paired: bool = False,
    window: int = 1,
    mixup: float = 0.0,
    own: _Indices | None = None,
) -> SampledFrames:
    """Sample frames of all sets together by ``FrameCache.sample_indices``; with a window by ``sample_sequences``.

    Args:
        sets: of notes.
        per_note: frames of each note; 0 takes all.
        rng: source of all random numbers.
        paired: sample a partner for every note and take its frames at the same time after the onset.
        window: consecutive frames in a sequence.
        mixup: fraction of the notes, or pairs, to which another instrument at the same pitches is added, softer.
        own: positions [n] in the random order to read, those of this process; None reads all.
    """
    mixer = _Mixup(sets, rng, paired=paired) if mixup else None
    sampled = [(notes, *each) for notes in sets for each in _sample_indices(notes, per_note, rng, window)]
    order = _random_order(sum(len(index) for _, _, index in sampled), window, rng, own)
    out = _empty(len(order) if own is None else len(own), sets[0].cache.spec.bins, window, paired=paired)
    start = 0
    for notes, row, index in sampled:  # reads in disk order, writes shuffled
        to = order[start : start + len(index)]
        start += len(index)
        if own is not None:
            to, index = to[to >= 0], index[to >= 0]
        out.frames[to], out.pitches[to] = notes.cache.unit(row)[index], notes.pitches[row]
        if out.others is not None:
            _add_partner(out, out.others, notes, row, to, index, rng, (mixer, mixup))
        elif mixer and rng.random() < mixup:
            mixer.add((out.frames,), to, index, (notes.pitches[row],))
    return out


def _sample_indices(notes: NoteSet, per_note: int, rng: np.random.Generator, window: int) -> list[tuple[int, _Indices]]:
    if window > 1:
        return notes.cache.sample_sequences(notes.rows, per_note, rng, window)
    return notes.cache.sample_indices(notes.rows, per_note, rng)


def _random_order(count: int, window: int, rng: np.random.Generator, own: _Indices | None) -> _Indices:
    """Return the random position of every frame; with ``own`` its position among these, or -1."""
    starts = rng.permutation(count // window)
    order: _Indices = (starts[:, np.newaxis] * window + np.arange(window)).ravel()
    if own is None:
        return order
    position = np.full(len(order), -1)
    position[own] = np.arange(len(own))
    return position[order]


def _empty(count: int, bins: int, window: int, *, paired: bool) -> SampledFrames:
    frames, pitches = np.empty((count, bins), np.float16), np.empty(count, np.float32)
    others, other_pitches = (np.empty_like(frames), pitches.copy()) if paired else (None, pitches)
    return SampledFrames(frames, pitches, others, other_pitches, window)


def _add_partner(
    out: SampledFrames, others: Half, notes: NoteSet, row: int, to: _Indices, index: _Indices,
    rng: np.random.Generator, mixing: "tuple[_Mixup | None, float]",
) -> None:  # fmt: skip
    """Sample a partner of the note ``row`` and write its frames; frames that it lacks are the note's own."""
    mixer, mixup = mixing
    partner = int(rng.choice(notes.partners[row])) if notes.partners[row] else row
    exists = index < notes.cache.counts[partner]
    others[to[exists]] = notes.cache.unit(partner)[index[exists]]
    out.other_pitches[to[exists]] = notes.pitches[partner]
    others[to[~exists]], out.other_pitches[to[~exists]] = out.frames[to[~exists]], notes.pitches[row]
    if mixer and partner != row and rng.random() < mixup:
        mixer.add((out.frames, others), to[exists], index[exists], (notes.pitches[row], notes.pitches[partner]))


class _Mixup:
    """Adds notes, or pairs of notes, to others of the same pitches."""

    def __init__(self, sets: Sequence[NoteSet], rng: np.random.Generator, *, paired: bool) -> None:
        self._rng = rng
        self._half_range = np.float32(-sets[0].cache.spec.floor_db / 2.0)
        self._by_pitches: dict[tuple[int, ...], list[tuple[FrameCache, tuple[int, ...]]]] = {}
        for notes in sets:
            for row in notes.partners:
                for rows in ((row, partner) for partner in notes.partners[row]) if paired else ((row,),):
                    pitches = tuple(notes.pitches[each] for each in rows)
                    self._by_pitches.setdefault(pitches, []).append((notes.cache, rows))

    def add(self, targets: tuple[Half, ...], to: _Indices, index: _Indices, pitches: tuple[int, ...]) -> None:
        """Add a random note of each pitch to the targets' frames at ``to``, which are at ``index`` in their notes."""
        candidates = self._by_pitches[pitches]
        cache, rows = candidates[int(self._rng.integers(len(candidates)))]
        gain_db = np.float32(-MIXUP_RANGE_DB * self._rng.random())
        exists = index < min(cache.counts[row] for row in rows)
        to, index = to[exists], index[exists]
        for target, row in zip(targets, rows, strict=True):
            target[to] = self._sum(target[to], cache.unit(row)[index], gain_db)

    def _sum(self, one: Half, other: Half, gain_db: np.float32) -> NDArray[np.float32]:
        """Return the sum of the powers of two scaled frames, scaled re the sum's maximum."""
        exponents = [(unit.astype(np.float32) - 1.0) * (self._half_range / 10.0) for unit in (one, other)]
        power = 10.0 ** exponents[0] + 10.0 ** (exponents[1] + gain_db / 10.0)
        db = 10.0 * np.log10(power / power.max(axis=1, initial=1e-20, keepdims=True))
        scaled: NDArray[np.float32] = 1.0 + np.maximum(db, -2.0 * self._half_range) / self._half_range
        return scaled
