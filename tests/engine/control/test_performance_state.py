"""Keys, pedals and controllers without sound: which keys are held, and the targets of glides."""

import numpy as np
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.engine.control.expression import BEND, PRESSURE, SLIDE, Expression, Inputs
from synth_app.engine.control.held_keys import HeldKeys, Key
from synth_app.engine.control.performance_state import PerformanceState
from synth_app.patch import BendRange, Controller, KeyPressure, Pedal, Tempo, Transport, Zones

LOWER = Zones(lower=5)


def test_pedal_holds_until_it_is_lifted() -> None:
    keys, c, e = HeldKeys(), Key(0, 60), Key(0, 64)
    keys.press(c, 100, 0)
    keys.press(e, 90, 10)
    keys.pedal(0, down=True)
    assert keys.release(c) == ()
    assert set(keys.held) == {c, e}
    assert keys.pedal(0, down=False) == (c,)  # e is still under a finger
    assert set(keys.held) == {e}
    assert keys.release(e) == (e,)


def test_a_key_struck_again_under_the_pedal_is_held_by_the_finger() -> None:
    keys, c = HeldKeys(), Key(0, 60)
    keys.press(c, 100, 0)
    keys.pedal(0, down=True)
    keys.release(c)
    keys.press(c, 50, 99)
    assert keys.pedal(0, down=False) == ()
    assert keys.held[c] == (50, 99)


def test_a_pedal_applies_to_its_channel_and_a_masters_pedal_to_its_zone() -> None:
    keys = HeldKeys()
    for channel in (0, 3, 9):
        keys.press(Key(channel, 60), 100, 0)
    keys.pedal(0, down=True)
    assert keys.release(Key(3, 60)) == (Key(3, 60),)  # no zones: another keyboard
    keys.zones = LOWER
    keys.press(Key(3, 60), 100, 0)
    assert keys.release(Key(3, 60)) == ()
    assert keys.release(Key(9, 60)) == (Key(9, 60),)  # outside the zone
    assert keys.pedal(0, down=False) == (Key(3, 60),)


def test_a_channels_pedal_up_leaves_the_keys_that_its_masters_pedal_holds() -> None:
    keys, key = HeldKeys(), Key(3, 60)
    keys.zones = LOWER
    keys.press(key, 100, 0)
    keys.pedal(0, down=True)
    keys.pedal(3, down=True)
    assert keys.release(key) == ()
    assert keys.pedal(3, down=False) == (), "the master's pedal is still down"
    assert set(keys.held) == {key}
    assert keys.pedal(0, down=False) == (key,)


def test_only_a_key_struck_while_none_is_held_begins_a_phrase() -> None:
    performance = PerformanceState()
    performance.press(Key(0, 60), 100, 500)
    performance.press(Key(0, 64), 100, 700)
    performance.keys.release(Key(0, 60))
    performance.press(Key(0, 67), 100, 900)
    assert performance.inputs.phrase_start == 500
    performance.keys.release(Key(0, 64))
    performance.keys.release(Key(0, 67))
    performance.press(Key(0, 60), 100, 1100)
    assert performance.inputs.phrase_start == 1100


@seed(1)
@given(st.lists(st.tuples(st.sampled_from(["press", "release", "down", "up"]), st.integers(0, 2), st.integers(60, 62))))
def test_held_keys_follow_the_midi_standard(actions: list[tuple[str, int, int]]) -> None:
    """Simple reference: a key sounds while it is down, or after it came up under a pedal that is still down."""
    keys, sounding = HeldKeys(), set[Key]()
    fingers, kept, pedals = set[Key](), set[Key](), set[int]()
    for action, channel, note in actions:
        key = Key(channel, note)
        if action == "press":
            keys.press(key, 100, 0)
            sounding.add(key)
            fingers.add(key)
        elif action == "release":
            sounding.difference_update(keys.release(key))
            if key in fingers and channel in pedals:
                kept.add(key)
            fingers.discard(key)
        else:
            sounding.difference_update(keys.pedal(channel, down=action == "down"))
            if action == "down":
                pedals.add(channel)
            else:
                pedals.discard(channel)
                kept = {k for k in kept if k.channel != channel}
        assert sounding == fingers | kept == set(keys.held)


def test_bend_of_finger_and_master_add_up_in_semitones() -> None:
    inputs = Inputs()
    inputs.set_zones(LOWER)
    inputs.set("bend", 0.5, 0)
    inputs.set("bend", -0.25, 2)
    targets = inputs.targets(2.0)
    assert targets[BEND, 0] == pytest.approx(1.0)  # the sound's range
    assert targets[BEND, 2] == pytest.approx(1.0 - 0.25 * 48.0)
    assert targets[BEND, 5] == pytest.approx(1.0)
    assert targets[BEND, 6] == 0.0
    inputs.set_range(12.0, 2)
    assert inputs.targets(2.0)[BEND, 2] == pytest.approx(1.0 - 3.0)
    assert inputs.targets(7.0)[BEND, 0] == pytest.approx(3.5)


def test_the_larger_pressure_counts_and_both_zones_work() -> None:
    inputs = Inputs()
    inputs.set_zones(Zones(lower=3, upper=4))
    inputs.set("pressure", 0.5, 15)
    inputs.set("pressure", 0.8, 14)
    inputs.set("pressure", 0.2, 11)
    inputs.set("slide", 0.3, 1)
    targets = inputs.targets(2.0)
    assert targets[PRESSURE].tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5, 0.8, 0.5]
    assert targets[SLIDE, 1] == 0.3
    assert Zones(3, 4).members(15) == (11, 12, 13, 14)
    assert Zones(15).members(0) == tuple(range(1, 16))


@pytest.mark.parametrize(("lower", "upper"), [(8, 7), (16, 0), (-1, 0)])
def test_impossible_zones_are_refused(lower: int, upper: int) -> None:
    with pytest.raises(ValueError, match="zones of"):
        Zones(lower, upper)


def test_a_voice_starts_at_the_controllers_of_its_channel_and_glides_from_there() -> None:
    inputs = Inputs()
    voices = Expression(4, 64, inputs)
    voices.begin(1, 2, 60, 2.0)
    inputs.set("bend", 1.0, 2)
    voices.begin(3, 2, 64, 2.0)
    assert voices.values[BEND].tolist() == [0.0, 0.0, 0.0, 2.0]
    voices.step(2.0)
    once = voices.values[BEND, 1]
    assert once == pytest.approx(2.0 * (1 - np.exp(-64 / 384)))  # 8 ms at 48 kHz
    for _ in range(200):
        voices.step(2.0)
    assert voices.values[BEND, 1] == 2.0
    assert voices.values[BEND, 0] == 0.0


def test_pressure_on_one_key_affects_only_its_voice() -> None:
    inputs = Inputs()
    voices = Expression(2, 64, inputs)
    voices.begin(0, 0, 60, 2.0)
    voices.begin(1, 0, 64, 2.0)
    inputs.set("pressure", 0.25, 0)
    inputs.press_key(64, 0.75, 0)
    for _ in range(200):
        voices.step(2.0)
    assert voices.values[PRESSURE].tolist() == [0.25, 0.75]


def test_released_note_keeps_its_bend_when_the_channel_s_next_note_comes() -> None:
    inputs = Inputs()
    inputs.set_zones(LOWER)
    voices = Expression(2, 64, inputs)
    inputs.set("bend", 0.5, 1)
    voices.begin(0, 1, 60, 2.0)
    inputs.set("bend", 0.0, 1)
    voices.detach(np.array([True, False]), 1)
    voices.begin(1, 1, 62, 2.0)
    for _ in range(50):
        voices.step(2.0)
    assert voices.values[BEND].tolist() == [24.0, 0.0]


def test_released_note_of_a_keyboard_still_follows_the_wheel() -> None:
    inputs = Inputs()
    voices = Expression(2, 64, inputs)
    voices.begin(0, 1, 60, 2.0)
    voices.detach(np.array([True, False]), 1)
    inputs.set("bend", 1.0, 1)
    for _ in range(200):
        voices.step(2.0)
    assert voices.values[BEND, 0] == 2.0


def test_the_state_follows_every_event() -> None:
    performance, key = PerformanceState(), Key(0, 60)
    performance.handle(KeyPressure(60, 0.5), 0)
    performance.press(key, 100, 5)  # a new stroke has no pressure yet
    performance.handle(Controller("wheel", 1.0), 6)
    performance.handle(BendRange(12.0), 6)
    performance.handle(Controller("bend", 1.0), 6)
    assert performance.inputs.targets(2.0)[BEND, 0] == 12.0
    assert performance.inputs.key_pressure(np.array([0]), np.array([60])) == 0.0
    performance.handle(Tempo(97.5), 10)
    performance.handle(Transport(running=True), 480)
    performance.handle(Transport(running=False), 960)
    assert (performance.tempo_bpm, performance.beat_origin, performance.running) == (97.5, 480, False)
    performance.handle(Pedal(down=True), 20)
    assert performance.keys.release(key) == ()
    performance.reset()
    assert not performance.keys.held
    assert not performance.inputs.targets(2.0).any()
    performance.press(key, 100, 30)
    assert performance.keys.release(key) == (key,)  # the pedal is up again
