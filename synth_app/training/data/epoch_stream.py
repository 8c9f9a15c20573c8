"""The training frames of one epoch, batch by batch, within a memory limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.training.data.batch_sampler import Batch, NoteSet, sample_epoch

LIMIT_BYTES = 1 << 30  # of sampled frames; an epoch below it is sampled in one part
_FILL = 0.9  # parts have equal numbers of notes, not of frames


@dataclass(frozen=True)
class SamplingSettings:
    """Settings of an epoch's frames.

    Attributes:
        per_note: frames sampled from each note, 0: all. batch_size: frames per step.
        paired: also take frames at another pitch. window: consecutive frames in a sequence.
        rank, world: number of this process, and of all processes that divide every batch.
        limit_bytes: of frames in memory, of all processes together.
        mixup: fraction of the notes, or pairs of notes, that are mixed with others, 0-1.
    """

    per_note: int
    batch_size: int
    paired: bool = False
    window: int = 1
    rank: int = 0
    world: int = 1
    limit_bytes: int = LIMIT_BYTES
    mixup: float = 0.0


class Epoch:
    """One pass over newly sampled frames of sets of notes.

    An epoch within the memory limit is sampled in one part. A larger one is sampled in parts, each of notes chosen at
    random; frames are shuffled within their part. All processes sample the same random numbers, and each reads only its
    own part of the frames.

    Args:
        sets: of notes. sampling: settings. rng: source of all random numbers.

    Attributes:
        sizes: frames of each batch, of all processes together.
    """

    def __init__(self, sets: Sequence[NoteSet], sampling: SamplingSettings, rng: np.random.Generator) -> None:
        self._sampling, self._rng = sampling, rng
        self._parts = _parts(sets, sampling, rng)
        self._splits = [
            _batch_sizes(sum(_frame_counts(s, sampling).sum() for s in part), sampling) for part in self._parts
        ]
        self.sizes = [size for sizes in self._splits for size in sizes]

    def __iter__(self) -> Iterator[Batch]:
        """Yield this process's part of every batch."""
        sampling = self._sampling
        for part, sizes in zip(self._parts, self._splits, strict=True):
            ranges = [_own_range(size // sampling.window, sampling) for size in sizes]
            ends = np.cumsum([0, *sizes])
            own = np.concatenate(
                [end + np.arange(low, high) for end, (low, high) in zip(ends, ranges, strict=False)]
            ) if sampling.world > 1 else None  # fmt: skip
            sampled = sample_epoch(
                part, sampling.per_note, self._rng, paired=sampling.paired, window=sampling.window,
                mixup=sampling.mixup, own=own,
            )  # fmt: skip
            start = 0
            for low, high in ranges:
                yield sampled.batch(start, high - low)
                start += high - low
            del sampled  # free it before the next part is sampled


def _parts(sets: Sequence[NoteSet], sampling: SamplingSettings, rng: np.random.Generator) -> list[tuple[NoteSet, ...]]:
    """Divide the notes into parts that fit the limit. Each part's notes stay in the order of their frames on disk."""
    frame_bytes = 2 * sets[0].cache.spec.bins * (2 if sampling.paired else 1)
    needed = frame_bytes * sum(int(_frame_counts(notes, sampling).sum()) for notes in sets)
    if needed <= sampling.limit_bytes:
        return [tuple(sets)]
    indices = [(i, j) for i, notes in enumerate(sets) for j in range(len(notes.rows))]
    cuts = np.array_split(rng.permutation(len(indices)), -(-needed // int(_FILL * sampling.limit_bytes)))
    return [_selected(sets, [indices[i] for i in np.sort(cut)]) for cut in cuts if len(cut)]


def _selected(sets: Sequence[NoteSet], indices: list[tuple[int, int]]) -> tuple[NoteSet, ...]:
    """Return the sets with only the notes (set, position in set) of ``indices``."""
    rows: list[list[int]] = [[] for _ in sets]
    for i, j in indices:
        rows[i].append(sets[i].rows[j])
    return tuple(replace(notes, rows=tuple(own)) for notes, own in zip(sets, rows, strict=True) if own)


def _frame_counts(notes: NoteSet, sampling: SamplingSettings) -> NDArray[np.int64]:
    """Return the number of frames sampled from each note."""
    counts = notes.cache.counts[list(notes.rows)]
    if sampling.window > 1:
        sequences = np.maximum(1, (sampling.per_note or counts) // sampling.window)
        return np.broadcast_to(sequences * sampling.window, counts.shape)
    return np.minimum(counts, sampling.per_note) if sampling.per_note else counts


def _batch_sizes(frames: int, sampling: SamplingSettings) -> list[int]:
    """Return the batch sizes. A last batch with less than one example per process is dropped."""
    whole = max(1, sampling.batch_size // sampling.window) * sampling.window
    sizes = [min(whole, frames - start) for start in range(0, frames, whole)]
    return [size for size in sizes if size // sampling.window >= sampling.world]


def _own_range(examples: int, sampling: SamplingSettings) -> tuple[int, int]:
    """Return first and last + 1 of this process's frames of a batch."""
    return (
        examples * sampling.rank // sampling.world * sampling.window,
        examples * (sampling.rank + 1) // sampling.world * sampling.window,
    )
