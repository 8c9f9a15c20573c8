"""Pedal, bend and zones in the rendered sound."""

import numpy as np
import pytest

from synth_app.patch import BendRange, Controller, KeyPressure, NoteOff, NoteOn, Panic, Patch, Pedal, Zones
from synth_app.patch.patch import Message
from tests.engine.helpers import cents, key_hz, partial_hz, play, rms_db

RATE = 48_000


@pytest.fixture
def patch(models: dict[int, str]) -> Patch:
    return Patch(models[48_000]).with_param("release_s", 0.02)


def test_bend_reaches_its_range(patch: Patch) -> None:
    wide = patch.with_param("bend_range", 7)
    audio = play(wide, (0, NoteOn(60)), (0.3, Controller("bend", 1.0)), (0.9, Controller("bend", -0.5)), seconds=1.5)
    for at, semitones in ((0.05, 0.0), (0.5, 7.0), (1.1, -3.5)):
        found = partial_hz(audio[round(at * RATE) : round((at + 0.2) * RATE), 0], key_hz(60 + semitones))
        assert abs(cents(found, key_hz(60 + semitones))) < 3.0


def test_each_finger_bends_its_own_note(patch: Patch) -> None:
    events: list[tuple[float, Message]] = [
        (0.0, Zones(lower=5)),
        (0.0, Controller("bend", -1 / 48, 1)),  # sent ahead of its note: no glide is heard
        (0.0, NoteOn(60, 100, 1)),
        (0.0, NoteOn(67, 100, 2)),
        (0.4, Controller("bend", 2 / 48, 2)),
        (0.8, Controller("bend", 0.5, 0)),  # the master, by the sound's two semitones
    ]
    audio = play(patch, *events, seconds=1.3)[:, 0]
    for at, low, high in ((0.01, 59, 67), (0.5, 59, 69), (0.95, 60, 70)):
        part = audio[round(at * RATE) : round((at + 0.25) * RATE)]
        for key in (low, high):
            assert abs(cents(partial_hz(part, key_hz(key)), key_hz(key))) < 4.0


def test_pedal_keeps_notes_and_lifting_it_ends_them(patch: Patch) -> None:
    pedal: list[tuple[float, Message]] = [(0.1, Pedal(down=True)), (0.6, Pedal(down=False))]
    audio = play(patch, (0, NoteOn(60)), *pedal[:1], (0.2, NoteOff(60)), *pedal[1:], seconds=1.0)
    bare = play(patch, (0, NoteOn(60)), (0.6, NoteOff(60)), seconds=1.0)
    np.testing.assert_array_equal(audio, bare)
    assert rms_db(audio[-RATE // 10 :]) < -80


def test_same_note_on_two_channels_is_two_notes(patch: Patch) -> None:
    both = play(patch, (0, NoteOn(60, 100, 0)), (0, NoteOn(60, 100, 1)), (0.2, NoteOff(60, 1)), seconds=0.6)
    one = play(patch, (0, NoteOn(60, 100, 0)), seconds=0.6)
    assert rms_db(both[-4800:]) == pytest.approx(rms_db(one[-4800:]), abs=0.5)


def test_panic_lifts_pedal_and_bend(patch: Patch) -> None:
    before: list[tuple[float, Message]] = [
        (0.0, Pedal(down=True)),
        (0.0, Controller("bend", 1.0)),
        (0.0, NoteOn(60)),
        (0.1, Panic()),
        (0.3, NoteOn(64)),
        (0.6, NoteOff(64)),
    ]
    audio = play(patch, *before, seconds=1.0)[:, 0]
    assert rms_db(audio[round(0.2 * RATE) : round(0.29 * RATE)]) < -80
    assert abs(cents(partial_hz(audio[round(0.35 * RATE) : round(0.55 * RATE)], key_hz(64)), key_hz(64))) < 3.0
    assert rms_db(audio[-RATE // 10 :]) < -80


@pytest.mark.parametrize("block", [1, 37, 128])
def test_events_do_not_depend_on_the_block_size(patch: Patch, block: int) -> None:
    events: list[tuple[float, Message]] = [
        (0.0, Zones(lower=5)),
        (0.001, NoteOn(60, 100, 1)),
        (0.011, Controller("bend", 0.1, 1)),
        (0.02, BendRange(5.0, 1)),
        (0.023, KeyPressure(60, 0.5, 1)),
        (0.031, Pedal(down=True)),
        (0.04, NoteOff(60, 1)),
        (0.043, NoteOn(62, 100, 1)),
        (0.05, Controller("bend", -0.5, 0)),
        (0.07, Pedal(down=False)),
    ]
    whole = play(patch, *events, seconds=0.12)
    np.testing.assert_array_equal(play(patch, *events, seconds=0.12, block=block), whole)
