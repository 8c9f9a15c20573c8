"""Sampled frames: pairs at the same time, mixup, and sequences of consecutive frames."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from synth_app.dataset.nsynth import read_notes
from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import PAIR_SEMITONES, NoteSet, sample_epoch
from synth_app.training.data.frame_cache import open_cache

SPEC = FrameSpec(8000, 128, 64)


def _notes(data: Path) -> NoteSet:
    found = read_notes(data)
    return NoteSet.of(open_cache(data, found, SPEC, data.parent / "cache", processes=1), found)


def _power(unit: NDArray[np.float16]) -> NDArray[np.float64]:
    """Power of scaled frames re their maximum."""
    power: NDArray[np.float64] = 10.0 ** (5.0 * (unit.astype(np.float64) - 1.0))
    return power


def _best_sum(target: NDArray[np.float64], notes: list[NDArray[np.float64]]) -> tuple[float, float, float]:
    """The weighted sum of two notes' frames of one moment that is nearest to the target, by least squares.

    Returns:
        its distance re the target's norm, and the two weights.
    """
    found = []
    for a, b in product(notes, notes):
        a, b = a[: len(b)], b[: len(a)]
        aa, ab, bb, at, bt = (a * a).sum(1), (a * b).sum(1), (b * b).sum(1), a @ target, b @ target
        det = aa * bb - ab * ab
        apart = det > 1e-9 * aa * bb  # else one is a multiple of the other
        det[~apart] = 1.0
        first = np.where(apart, (bb * at - ab * bt) / det, at / aa)
        second = np.where(apart, (aa * bt - ab * at) / det, 0.0)
        left = np.linalg.norm(first[:, None] * a + second[:, None] * b - target, axis=1) / np.linalg.norm(target)
        best = int(left.argmin())
        found.append((float(left[best]), float(first[best]), float(second[best])))
    return min(found)


def test_partners_are_near_notes_of_the_same_instrument_and_velocity(data: Path) -> None:
    notes = _notes(data)
    told = {note.note_str: note for note in read_notes(data)}
    for row in notes.rows:
        own = told[notes.cache.names[row]]
        expected = {
            other.note_str
            for other in told.values()
            if (other.instrument_str, other.velocity) == (own.instrument_str, own.velocity)
            and 0 < abs(other.pitch - own.pitch) <= PAIR_SEMITONES
        }
        assert {notes.cache.names[mate] for mate in notes.partners[row]} == expected
    assert any(notes.partners.values())


def test_pairs_are_frames_of_a_partner_at_the_same_time(data: Path) -> None:
    notes = _notes(data)
    drawn = sample_epoch((notes,), 5, np.random.default_rng(3), paired=True)
    assert drawn.others is not None
    where = {notes.cache.unit(row)[i].tobytes(): (row, i) for row in notes.rows for i in range(notes.cache.counts[row])}
    moved = 0
    for frame, pitch, other, other_pitch in zip(
        drawn.frames, drawn.pitches, drawn.others, drawn.other_pitches, strict=True
    ):
        (row, i), (mate, j) = where[frame.tobytes()], where[other.tobytes()]
        assert (pitch, other_pitch) == (notes.pitches[row], notes.pitches[mate])
        assert i == j
        assert mate == row or mate in notes.partners[row]
        moved += mate != row
    assert moved > len(drawn.frames) // 2


def test_sets_are_sampled_together_and_unpaired_samples_equal_the_caches(data: Path) -> None:
    notes = _notes(data)
    one = sample_epoch((notes,), 4, np.random.default_rng(0), paired=False)
    np.testing.assert_array_equal(one.frames, notes.cache.sample_frames(notes.rows, 4, np.random.default_rng(0)))
    half = replace(notes, rows=notes.rows[:3])
    both = sample_epoch((notes, half), 4, np.random.default_rng(0), paired=True)
    assert len(both.frames) == len(one.frames) + sum(min(4, int(notes.cache.counts[r])) for r in half.rows)
    assert both.others is not None
    part = both.batch(2, 3)
    np.testing.assert_array_equal(part.other.numpy(), both.others[2:5].astype(np.float32))


def test_sequences_are_consecutive_and_padded_with_the_last_frame(data: Path) -> None:
    notes = _notes(data)
    count = int(notes.cache.counts[4])
    frames = [frame.tobytes() for frame in notes.cache.unit(4)]
    assert len(set(frames)) == count
    starts = set()
    for seed in range(400):
        drawn = sample_epoch((replace(notes, rows=(4,)),), 65, np.random.default_rng(seed), window=20)
        assert len(drawn.frames) == 60
        for run in drawn.frames.reshape(3, 20, SPEC.bins):
            places = [frames.index(frame.tobytes()) for frame in run]
            assert places == list(range(places[0], places[0] + 20))
            starts.add(places[0])
    assert starts == set(range(count - 19))
    long = sample_epoch((replace(notes, rows=(4,)),), 65, np.random.default_rng(0), window=count + 7).frames
    np.testing.assert_array_equal(long[:count], notes.cache.unit(4))
    np.testing.assert_array_equal(long[count:], np.repeat(notes.cache.unit(4)[-1:], 7, axis=0))


def test_sequences_are_shuffled_and_stay_whole_in_batches(data: Path) -> None:
    notes = _notes(data)
    drawn = sample_epoch((notes,), 40, np.random.default_rng(0), window=20)
    batches = list(drawn.batches(64))
    assert [tuple(part.x.shape) for part in batches] == [(3, 20, SPEC.bins)] * 24
    where = {frame.tobytes(): row for row in notes.rows for frame in notes.cache.unit(row)}
    of: list[int] = []
    for run, pitch in ((run, pitch) for part in batches for run, pitch in zip(part.x, part.pitch, strict=True)):
        rows = {where[frame.numpy().astype(np.float16).tobytes()] for frame in run}
        assert len(rows) == 1
        of += rows
        assert set(pitch.tolist()) == {notes.pitches[of[-1]]}
    assert sorted(of) == sorted([*notes.rows] * 2) != of


def test_mixed_pairs_are_sums_of_two_instruments_at_the_same_pitches(data: Path) -> None:
    notes = _notes(data)
    mixed, plain = (sample_epoch((notes,), 5, np.random.default_rng(3), paired=True, mixup=m) for m in (1.0, 0.0))
    assert mixed.others is not None
    for frames in (mixed.frames, mixed.others):
        np.testing.assert_allclose(frames.max(axis=1), 1.0, atol=1e-3)
    pairs = {(notes.pitches[row], notes.pitches[mate]) for row in notes.rows for mate in notes.partners[row]}
    found = 0
    power = {row: _power(notes.cache.unit(row)) for row in notes.rows}
    for frame, low, high in list(zip(mixed.frames, mixed.pitches, mixed.other_pitches, strict=True))[:40]:
        if (low, high) not in pairs:
            continue
        alike = [power[row] for row in notes.rows if notes.pitches[row] == low]
        distance, own, added = _best_sum(_power(frame), alike)
        assert distance < 0.01
        found += own > 0.01 and added > 0.01
    assert found > 10
    assert len(plain.frames) == len(mixed.frames)


def test_single_notes_are_mixed_with_others_of_their_pitch(data: Path) -> None:
    """Every mixed frame is a sum of powers of its own and of a softer frame at the same moment and pitch."""
    notes = _notes(data)
    mixed = sample_epoch((notes,), 4, np.random.default_rng(3), mixup=1.0)
    assert mixed.others is None
    np.testing.assert_allclose(mixed.frames.max(axis=1), 1.0, atol=1e-3)
    power = {row: _power(notes.cache.unit(row)) for row in notes.rows}
    changed = 0
    for frame, pitch in list(zip(mixed.frames, mixed.pitches, strict=True))[:40]:
        best = _best_sum(_power(frame), [power[row] for row in notes.rows if notes.pitches[row] == pitch])
        assert best[0] < 0.01
        changed += best[1] > 0.01 and best[2] > 0.01
    assert changed > 10


def test_pairs_get_the_same_eq_noise_and_stretch() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.full((64, SPEC.bins), -0.9)
    x[:, 20] = 1.0
    first, second, moved = Augment(SPEC, 0.5).both(x, x.clone(), generator)
    torch.testing.assert_close(first, second)
    assert not torch.allclose(first[:32], x[:32])
    torch.testing.assert_close(first[32:], x[32:])
    torch.testing.assert_close(first.amax(dim=1), torch.ones(64))
    assert set(moved[16:].tolist()) == {0.0}
    assert len(set(moved[:16].tolist())) > 4
    for row, semitones in zip(first[:16], moved[:16].tolist(), strict=True):  # the line is where the pitch says
        assert abs(int(row.argmax()) - 20 * 2 ** (semitones / 12)) <= 1
