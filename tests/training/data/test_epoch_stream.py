"""Epochs in parts: sampled frames, memory limit, and division among processes."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.nsynth import read_notes
from synth_app.spectrum import FrameSpec
from synth_app.training.data import frame_cache
from synth_app.training.data.batch_sampler import NoteSet, sample_epoch, subsample_notes
from synth_app.training.data.epoch_stream import Epoch, SamplingSettings
from synth_app.training.data.frame_cache import FrameCache, open_cache

SPEC = FrameSpec(8000, 128, 64)
FRAME_BYTES = 2 * SPEC.bins


@pytest.fixture(scope="module")
def notes(data: Path) -> NoteSet:
    found = read_notes(data)
    return NoteSet.of(open_cache(data, found, SPEC, data.parent / "cache", processes=1), found)


def _frames(epoch: Epoch) -> list[bytes]:
    return [frame.tobytes() for part in epoch for frame in part.x.reshape(-1, SPEC.bins).numpy()]


@pytest.mark.parametrize("window", [1, 5])
def test_an_epoch_within_the_limit_is_sampled_at_once(notes: NoteSet, window: int) -> None:
    draw = SamplingSettings(20, 64, window=window)
    epoch = Epoch((notes,), draw, np.random.default_rng(3))
    drawn = sample_epoch((notes,), 20, np.random.default_rng(3), window=window)
    for made, expected in zip(epoch, drawn.batches(64), strict=True):
        np.testing.assert_array_equal(made.x, expected.x)
        np.testing.assert_array_equal(made.pitch, expected.pitch)
    assert epoch.sizes == [part.pitch.numel() for part in drawn.batches(64)]


@pytest.mark.parametrize(("window", "paired"), [(1, False), (5, False), (1, True)])
def test_parts_have_every_note_once_and_are_seeded(notes: NoteSet, window: int, paired: bool) -> None:
    limit = 100 * FRAME_BYTES * (2 if paired else 1)
    draw = SamplingSettings(20, 32, paired, window, limit_bytes=limit)
    epoch, again, other = (Epoch((notes,), draw, np.random.default_rng(seed)) for seed in (0, 0, 1))
    whole = Epoch((notes,), replace(draw, limit_bytes=1 << 30), np.random.default_rng(0))
    assert len(epoch.sizes) > len(whole.sizes)
    assert sum(epoch.sizes) == sum(whole.sizes) == 20 * 36
    made = _frames(epoch)
    assert made == _frames(again) != _frames(other)
    where = {
        frame.astype(np.float32).tobytes(): row for row in notes.rows for frame in notes.cache.unit(row)
    }  # fmt: skip
    rows = [where[frame] for frame in made]
    assert all(rows.count(row) == 20 for row in notes.rows)
    first = set(rows[: 80 // window * window])
    assert first != set(sorted(notes.rows)[: len(first)])  # parts are of notes chosen at random
    assert max(epoch.sizes) == max(1, 32 // window) * window


@pytest.mark.parametrize("limit", [1 << 30, 100 * FRAME_BYTES])
@pytest.mark.parametrize("window", [1, 5])
def test_processes_share_every_batch(notes: NoteSet, limit: int, window: int) -> None:
    draw = SamplingSettings(20, 50, paired=window == 1, window=window, limit_bytes=limit)
    alone = Epoch((notes,), draw, np.random.default_rng(0))
    ranks = [Epoch((notes,), replace(draw, rank=rank, world=3), np.random.default_rng(0)) for rank in range(3)]
    for size, whole, *shares in zip(alone.sizes, alone, *ranks, strict=False):
        together = np.concatenate([fraction.x.numpy() for fraction in shares])
        np.testing.assert_array_equal(together, whole.x)
        np.testing.assert_array_equal(np.concatenate([fraction.pitch.numpy() for fraction in shares]), whole.pitch)
        np.testing.assert_array_equal(np.concatenate([fraction.other.numpy() for fraction in shares]), whole.other)
        sizes = [fraction.pitch.numel() for fraction in shares]
        assert sum(sizes) == size
        assert max(sizes) - min(sizes) <= window


def test_batches_too_small_for_all_processes_are_dropped(notes: NoteSet) -> None:
    few = replace(notes, rows=notes.rows[:1])
    epoch = Epoch((few,), SamplingSettings(20, 6, world=4, rank=3), np.random.default_rng(0))
    assert epoch.sizes == [6, 6, 6]  # of 6, 6, 6 and 2
    assert [len(part.x) for part in epoch] == [2, 2, 2]


def test_notes_are_subsampled_only_above_the_limit(notes: NoteSet) -> None:
    rng = np.random.default_rng(0)
    assert subsample_notes(notes, 36, rng) is notes
    assert rng.random() == np.random.default_rng(0).random()  # nothing was drawn
    some = subsample_notes(notes, 10, rng)
    assert len(set(some.rows)) == 10
    assert list(some.rows) == sorted(some.rows)
    assert set(some.rows) <= set(notes.rows)


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NoteSet:
    """3,200 notes of 40 frames, 16.6 MB on disk."""
    monkeypatch.setattr(frame_cache, "_OPEN_SHARDS", 4)
    rng, names = np.random.default_rng(0), [f"n{i:05d}" for i in range(3200)]
    for shard in range(50):
        np.save(tmp_path / f"shard-{shard:04d}.npy", rng.random((64 * 40, SPEC.bins)).astype(np.float16))
        (tmp_path / f"shard-{shard:04d}.json").write_text(json.dumps({"counts": [40] * 64}))
    cache = FrameCache(tmp_path, SPEC, names)
    return NoteSet(cache, tuple(range(3200)), dict.fromkeys(range(3200), 60), dict.fromkeys(range(3200), ()))


def test_memory_is_bounded_by_the_limit_and_not_by_the_notes(large: NoteSet) -> None:
    """The least of three: threads that other tests left in this process allocate too."""
    peaks = {1 << 20: list[int](), 1 << 30: list[int]()}
    for limit in (1 << 20, 1 << 30) * 3:
        tracemalloc.start()
        frames = sum(
            len(part.x)
            for part in Epoch((large,), SamplingSettings(0, 64, limit_bytes=limit), np.random.default_rng(0))
        )
        peaks[limit].append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert frames == 3200 * 40
    part, whole = (min(each) for each in peaks.values())
    assert whole > 16 << 20  # all of it
    assert part < 5 << 20, peaks  # a part, and some numbers for each note


def test_few_files_are_open_at_once(large: NoteSet) -> None:
    fds = Path("/proc/self/fd")
    if not fds.is_dir():
        pytest.skip("this system does not list open files")
    before = len(list(fds.iterdir()))
    total = sum(float(large.cache.unit(row)[0, 0]) for row in large.rows)
    assert total > 0
    assert len(list(fds.iterdir())) - before <= 6
