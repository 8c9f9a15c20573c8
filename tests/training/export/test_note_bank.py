"""The note bank: choice of notes, onset, and marks of the latent paths."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.dataset.nsynth import make_note, read_notes
from synth_app.spectrum import FrameSpec
from synth_app.training.export.note_bank import bank_note, choose_bank, note_marks, statistics_scale

HOP_S = 0.01


def _path(gain_db: list[float] | np.ndarray, z: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    gain = np.asarray(gain_db, np.float32)
    return (np.zeros((len(gain), 2), np.float32) if z is None else z.astype(np.float32)), gain


def test_three_pitches_of_each_instrument_nearest_to_velocity_100() -> None:
    notes = [
        make_note(
            note=i * 100 + p,
            instrument=i,
            family="bass",
            source="acoustic",
            index=i,
            pitch=p,
            velocity=v,
            sample_rate=8000,
        )
        for i in range(3)
        for p in range(40, 51)
        for v in (25, 90, 127)
    ]
    chosen = choose_bank(notes[::-1])
    assert [(n.instrument, n.pitch, n.velocity) for n in chosen] == [(i, p, 90) for i in range(3) for p in (42, 45, 48)]
    assert [n.pitch for n in choose_bank(notes[:3])] == [40]


def test_attack_ends_within_1_db_of_the_early_maximum() -> None:
    rise = np.concatenate([np.linspace(-25, -6, 20), np.full(280, -6.0), np.full(50, -40.0)])
    marks = note_marks(*_path(rise), key_up=300, hop_seconds=HOP_S)
    assert marks.attack_end == int(np.argmax(rise >= -7))
    assert marks.release_start == 300
    late = np.concatenate([np.linspace(-25, -20, 50), np.linspace(-20, 0, 100), np.zeros(200)])
    assert note_marks(*_path(late), key_up=300, hop_seconds=HOP_S).attack_end <= 50  # within the first half second
    assert note_marks(*_path(np.zeros(100)), key_up=90, hop_seconds=HOP_S).attack_end == 2


def test_loop_is_the_steady_part_with_matching_ends() -> None:
    n = 350
    z = np.cumsum(np.random.default_rng(0).standard_normal((n, 2)) * 0.5, axis=0)
    z[150:260] = z[150]
    marks = note_marks(*_path(np.zeros(n), z), key_up=300, hop_seconds=HOP_S)
    assert 148 <= marks.loop_start < marks.loop_end <= 262
    assert marks.loop_end - marks.loop_start >= 50


def test_loop_follows_the_period_of_a_tremolo() -> None:
    n, period = 350, 75  # 0.75 s, one of the lengths that are tried
    gain = 6 * np.sin(2 * np.pi * np.arange(n) / period)
    z = np.stack([np.cos(2 * np.pi * np.arange(n) / period), np.zeros(n)], axis=1)
    marks = note_marks(*_path(gain, z), key_up=300, hop_seconds=HOP_S)
    assert (marks.loop_end - marks.loop_start) % period == 0


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.integers(4, 400), st.integers(-20, 500), st.integers(0, 2**32 - 1), st.sampled_from([0.0053, 0.0107, 0.032, 0.3])
)
def test_marks_are_always_in_order(frames: int, key_up: int, seed: int, hop_s: float) -> None:
    rng = np.random.default_rng(seed)
    z, gain = _path(np.cumsum(rng.standard_normal(frames)) - 20, rng.standard_normal((frames, 2)))
    m = note_marks(z, gain, key_up, hop_s)
    assert 2 <= m.attack_end <= m.loop_start < m.loop_end <= m.release_start <= frames
    if m.release_start - m.attack_end >= np.ceil(0.5 / hop_s):
        assert (m.loop_end - m.loop_start) * hop_s >= 0.5


def test_note_starts_at_its_onset_and_ends_with_its_sound(data: Path, spec: FrameSpec) -> None:
    note = read_notes(data)[0]
    seen: list[np.ndarray] = []

    def encode(unit: np.ndarray, pitch: np.ndarray) -> np.ndarray:
        assert pitch.tolist() == [note.pitch] * len(unit)
        seen.append(unit)
        return unit[:, :4]

    found = bank_note(data, note, "Sines", spec, encode, np.ones(4, np.float32), held_s=0.6)
    assert found is not None
    assert (found.name, found.instrument, found.family, found.pitch, found.velocity) == (
        note.note_str,
        "Sines",
        note.instrument_family_str,
        note.pitch,
        100,
    )
    peak = found.gain_db.max()
    assert found.gain_db[0] >= peak - 25
    assert found.gain_db[-1] >= max(-80, peak - 60)
    onset = 0.02 / spec.hop_seconds  # frame at which the sound begins
    shift = round(0.6 / spec.hop_seconds) - found.marks.release_start
    assert onset - 1 <= shift <= onset + 2
    assert abs(len(found.z) - (0.78 / spec.hop_seconds)) <= 2
    np.testing.assert_allclose(seen[0].max(axis=1), 1.0)
    assert len(seen[0]) == len(found.z) == len(found.gain_db)


def test_notes_with_too_few_active_frames_are_left_out(data: Path, spec: FrameSpec) -> None:
    from synth_app.dataset.audio_io import write_wav16
    from synth_app.dataset.nsynth import audio_path

    note = replace(read_notes(data)[0], note_str="click", pitch=1)
    click = np.zeros(8000, np.float32)
    click[4000:4010] = 0.5
    write_wav16(audio_path(data, "click"), click, 8000)
    assert bank_note(data, note, "x", spec, lambda unit, _pitch: unit[:, :4], np.ones(4, np.float32), 0.6) is None


def test_scale_never_divides_by_zero() -> None:
    np.testing.assert_array_equal(statistics_scale(np.array([2.0, 0.0], np.float32)), [2.0, 1.0])
