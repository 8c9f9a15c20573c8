"""User notes sound like a bank note of the same path, are blended in, and are refused when invalid."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.modelfile import BankNote, NoteMarks, load_model_file
from synth_app.patch import NoteOn, Patch, SetPatch, UserNote
from synth_app.patch.user_note import MAX_PATH_FRAMES
from synth_app.support.errors import UserError
from tests.engine.helpers import play


def notes(path: str) -> tuple[BankNote, ...]:
    return load_model_file(path).bank


def test_a_user_note_copied_from_a_bank_note_gives_identical_samples(models: dict[int, str]) -> None:
    path = models[48_000]
    copy = UserNote.of(notes(path)[3])
    events = ((0.0, NoteOn(64)), (0.1, NoteOn(52, 40)))
    banked = play(Patch(path, slot_a=3, slot_b=1), *events, seconds=0.5)
    custom = play(Patch(path, slot_a=0, slot_b=1, user_notes=(copy, None)), *events, seconds=0.5)
    np.testing.assert_array_equal(custom, banked)
    assert np.abs(custom).max() > 0.01
    in_b = Patch(path, slot_a=0, slot_b=0, user_notes=(None, copy)).with_param("morph", 1.0)
    at_b = Patch(path, slot_a=0, slot_b=3).with_param("morph", 1.0)
    np.testing.assert_array_equal(play(in_b, *events, seconds=0.3), play(at_b, *events, seconds=0.3))


def test_a_new_user_note_under_a_held_key_is_blended_in_without_a_click(models: dict[int, str]) -> None:
    path = models[48_000]
    bank = notes(path)
    first, second = UserNote.of(bank[0]), UserNote.of(bank[1])
    sounds = [Patch(path, user_notes=(note, None)) for note in (first, second)]
    held = play(sounds[0], (0.0, NoteOn(60)), seconds=1.0)
    changed = play(sounds[0], (0.0, NoteOn(60)), (0.5, SetPatch(sounds[1])), seconds=1.0)
    np.testing.assert_array_equal(changed[:24_000], held[:24_000])
    late = slice(40_000, 48_000)
    bright, dull = (np.abs(np.fft.rfft(x[late, 0] * np.hanning(8000)))[500:].sum() for x in (changed, held))
    assert bright > 3 * dull, "the bright note plays now"
    steps = np.abs(np.diff(changed[:, 0], n=2))
    assert steps[24_000:40_000].max() < 1.5 * max(steps[10_000:24_000].max(), steps[late].max())


def test_a_note_of_another_model_is_left_out(models: dict[int, str]) -> None:
    path = models[48_000]
    alien = UserNote("Alien", "", 60.0, 3, bytes(4 * 3 * 10), bytes(4 * 10), (0, 1, 5, 8))
    np.testing.assert_array_equal(
        play(Patch(path, slot_a=1, user_notes=(alien, None)), (0.0, NoteOn(60)), seconds=0.1),
        play(Patch(path, slot_a=1), (0.0, NoteOn(60)), seconds=0.1),
    )


GOOD = UserNote("Good", "", 60.5, 2, bytes(4 * 2 * 10), bytes(4 * 10), (0, 1, 5, 8))


@pytest.mark.parametrize(
    "change",
    [
        {"z": bytes(4 * 2 * 9)},
        {"gain_db": np.full(10, np.nan, np.float32).tobytes()},
        {"pitch": 130.0},
        {"marks": (0, 5, 5, 8)},
        {"marks": (0, 1, 5, 11)},
        {"z": bytes(8 * (MAX_PATH_FRAMES + 1)), "gain_db": bytes(4 * (MAX_PATH_FRAMES + 1))},
        {"z": bytes(8), "gain_db": bytes(4), "marks": (0, 0, 1, 1)},
    ],
)
def test_ill_formed_notes_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(UserError, match="Good"):
        replace(GOOD, **change)  # type: ignore[arg-type]


def test_a_bank_note_survives_conversion_to_a_user_note_and_back() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(20, 3)).astype(np.float32)
    note = BankNote(
        "n", "Instrument", "brass", 72, 90, z, rng.normal(size=20).astype(np.float32), NoteMarks(1, 2, 9, 9)
    )
    back = UserNote.of(note).note()
    np.testing.assert_array_equal(back.z, z)
    np.testing.assert_array_equal(back.gain_db, note.gain_db)
    assert (back.marks, back.pitch, back.family, back.instrument) == (note.marks, 72, "brass", "Instrument")
