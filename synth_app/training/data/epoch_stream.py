"""The training frames of one epoch, batch by batch, never more of them in memory than a limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.training.data.batch_sampler import Batch, NoteSet, draw_epoch

LIMIT_BYTES = 1 << 30  # of drawn frames; with less the epoch is drawn at once
_FILL = 0.9  # parts are equal in notes, not in frames


@dataclass(frozen=True)
class Sample:
    """What an epoch is to hold.

    Attributes:
        per_note: frames drawn from each note, 0: all. batch_size: frames per step.
        paired: with frames at another pitch. window: frames that follow each other.
        rank, world: which share of every batch this process gets, of how many.
        limit_bytes: of frames in memory, of all processes together.
        mix: share of the notes, or pairs of notes, that are mixed with others.
    """

    per_note: int
    batch_size: int
    paired: bool = False
    window: int = 1
    rank: int = 0
    world: int = 1
    limit_bytes: int = LIMIT_BYTES
    mix: float = 0.0


class Epoch:
    """One pass over newly drawn frames of sets of notes.

    What fits the limit is drawn at once. More is drawn in parts, each of notes chosen at random; frames are shuffled
    within their part. All processes draw the same numbers, and each reads its own share of the frames.

    Args:
        sets: of notes. draw: what to take of them. rng: all that is random comes from it.

    Attributes:
        sizes: frames of each batch, of all processes together.
    """

    def __init__(self, sets: Sequence[NoteSet], draw: Sample, rng: np.random.Generator) -> None:
        self._draw, self._rng = draw, rng
        self._parts = _parts(sets, draw, rng)
        self._splits = [_batch_sizes(sum(_frames(s, draw).sum() for s in part), draw) for part in self._parts]
        self.sizes = [size for sizes in self._splits for size in sizes]

    def __iter__(self) -> Iterator[Batch]:
        """This process's share of every batch."""
        draw = self._draw
        for part, sizes in zip(self._parts, self._splits, strict=True):
            shares = [_share(size // draw.window, draw) for size in sizes]
            ends = np.cumsum([0, *sizes])
            own = np.concatenate(
                [end + np.arange(low, high) for end, (low, high) in zip(ends, shares, strict=False)]
            ) if draw.world > 1 else None  # fmt: skip
            drawn = draw_epoch(
                part, draw.per_note, self._rng, paired=draw.paired, window=draw.window, mix=draw.mix, own=own
            )
            start = 0
            for low, high in shares:
                yield drawn.batch(start, high - low)
                start += high - low
            del drawn  # before the next part is drawn


def _parts(sets: Sequence[NoteSet], draw: Sample, rng: np.random.Generator) -> list[tuple[NoteSet, ...]]:
    """The notes in parts that fit the limit; each part's notes in the order of their frames on the disk."""
    frame_bytes = 2 * sets[0].cache.spec.bins * (2 if draw.paired else 1)
    needed = frame_bytes * sum(int(_frames(notes, draw).sum()) for notes in sets)
    if needed <= draw.limit_bytes:
        return [tuple(sets)]
    places = [(i, j) for i, notes in enumerate(sets) for j in range(len(notes.rows))]
    cuts = np.array_split(rng.permutation(len(places)), -(-needed // int(_FILL * draw.limit_bytes)))
    return [_chosen(sets, [places[i] for i in np.sort(cut)]) for cut in cuts if len(cut)]


def _chosen(sets: Sequence[NoteSet], places: list[tuple[int, int]]) -> tuple[NoteSet, ...]:
    rows: list[list[int]] = [[] for _ in sets]
    for i, j in places:
        rows[i].append(sets[i].rows[j])
    return tuple(replace(notes, rows=tuple(own)) for notes, own in zip(sets, rows, strict=True) if own)


def _frames(notes: NoteSet, draw: Sample) -> NDArray[np.int64]:
    """Frames drawn from each note."""
    counts = notes.cache.counts[list(notes.rows)]
    if draw.window > 1:
        runs = np.maximum(1, (draw.per_note or counts) // draw.window)
        return np.broadcast_to(runs * draw.window, counts.shape)
    return np.minimum(counts, draw.per_note) if draw.per_note else counts


def _batch_sizes(frames: int, draw: Sample) -> list[int]:
    """Sizes of the batches; a last one with less than one example for every process is left out."""
    whole = max(1, draw.batch_size // draw.window) * draw.window
    sizes = [min(whole, frames - start) for start in range(0, frames, whole)]
    return [size for size in sizes if size // draw.window >= draw.world]


def _share(examples: int, draw: Sample) -> tuple[int, int]:
    """First and last + 1 of this process's frames of a batch."""
    return (
        examples * draw.rank // draw.world * draw.window,
        examples * (draw.rank + 1) // draw.world * draw.window,
    )
