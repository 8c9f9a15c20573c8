"""The frame cache: its content, dropped frames, and continuation."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import audio_path, read_audio, read_notes
from synth_app.spectrum import FrameSpec, db_frames
from synth_app.support.errors import UserError
from synth_app.training.data import frame_cache
from synth_app.training.data.frame_cache import active_frames, open_cache


def test_silence_rule_in_closed_form() -> None:
    loud = np.array([-100, -10, -69.9, -70.1, -85], np.float32)
    np.testing.assert_array_equal(active_frames(loud), [False, True, True, False, False])
    quiet = np.array([-79.9, -80.1, -50], np.float32)
    np.testing.assert_array_equal(active_frames(quiet), [True, False, True])
    assert active_frames(np.zeros(0, np.float32)).shape == (0,)


def test_cache_has_the_scaled_active_frames(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    notes = read_notes(data)
    cache = open_cache(data, notes, spec, tmp_path, processes=1)
    rows = cache.rows(notes)
    assert len(rows) == 36
    for note, row in list(zip(notes, rows, strict=True))[::7]:
        frames = db_frames(read_audio(data, note)[0], spec)
        top = frames.max(axis=1)
        frames = frames[(top >= -80) & (top >= top.max() - 60)]
        expected = 1 + np.maximum(frames - frames.max(axis=1, keepdims=True), -100) / 50
        assert cache.counts[row] == len(frames)
        assert 90 <= len(frames) <= 101  # 0.8 of 125 frames, less the silent 20 ms
        np.testing.assert_allclose(cache.unit(row), expected, atol=6e-4)


def test_workers_make_the_same_cache(
    data: Path, spec: FrameSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_cache, "_NOTES_PER_SHARD", 20)
    notes = read_notes(data)
    told: list[tuple[int, int]] = []
    one = open_cache(data, notes, spec, tmp_path / "1", processes=1, progress=lambda *at: told.append(at))
    two = open_cache(data, notes, spec, tmp_path / "2", processes=2)
    assert told == [(1, 2), (2, 2)]
    for row in range(36):
        np.testing.assert_array_equal(one.unit(row), two.unit(row))


def test_stopped_computation_is_continued(
    data: Path, spec: FrameSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_cache, "_NOTES_PER_SHARD", 10)
    notes = read_notes(data)
    cache = open_cache(data, notes, spec, tmp_path, processes=1)
    before = [cache.unit(row).copy() for row in range(36)]
    (cache.folder / "shard-0002.json").unlink()
    (cache.folder / "shard-0002.npy").write_bytes(b"half")
    kept = (cache.folder / "shard-0001.npy").stat().st_mtime_ns
    again = open_cache(data, notes, spec, tmp_path, processes=1)
    assert (cache.folder / "shard-0001.npy").stat().st_mtime_ns == kept
    for row in range(36):
        np.testing.assert_array_equal(again.unit(row), before[row])


def test_other_settings_and_changed_files_make_another_cache(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    notes = read_notes(copy)
    first = open_cache(copy, notes, spec, tmp_path / "cache", processes=1)
    assert open_cache(copy, notes, spec, tmp_path / "cache", processes=1).folder == first.folder
    assert (
        open_cache(copy, notes, replace(spec, window="hamming"), tmp_path / "cache", processes=1).folder != first.folder
    )
    write_wav16(audio_path(copy, notes[0].note_str), np.zeros(8000, np.float32), 8000)
    changed = open_cache(copy, notes, spec, tmp_path / "cache", processes=1)
    assert changed.folder != first.folder
    assert changed.counts[0] == 0  # a silent note has no frames
    assert changed.rows(notes) == list(range(1, 36))


def test_missing_audio_and_empty_data_sets_are_reported(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    notes = read_notes(copy)
    audio_path(copy, notes[3].note_str).unlink()
    with pytest.raises(UserError, match=f"{notes[3].note_str}.wav is missing"):
        open_cache(copy, notes, spec, tmp_path, processes=1)
    with pytest.raises(UserError, match="has no notes"):
        open_cache(copy, (), spec, tmp_path, processes=1)


def test_batches_are_all_frames_in_order(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    cache = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    rows = [5, 2, 30, 7]
    batches = list(cache.batches(rows, size=64))
    assert max(len(batch) for batch in batches) <= 64
    np.testing.assert_array_equal(np.concatenate(batches), np.concatenate([cache.unit(row) for row in rows]))


def test_sampling_is_seeded_without_repeats_and_favours_attacks(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    cache = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    row = 4
    frames = [frame.tobytes() for frame in cache.unit(row)]
    sampled = cache.sample_frames([row], 20, np.random.default_rng(1))
    indices = [frames.index(frame.tobytes()) for frame in sampled]
    assert len(set(indices)) == 20
    np.testing.assert_array_equal(sampled, cache.sample_frames([row], 20, np.random.default_rng(1)))
    assert (sampled != cache.sample_frames([row], 20, np.random.default_rng(2))).any()
    early = 0
    for seed in range(300):
        sampled = cache.sample_frames([row], 5, np.random.default_rng(seed))
        early += sum(frames.index(frame.tobytes()) < 31 for frame in sampled)  # 0.25 s
    fraction, uniform = early / 1500, 31 / len(frames)
    weighted = 3 * 31 / (3 * 31 + len(frames) - 31)
    assert uniform + 0.1 < fraction
    assert fraction == pytest.approx(weighted, abs=0.06)


def test_sampling_takes_all_of_short_notes_and_shuffles(data: Path, spec: FrameSpec, tmp_path: Path) -> None:
    cache = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    sampled = cache.sample_frames([1, 2], 0, np.random.default_rng(0))
    whole = np.concatenate([cache.unit(1), cache.unit(2)])
    assert sorted(f.tobytes() for f in sampled) == sorted(f.tobytes() for f in whole)
    assert (sampled != whole).any()


@pytest.mark.parametrize("damage", ["text", "cut", "bit", "type", "json", "deep", "counts", "no checksum"])
def test_a_damaged_shard_is_made_anew(data: Path, spec: FrameSpec, tmp_path: Path, damage: str) -> None:
    cache = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    before = [cache.unit(row).copy() for row in range(36)]
    path, numbers = cache.folder / "shard-0000.npy", cache.folder / "shard-0000.json"
    raw, text = path.read_bytes(), numbers.read_text()
    damages: dict[str, Callable[[], object]] = {
        "text": lambda: path.write_bytes(b"not an array"),
        "cut": lambda: path.write_bytes(raw[:-2]),
        "bit": lambda: path.write_bytes(raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:]),
        "type": lambda: np.save(path, np.load(path).astype(np.float32)),
        "json": lambda: numbers.write_text("{"),
        "deep": lambda: numbers.write_text("[" * 50_000),
        "counts": lambda: numbers.write_text(text.replace("[", "[0, ")),
        "no checksum": lambda: numbers.write_text(text.replace("crc32", "other")),
    }
    damages[damage]()
    again = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    for row in range(36):
        np.testing.assert_array_equal(again.unit(row), before[row])
    assert (path.read_bytes(), numbers.read_text()) == (raw, text)


def test_a_shard_that_is_damaged_after_its_check_is_not_read_as_frames(
    data: Path, spec: FrameSpec, tmp_path: Path
) -> None:
    cache = open_cache(data, read_notes(data), spec, tmp_path, processes=1)
    (cache.folder / "shard-0000.npy").write_bytes(b"not an array")
    with pytest.raises(UserError, match="is not a frame cache, or is damaged"):
        cache.unit(0)
