"""The frames of an epoch, drawn from one or more sets of notes, and with them the same moment at another pitch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synth_app.dataset.nsynth import Note
from synth_app.training.data.frame_cache import FrameCache, Half

PAIR_SEMITONES = 12  # most between the two pitches of a pair
MIX_BELOW_DB = 25.0  # most by which what is mixed in is softer


@dataclass(frozen=True)
class NoteSet:
    """Notes whose frames lie in one cache.

    Attributes:
        cache: frames.
        rows: of the notes that sound.
        pitches: MIDI, by row.
        mates: by row, the rows of the same instrument's notes of the same velocity at another pitch near by.
    """

    cache: FrameCache
    rows: tuple[int, ...]
    pitches: dict[int, int]
    mates: dict[int, tuple[int, ...]]

    @classmethod
    def of(cls, cache: FrameCache, notes: Sequence[Note]) -> "NoteSet":
        """The set of those of the notes that have a sounding frame."""
        rows = tuple(cache.rows(notes))
        by_name = {note.note_str: note for note in notes}
        members = {row: by_name[cache.names[row]] for row in rows}
        kin: dict[tuple[str, int], list[int]] = {}
        for row, note in members.items():
            kin.setdefault((note.instrument_str, note.velocity), []).append(row)
        mates = {
            row: tuple(
                other
                for other in kin[note.instrument_str, note.velocity]
                if 0 < abs(members[other].pitch - note.pitch) <= PAIR_SEMITONES
            )
            for row, note in members.items()
        }
        return cls(cache, rows, {row: note.pitch for row, note in members.items()}, mates)


def fewer(notes: NoteSet, most: int, rng: np.random.Generator) -> NoteSet:
    """At most so many of the notes, chosen at random; all of them, and nothing random, where there are no more."""
    if len(notes.rows) <= most:
        return notes
    chosen = rng.choice(len(notes.rows), most, replace=False)
    return replace(notes, rows=tuple(notes.rows[i] for i in np.sort(chosen)))


@dataclass(frozen=True)
class Batch:
    """Frames of a training step.

    Attributes:
        x: float32 [n, bins], scaled frames. pitch: float32 [n], MIDI.
        other, other_pitch: the same instrument at the same time after its onset at another pitch; where there is no
            such frame, ``x`` again. Empty unless pairs were asked for.
    """

    x: Tensor
    pitch: Tensor
    other: Tensor = field(default_factory=lambda: torch.empty(0))
    other_pitch: Tensor = field(default_factory=lambda: torch.empty(0))

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        if self.x.device == device:
            return self
        return Batch(self.x.to(device), self.pitch.to(device), self.other.to(device), self.other_pitch.to(device))


@dataclass(frozen=True)
class SampledBatch:
    """All frames of an epoch in random order; float16 [n, bins], their pitches, and the pairs' (or None).

    Attributes:
        window: so many frames follow each other, and only their sequences are in random order.
    """

    frames: Half
    pitches: NDArray[np.float32]
    others: Half | None
    other_pitches: NDArray[np.float32]
    window: int = 1

    def batches(self, size: int) -> Iterator[Batch]:
        """All frames, about ``size`` at a time; with a window as [sequences, window, bins]."""
        whole = self.whole(size)
        for start in range(0, len(self.frames), whole):
            yield self.batch(start, whole)

    def batch(self, start: int, size: int) -> Batch:
        """The ``size`` frames from ``start`` on, or what is left; both must cut no sequence."""
        part = slice(start, start + size)
        x, pitch = self._tensor(self.frames[part]).float(), self._tensor(self.pitches[part])
        if self.others is None:
            return Batch(x, pitch)
        return Batch(x, pitch, self._tensor(self.others[part]).float(), self._tensor(self.other_pitches[part]))

    def whole(self, size: int) -> int:
        """The largest number of frames up to ``size`` that cuts no sequence, or one sequence."""
        return max(1, size // self.window) * self.window

    def _tensor(self, values: NDArray[np.floating]) -> Tensor:
        tensor = torch.from_numpy(values)
        return tensor.view(-1, self.window, *tensor.shape[1:]) if self.window > 1 else tensor


def draw_epoch(
    sets: Sequence[NoteSet],
    per_note: int,
    rng: np.random.Generator,
    *,
    paired: bool = False,
    window: int = 1,
    mix: float = 0.0,
    own: NDArray[np.intp] | None = None,
) -> SampledBatch:
    """Frames as ``FrameCache.pick`` picks them, of all the sets together; with a window as ``pick_runs`` does.

    A note's partner is chosen anew with every call, and so is what it is mixed with: to the share ``mix`` of the notes,
    or pairs, another instrument's at the same pitches is added, softer, as if both were one instrument. With ``own``
    only the frames at these places [n] of the random order are read: those that are this process's.
    """
    blends = _Blends(sets, rng, paired=paired) if mix else None
    picks = [
        (notes, *pick)
        for notes in sets
        for pick in (
            notes.cache.pick_runs(notes.rows, per_note, rng, window)
            if window > 1
            else notes.cache.pick(notes.rows, per_note, rng)
        )
    ]
    places = rng.permutation(sum(len(index) for _, _, index in picks) // window)
    order = (places[:, np.newaxis] * window + np.arange(window)).ravel()
    if own is not None:
        here = np.full(len(order), -1)
        here[own] = np.arange(len(own))
        order = here[order]
    shape = (len(order) if own is None else len(own), sets[0].cache.spec.bins)
    frames, pitches = np.empty(shape, np.float16), np.empty(shape[0], np.float32)
    others, other_pitches = (np.empty(shape, np.float16), pitches.copy()) if paired else (None, pitches)
    start = 0
    for notes, row, index in picks:  # reads in disk order, writes shuffled
        to = order[start : start + len(index)]
        start += len(index)
        if own is not None:
            to, index = to[to >= 0], index[to >= 0]
        frames[to], pitches[to] = notes.cache.unit(row)[index], notes.pitches[row]
        if others is None:
            if blends and rng.random() < mix:
                blends.add((frames,), to, index, (notes.pitches[row],))
            continue
        mate = int(rng.choice(notes.mates[row])) if notes.mates[row] else row
        there = index < notes.cache.counts[mate]
        others[to[there]], other_pitches[to[there]] = notes.cache.unit(mate)[index[there]], notes.pitches[mate]
        others[to[~there]], other_pitches[to[~there]] = frames[to[~there]], notes.pitches[row]
        if blends and mate != row and rng.random() < mix:
            blends.add((frames, others), to[there], index[there], (notes.pitches[row], notes.pitches[mate]))
    return SampledBatch(frames, pitches, others, other_pitches, window)


class _Blends:
    """Notes, or pairs of them, by their pitches, to be added to others of the same pitches."""

    def __init__(self, sets: Sequence[NoteSet], rng: np.random.Generator, *, paired: bool) -> None:
        self._rng = rng
        self._half_range = np.float32(-sets[0].cache.spec.floor_db / 2.0)
        self._known: dict[tuple[int, ...], list[tuple[FrameCache, tuple[int, ...]]]] = {}
        for notes in sets:
            for row in notes.mates:
                for rows in ((row, mate) for mate in notes.mates[row]) if paired else ((row,),):
                    pitches = tuple(notes.pitches[each] for each in rows)
                    self._known.setdefault(pitches, []).append((notes.cache, rows))

    def add(
        self, targets: tuple[Half, ...], to: NDArray[np.intp], index: NDArray[np.intp], pitches: tuple[int, ...]
    ) -> None:
        """Mix notes of these pitches into the targets' frames at ``to``, which are at ``index`` in their notes."""
        known = self._known[pitches]
        cache, rows = known[int(self._rng.integers(len(known)))]
        gain_db = np.float32(-MIX_BELOW_DB * self._rng.random())
        there = index < min(cache.counts[row] for row in rows)
        to, index = to[there], index[there]
        for target, row in zip(targets, rows, strict=True):
            target[to] = self._sum(target[to], cache.unit(row)[index], gain_db)

    def _sum(self, one: Half, other: Half, gain_db: np.float32) -> NDArray[np.float32]:
        """Powers of two scaled frames added, re the sum's maximum."""
        exponents = [(unit.astype(np.float32) - 1.0) * (self._half_range / 10.0) for unit in (one, other)]
        power = 10.0 ** exponents[0] + 10.0 ** (exponents[1] + gain_db / 10.0)
        db = 10.0 * np.log10(power / power.max(axis=1, initial=1e-20, keepdims=True))
        scaled: NDArray[np.float32] = 1.0 + np.maximum(db, -2.0 * self._half_range) / self._half_range
        return scaled
