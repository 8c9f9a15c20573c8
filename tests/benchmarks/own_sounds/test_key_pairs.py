"""The choice of recordings: partners within 3 to 12 semitones, spread over instruments, from two recordings."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.benchmarks.own_sounds.key_pairs import KeyPair, are_two_recordings, choose_pairs
from synth_app.dataset.audio_io import write_wav16
from synth_app.dataset.nsynth import AUDIO_NAME, Note, audio_path, make_note

RATE = 48_000


def _note(instrument: int, pitch: int, velocity: int = 100) -> Note:
    return make_note(
        note=pitch, instrument=instrument, family="flute", source="acoustic", index=instrument, pitch=pitch,
        velocity=velocity, sample_rate=RATE,
    )  # fmt: skip


def test_partners_are_3_to_12_semitones_away_at_one_velocity() -> None:
    notes = tuple(_note(i, pitch, velocity) for i in range(3) for pitch in range(40, 80, 2) for velocity in (50, 100))
    pairs = choose_pairs(notes, 100, 0)
    assert len(pairs) == 100
    assert len({pair.own.note_str for pair in pairs}) == 100, "no note is dropped twice"
    for pair in pairs:
        assert 3 <= abs(pair.other.pitch - pair.own.pitch) <= 12
        assert pair.own.velocity == pair.other.velocity
        assert pair.own.instrument_str == pair.other.instrument_str
    assert {pair.other.pitch - pair.own.pitch for pair in pairs} >= {4, 12, -4, -12}


def test_all_instruments_get_as_many() -> None:
    notes = tuple(_note(i, pitch) for i, keys in enumerate((3, 20, 20)) for pitch in range(40, 40 + 3 * keys, 3))
    pairs = choose_pairs(notes, 21, 0)
    counts = [sum(pair.own.instrument == i for pair in pairs) for i in range(3)]
    assert counts == [3, 9, 9], "the first has only three"


def test_the_second_recording_lies_on_the_far_side_of_the_other_key() -> None:
    pairs = choose_pairs(tuple(_note(0, pitch) for pitch in (40, 44, 48, 52, 70)), 100, 0)
    by_keys = {(pair.own.pitch, pair.other.pitch): pair.beyond and pair.beyond.pitch for pair in pairs}
    assert len(by_keys) == 4
    for (own, other), beyond in by_keys.items():
        expected = {(False, 44): 40, (False, 48): 44, (True, 44): 48, (True, 48): 52}.get((other > own, other))
        assert beyond == expected, "none lies within 12 semitones beyond 40 and 52"


def test_the_seed_chooses_and_unusable_pairs_are_left_out() -> None:
    notes = tuple(_note(0, pitch) for pitch in range(40, 80))
    assert choose_pairs(notes, 5, 0) == choose_pairs(notes, 5, 0) != choose_pairs(notes, 5, 1)
    up = choose_pairs(notes, 100, 0, lambda pair: pair.other.pitch > pair.own.pitch)
    assert len(up) == 37
    assert all(pair.other.pitch > pair.own.pitch for pair in up)
    assert choose_pairs(notes, 5, 0, lambda _: False) == ()
    assert choose_pairs((_note(0, 60), _note(0, 62), _note(1, 67)), 5, 0) == ()


def _tone(pitch: float, seconds: float, phases: int) -> NDArray[np.float32]:
    """A tone of ten partials with random phases, struck."""
    t = np.arange(round(seconds * RATE)) / RATE
    hz, turns = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0), np.random.default_rng(phases).random(10)
    sound = sum(np.sin(2 * np.pi * (h * hz * t + turns[h - 1])) / h for h in range(1, 11))
    return np.asarray(0.2 * np.exp(-2.0 * t) * sound, np.float32)


@pytest.mark.parametrize("semitones", [-7, 5])
def test_a_resampled_recording_is_no_second_one(tmp_path: Path, semitones: int) -> None:
    pair = KeyPair(_note(0, 60), _note(0, 60 + semitones))
    (tmp_path / AUDIO_NAME).mkdir()
    sound = _tone(60, 3.0, 1)
    write_wav16(audio_path(tmp_path, pair.own.note_str), sound, RATE)
    at = np.arange(2 * RATE) * pair.ratio  # what a sampler would read
    at = at[at < len(sound) - 1]
    resampled = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    write_wav16(audio_path(tmp_path, pair.other.note_str), 0.5 * resampled, RATE)
    assert not are_two_recordings(tmp_path, pair)
    write_wav16(audio_path(tmp_path, pair.other.note_str), _tone(60 + semitones, 2.0, 2), RATE)
    assert are_two_recordings(tmp_path, pair)
    write_wav16(audio_path(tmp_path, pair.other.note_str), np.zeros(RATE, np.float32), RATE)
    assert not are_two_recordings(tmp_path, pair), "silence cannot be compared"
