"""What a style adds in the engine: the same as a note with that path, at any block size, gliding and modulated."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, load_model_file
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch, StyleChange, UserNote
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.patch.style_texture import AMOUNTS
from tests.engine.helpers import play, rms_db

HELD = ((0.0, NoteOn(60)), (0.06, NoteOn(64)))


def change_of(note: BankNote) -> StyleChange:
    """Return a lively change of the path, with gains that do not grow evenly with the amount."""
    frames = np.arange(len(note.z))
    z = np.stack([0.4 * np.sin(frames * 0.9), 0.5 * np.cos(frames * 0.5)], axis=1).astype(np.float32)
    amounts = np.linspace(0.0, 1.0, AMOUNTS)[:, None]
    gain_db = (amounts**2 * (3.0 * np.sin(frames * 0.4) - 2.0)).astype(np.float32)
    return StyleChange(2, z.tobytes(), gain_db.tobytes())


@pytest.fixture(scope="module")
def path(models: dict[int, str]) -> str:
    return models[48_000]


@pytest.fixture(scope="module")
def note(path: str) -> BankNote:
    return load_model_file(path).bank[3]


def styled(path: str, note: BankNote, amount: float) -> Patch:
    change = change_of(note)
    return Patch(path, 3, 3, style_changes=(change, change)).with_param("style", amount)


def by_hand(path: str, note: BankNote, amount: float) -> Patch:
    """Return a patch without a style, of a note with the changed path."""
    change = change_of(note)
    gain_db = note.gain_db + change.gains()[round(amount * (AMOUNTS - 1))]
    made = UserNote.of(replace(note, z=note.z + np.float32(amount) * change.codes(), gain_db=gain_db))
    return Patch(path, user_notes=(made, made))


def apart_db(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    return rms_db(first - second) - rms_db(first)


@pytest.mark.parametrize("amount", [0.5, 1.0])
def test_a_style_sounds_like_a_note_with_the_changed_path(path: str, note: BankNote, amount: float) -> None:
    events = (*HELD, (0.7, NoteOff(60)), (0.8, NoteOff(64)))
    expected = play(by_hand(path, note, amount), *events, seconds=0.95)
    assert apart_db(expected, play(styled(path, note, amount), *events, seconds=0.95)) < -60.0
    assert apart_db(expected, play(Patch(path, 3, 3), *events, seconds=0.95)) > -20.0, "the change is audible"


def test_at_0_not_a_bit_changes(path: str, note: BankNote) -> None:
    plain = play(Patch(path, 3, 3), *HELD, seconds=0.4)
    np.testing.assert_array_equal(play(styled(path, note, 0.0), *HELD, seconds=0.4), plain)


def test_a_change_of_another_note_or_model_adds_nothing(path: str, note: BankNote) -> None:
    plain = play(Patch(path, 3, 3), *HELD, seconds=0.3)
    shorter = change_of(replace(note, z=note.z[:50]))
    three = StyleChange(3, bytes(4 * 3 * len(note.z)), bytes(4 * AMOUNTS * len(note.z)))
    for change in (shorter, three):
        patch = replace(styled(path, note, 1.0), style_changes=(change, change))
        np.testing.assert_array_equal(play(patch, *HELD, seconds=0.3), plain)


def test_the_block_size_changes_no_sample(path: str, note: BankNote) -> None:
    modulated = Modulation(connections=(Connection("lfo1", "style", 0.5),))
    patch = replace(styled(path, note, 0.5), modulation=modulated)
    events = (*HELD, (0.2, SetPatch(patch.with_param("style", 1.0))), (0.3, NoteOff(60)))
    whole = play(patch, *events, seconds=0.5)
    for block in (1, 37, 512):
        np.testing.assert_array_equal(play(patch, *events, seconds=0.5, block=block), whole)


def test_each_voice_has_its_own_modulated_amount(path: str, note: BankNote) -> None:
    by_stroke = Modulation(connections=(Connection("velocity", "style", 1.0),))
    for velocity in (127, 1):
        patch = replace(styled(path, note, 0.0), modulation=by_stroke)
        hit = play(patch, (0.0, NoteOn(60, velocity)), seconds=0.5)
        plain = play(styled(path, note, velocity / 127.0), (0.0, NoteOn(60, velocity)), seconds=0.5)
        assert apart_db(plain, hit) < -60.0


def test_a_style_that_arrives_under_a_held_key_makes_no_click(path: str, note: BankNote) -> None:
    waiting = replace(styled(path, note, 1.0), style_changes=(None, None))
    arrives = play(waiting, (0.0, NoteOn(60)), (0.3, SetPatch(styled(path, note, 1.0))), seconds=0.9)
    np.testing.assert_array_equal(arrives[:14_400], play(waiting, (0.0, NoteOn(60)), seconds=0.3))
    there = play(styled(path, note, 1.0), (0.0, NoteOn(60)), seconds=0.9)
    steps, usual = (np.abs(np.diff(each[:, 0], n=2)).max() for each in (arrives[14_000:20_000], there[14_000:]))
    assert steps < 1.5 * usual
    assert rms_db(arrives[30_000:]) == pytest.approx(rms_db(there[30_000:]), abs=1.0)


def test_styles_follow_the_morph(path: str, note: BankNote) -> None:
    only_b = replace(Patch(path, 0, 3), style_changes=(None, change_of(note))).with_param("style", 1.0)
    np.testing.assert_array_equal(
        play(only_b, *HELD, seconds=0.4), play(replace(only_b, style_changes=(None, None)), *HELD, seconds=0.4)
    )
    at_b = play(only_b.with_param("morph", 1.0), *HELD, seconds=0.4)
    assert apart_db(play(by_hand(path, note, 1.0), *HELD, seconds=0.4), at_b) < -60.0


def test_every_recording_of_a_sound_has_its_own_change(path: str, note: BankNote) -> None:
    high = UserNote.of(replace(note, pitch=72))
    sound = replace(UserNote.of(note), others=(high,))
    silent = StyleChange(2, bytes(8 * len(note.z)), bytes(4 * AMOUNTS * len(note.z)))
    patch = Patch(path, user_notes=(sound, sound)).with_param("style", 1.0)
    change = replace(silent, others=(change_of(note),))
    styled_high = replace(patch, style_changes=(change, change))
    for key, changed in ((60, False), (72, True)):
        plain, heard = (play(each, (0.0, NoteOn(key)), seconds=0.4) for each in (patch, styled_high))
        assert (apart_db(plain, heard) > -20.0) == changed
