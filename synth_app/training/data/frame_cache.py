"""Cache of the scaled frames of notes on disk: float16 shards that are memory-mapped, never all in memory."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.audio_io import resample
from synth_app.dataset.nsynth import Note, audio_path, read_audio
from synth_app.spectrum import FrameSpec, db_frames, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.training.data.dask_jobs import run_jobs
from synth_app.training.data.shards import Half, is_whole, read_counts, read_units, write_shard

Array = NDArray[np.float32]

# A frame is silent, and dropped, if its maximum is below SILENT_DBFS, or more than SILENT_BELOW_NOTE_DB below the
# highest maximum of its note: such frames hold rounding noise and no timbre. All other frames are active.
SILENT_DBFS = -80.0
SILENT_BELOW_NOTE_DB = 60.0
ATTACK_SECONDS = 0.25
ATTACK_WEIGHT = 3.0
_NOTES_PER_SHARD = 64
_OPEN_SHARDS = 64
_FORMAT = 1


def note_db_frames(folder: Path, note: Note, spec: FrameSpec) -> Array:
    """Return all frames of a note, float32 [frames, bins], dB re full-scale sine. Resamples if needed."""
    samples, rate = read_audio(folder, note)
    return db_frames(resample(samples, rate, spec.sample_rate), spec)


def active_frames(gain_db: Array) -> NDArray[np.bool_]:
    """Return a mask of a note's active frames, given the frames' maxima [frames] in dBFS."""
    if not len(gain_db):
        return np.zeros(0, bool)
    active: NDArray[np.bool_] = gain_db >= max(SILENT_DBFS, float(gain_db.max()) - SILENT_BELOW_NOTE_DB)
    return active


class FrameCache:
    """Scaled frames of a folder's notes, on disk.

    Attributes:
        spec: specification of the frames.
        names: ``note_str`` of every note, sorted. A note's row is its index here.
        counts: int64 [notes], active frames of each note.
        folder: folder of the shards.
    """

    def __init__(self, folder: Path, spec: FrameSpec, names: Sequence[str]) -> None:
        self.folder, self.spec, self.names = folder, spec, tuple(names)
        self._row = {name: i for i, name in enumerate(self.names)}
        counts = [read_counts(_shard(folder, i), spec.bins) for i in range(_n_shards(len(names)))]
        self._open: OrderedDict[int, Half] = OrderedDict()
        self.counts = np.array([count for shard in counts for count in shard], np.int64)
        ends = [np.cumsum([0, *shard]) for shard in counts]
        self._starts = [int(start) for end in ends for start in end[:-1]]

    def rows(self, notes: Sequence[Note]) -> list[int]:
        """Return the notes' rows in this cache, without notes that have no active frame."""
        found = [self._row[note.note_str] for note in notes]
        return [row for row in found if self.counts[row]]

    def unit(self, row: int) -> Half:
        """Return the scaled frames [counts[row], bins] of one note, memory-mapped float16 in [-1, 1]."""
        start = self._starts[row]
        part: Half = self._shard(row // _NOTES_PER_SHARD)[start : start + int(self.counts[row])]
        return part

    def _shard(self, index: int) -> Half:
        """Return a shard's frames. Few shards are open at once, because each takes a file handle."""
        if index not in self._open:
            self._open[index] = read_units(_shard(self.folder, index), self.spec.bins)
            if len(self._open) > _OPEN_SHARDS:
                self._open.popitem(last=False)
        self._open.move_to_end(index)
        return self._open[index]

    def batches(self, rows: Sequence[int], size: int = 4096) -> Iterator[Array]:
        """Yield all frames of the notes as float32 [<= size, bins], in order."""
        pending: list[Half] = []
        count = 0
        for row in rows:
            frames = self.unit(row)
            pending.append(frames)
            count += len(frames)
            if count >= size:
                block = np.concatenate(pending).astype(np.float32)
                yield from (block[i : i + size] for i in range(0, len(block), size))
                pending, count = [], 0
        if count:
            yield np.concatenate(pending).astype(np.float32)

    def sample_frames(self, rows: Sequence[int], per_note: int, rng: np.random.Generator) -> Half:
        """Return the frames of ``sample_indices``, shuffled, float16 [frames, bins]."""
        sampled = self.sample_indices(rows, per_note, rng)
        order = rng.permutation(sum(len(index) for _, index in sampled))
        out = np.empty((len(order), self.spec.bins), np.float16)
        start = 0
        for row, index in sampled:  # reads in disk order, writes shuffled
            out[order[start : start + len(index)]] = self.unit(row)[index]
            start += len(index)
        return out

    def sample_sequences(
        self, rows: Sequence[int], per_note: int, rng: np.random.Generator, window: int
    ) -> list[tuple[int, NDArray[np.intp]]]:
        """Sample sequences of ``window`` consecutive frames: ``per_note / window`` of every note, at least one.

        The starts are uniform and independent. A note shorter than ``window`` is padded with its last frame.
        """
        sampled: list[tuple[int, NDArray[np.intp]]] = []
        for row in rows:
            count = int(self.counts[row])
            sequences = max(1, (per_note or count) // window)
            starts = rng.integers(0, max(1, count - window + 1), (sequences, 1))
            sampled.append((row, np.minimum(starts + np.arange(window), count - 1).ravel()))
        return sampled

    def sample_indices(
        self, rows: Sequence[int], per_note: int, rng: np.random.Generator
    ) -> list[tuple[int, NDArray[np.intp]]]:
        """Sample at most ``per_note`` frames of every note; 0 takes all.

        Weighted sampling without replacement (Efraimidis & Spirakis 2006). Frames of the attack have ``ATTACK_WEIGHT``
        times the weight of others.

        Returns:
            Every row with the sorted indices of its frames.
        """
        attack = max(1, round(ATTACK_SECONDS / self.spec.hop_seconds))
        sampled: list[tuple[int, NDArray[np.intp]]] = []
        for row in rows:
            count = int(self.counts[row])
            if per_note and count > per_note:
                keys = -np.log(1.0 - rng.random(count))
                keys[:attack] /= ATTACK_WEIGHT
                sampled.append((row, np.sort(np.argpartition(keys, per_note)[:per_note])))
            else:
                sampled.append((row, np.arange(count)))
        return sampled


def open_cache(
    data: Path,
    notes: Sequence[Note],
    spec: FrameSpec,
    folder: Path,
    *,
    processes: int = 2,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FrameCache:
    """Compute the missing and the damaged shards of a cache and open it. A computation that was stopped continues.

    Args:
        data: folder in NSynth's layout.
        notes: its notes.
        spec: frames to compute.
        folder: parent folder of the caches; this cache's name is a digest of the files and the settings.
        processes: worker processes of this machine; 1 computes in this process.
        scheduler: address of a Dask scheduler whose workers compute instead; they must see the same folders.
        progress: called with (shards done, all shards).

    Raises:
        UserError: a note cannot be read, or the folder cannot be written.
    """
    ordered = sorted(notes, key=lambda note: note.note_str)
    if not ordered:
        raise UserError(f"{data} has no notes; render or download some first")
    own = _make_folder(folder / _digest(data, ordered, spec))
    total = _n_shards(len(ordered))
    parts = [tuple(ordered[i * _NOTES_PER_SHARD : (i + 1) * _NOTES_PER_SHARD]) for i in range(total)]
    jobs = [
        _Job(data, part, spec, _shard(own, i))
        for i, part in enumerate(parts)
        if not is_whole(_shard(own, i), len(part), spec.bins)
    ]
    done = total - len(jobs)
    for _ in run_jobs(_write_shard, jobs, scheduler=scheduler, workers=processes):
        done += 1
        if progress:
            progress(done, total)
    return FrameCache(own, spec, [note.note_str for note in ordered])


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the cache folder {folder}: {error.strerror}; choose another") from error
    return folder


@dataclass(frozen=True)
class _Job:
    data: Path
    notes: tuple[Note, ...]
    spec: FrameSpec
    target: Path


def _write_shard(job: _Job) -> None:
    units: list[Half] = []
    for note in job.notes:
        frames = note_db_frames(job.data, note, job.spec)
        frames = frames[active_frames(frames.max(axis=1, initial=-np.inf))]
        shape_db, _ = remove_gain(frames, job.spec.floor_db)
        units.append(to_unit(shape_db, job.spec.floor_db).astype(np.float16))
    write_shard(job.target, units)


def _n_shards(notes: int) -> int:
    return -(-notes // _NOTES_PER_SHARD)


def _shard(folder: Path, index: int) -> Path:
    return folder / f"shard-{index:04d}.npy"


def _digest(data: Path, notes: Sequence[Note], spec: FrameSpec) -> str:
    content = hashlib.sha256()
    rules = (_FORMAT, SILENT_DBFS, SILENT_BELOW_NOTE_DB, _NOTES_PER_SHARD)
    content.update(json.dumps([asdict(spec), *rules]).encode())
    for note in notes:
        path = audio_path(data, note.note_str)
        try:
            stat = path.stat()
        except OSError as error:
            raise UserError(f"{path} is missing; run `synth-app dataset check {data}`") from error
        content.update(f"{note.note_str} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return content.hexdigest()[:16]
