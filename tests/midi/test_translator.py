"""Translation of MIDI bytes to events, compared with mido and the standards' examples, and for invalid input."""

from collections.abc import Sequence

import mido
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from synth_app.midi import ControllerMoved, MidiSettings, Translator
from synth_app.midi.translator import Output
from synth_app.patch import (
    BendRange,
    Controller,
    KeyPressure,
    NoteOff,
    NoteOn,
    Pedal,
    SoundOff,
    Tempo,
    Transport,
    Zones,
)

SEVEN, CHANNEL = st.integers(0, 127), st.integers(0, 15)
MPE = MidiSettings(mode="mpe")


def fed(translator: Translator, *messages: Sequence[int]) -> list[Output]:
    return [out for data in messages for out in translator.feed(data)]


def rpn(channel: int, number: int, msb: int, lsb: int | None = None) -> list[list[int]]:
    """Return messages that set registered parameter ``number``, then select the null parameter."""
    status = 0xB0 | channel
    value = [[status, 6, msb], *([] if lsb is None else [[status, 38, lsb]])]
    return [[status, 101, 0], [status, 100, number], *value, [status, 101, 127], [status, 100, 127]]


@seed(2)
@given(CHANNEL, SEVEN, SEVEN)
def test_notes_are_what_mido_reads(channel: int, note: int, velocity: int) -> None:
    translator = Translator()
    on = mido.Message("note_on", channel=channel, note=note, velocity=velocity)
    off = mido.Message("note_off", channel=channel, note=note, velocity=velocity)
    pressed = [NoteOn(on.note, on.velocity, on.channel)] if velocity else []
    assert fed(translator, on.bytes()) == pressed
    assert fed(translator, off.bytes()) == ([NoteOff(off.note, off.channel)] if velocity else [])
    assert not translator.held


@seed(3)
@given(CHANNEL, st.integers(-8192, 8191))
def test_bend_is_what_mido_reads(channel: int, pitch: int) -> None:
    (out,) = fed(Translator(), mido.Message("pitchwheel", channel=channel, pitch=pitch).bytes())
    assert isinstance(out, Controller)
    assert (out.source, out.channel) == ("bend", channel)
    assert out.value == pytest.approx(pitch / (8192 if pitch < 0 else 8191))


@seed(4)
@given(CHANNEL, SEVEN, SEVEN)
def test_pressure_is_what_mido_reads(channel: int, note: int, value: int) -> None:
    messages = (
        mido.Message("aftertouch", channel=channel, value=value),
        mido.Message("polytouch", channel=channel, note=note, value=value),
    )
    assert fed(Translator(), *(message.bytes() for message in messages)) == [
        Controller("pressure", value / 127, channel),
        KeyPressure(note, value / 127, channel),
    ]


@pytest.mark.parametrize(("value", "down"), [(0, False), (63, False), (64, True), (127, True)])
def test_the_sustain_pedal_is_down_from_64_on(value: int, down: bool) -> None:
    assert fed(Translator(), [0xB2, 64, value]) == [Pedal(down, 2)]


@seed(5)
@given(CHANNEL, st.integers(0, 119), SEVEN)
def test_plain_controllers_can_be_learned(channel: int, number: int, value: int) -> None:
    out = fed(Translator(), mido.Message("control_change", channel=channel, control=number, value=value).bytes())
    learned = [each for each in out if isinstance(each, ControllerMoved)]
    if number in (0, 6, *range(32, 64), 64, 98, 99, 100, 101):  # bank select, the fine parts (LSB), parameters, pedal
        assert learned == []
    else:
        assert learned == [ControllerMoved(channel, number, value)]
    expected: dict[int, Output] = {
        1: Controller("wheel", value / 127, channel),
        64: Pedal(value >= 64, channel),
        74: Controller("slide", value / 127, channel),
    }
    assert [each for each in out if not isinstance(each, ControllerMoved)] == (
        [expected[number]] if number in expected else []
    )


def test_velocity_zero_is_a_release() -> None:
    assert fed(Translator(), [0x93, 60, 90], [0x93, 60, 0]) == [NoteOn(60, 90, 3), NoteOff(60, 3)]


@seed(6)
@given(st.lists(st.integers(0, 255), max_size=6))
def test_no_bytes_break_it(data: list[int]) -> None:
    """Only complete messages with data bytes in range have an effect."""
    out = Translator().feed(data)
    try:
        mido.Message.from_bytes(data)
    except (ValueError, KeyError, IndexError):
        assert out == ()


def test_one_channel_only() -> None:
    translator = Translator(MidiSettings(mode="channel", channel=4))
    assert fed(translator, [0x93, 60, 90], [0xB3, 1, 3], [0x94, 60, 90]) == [NoteOn(60, 90, 4)]
    assert fed(translator, *rpn(0, 6, 7)) == []
    assert fed(translator, [0xFA]) == [Transport(running=True)]  # the clock has no channel


def test_bend_range_in_semitones_and_cents() -> None:
    assert fed(Translator(), *rpn(2, 0, 12)) == [BendRange(12.0, 2)]
    assert fed(Translator(), *rpn(2, 0, 1, 50)) == [BendRange(1.0, 2), BendRange(1.5, 2)]


def test_data_entry_means_nothing_after_other_or_null_parameters() -> None:
    other = [[0xB0, 101, 0], [0xB0, 100, 1], [0xB0, 6, 64]]  # fine tuning
    unregistered = [[0xB0, 101, 0], [0xB0, 100, 0], [0xB0, 99, 1], [0xB0, 6, 64]]
    after_null = [*rpn(0, 0, 2), [0xB0, 6, 5]]
    assert fed(Translator(), *other) == fed(Translator(), *unregistered) == []
    assert fed(Translator(), *after_null) == [BendRange(2.0, 0)]


def test_zones_are_configured_and_shrink_each_other() -> None:
    translator = Translator()
    assert fed(translator, *rpn(0, 6, 10)) == [Zones(10, 0)]
    assert fed(translator, *rpn(15, 6, 6)) == [Zones(8, 6)]  # 10 and 6 members do not fit into 14 channels
    assert fed(translator, *rpn(0, 6, 15)) == [Zones(15, 0)]
    assert fed(translator, *rpn(0, 6, 0)) == [Zones(0, 0)]
    assert fed(translator, *rpn(15, 6, 15)) == [Zones(0, 15)]
    assert fed(translator, *rpn(0, 6, 0)) == [Zones(0, 15)]
    assert fed(translator, *rpn(7, 6, 3)) == []  # not a master channel


def test_member_bend_range_holds_for_its_zone() -> None:
    translator = Translator()
    fed(translator, *rpn(0, 6, 3))
    assert fed(translator, *rpn(2, 0, 24)) == [BendRange(24.0, channel) for channel in (1, 2, 3)]
    assert fed(translator, *rpn(0, 0, 7)) == [BendRange(7.0, 0)]
    assert fed(translator, *rpn(4, 0, 7)) == [BendRange(7.0, 4)]


def test_a_finger_s_slide_is_not_learned_by_mistake() -> None:
    translator = Translator(MPE)
    assert translator.zones == Zones(15, 0)
    assert fed(translator, [0xB1, 74, 127]) == [Controller("slide", 1.0, 1)]
    assert fed(translator, [0xB0, 74, 127]) == [Controller("slide", 1.0, 0), ControllerMoved(0, 74, 127)]


def test_mode_messages() -> None:
    translator = Translator()
    fed(translator, [0x90, 60, 90], [0x90, 64, 90], [0x91, 67, 90])
    assert fed(translator, [0xB0, 123, 0]) == [NoteOff(60, 0), NoteOff(64, 0)]
    assert fed(translator, [0xB0, 123, 0]) == []
    assert fed(translator, [0xB5, 120, 0]) == [SoundOff(5)]
    assert translator.held == {(1, 67)}
    assert fed(translator, [0xB1, 120, 0]) == [SoundOff(1)]
    assert not translator.held
    assert set(fed(translator, [0xB2, 121, 0])) == {
        Pedal(down=False, channel=2),
        *(Controller(source, 0.0, 2) for source in ("bend", "pressure", "wheel")),
    }
    assert fed(translator, [0xB0, 122, 0], [0xC0, 5], [0xF0, 1, 2, 0xF7], [0xFE], [0xFF], []) == []


def test_all_notes_off_on_a_master_ends_its_zone() -> None:
    translator = Translator(MPE)
    fed(translator, [0x91, 60, 90], [0x92, 64, 90])
    assert fed(translator, [0xB0, 123, 0]) == [NoteOff(60, 1), NoteOff(64, 2)]


def test_all_sound_off_on_a_master_ends_its_zone_and_no_other() -> None:
    translator = Translator()
    fed(translator, *rpn(0, 6, 2), [0x91, 60, 90], [0x95, 64, 90])
    assert fed(translator, [0xB0, 120, 0]) == [SoundOff(0), SoundOff(1), SoundOff(2)]
    assert translator.held == {(5, 64)}


def test_a_closed_port_releases_keys_pedals_and_controllers() -> None:
    translator = Translator()
    fed(translator, [0x90, 60, 90], [0x91, 62, 90], [0x91, 62, 0], [0xE2, 0, 127], [0xB3, 64, 127])
    out = translator.release_all()
    assert out[0] == NoteOff(60, 0)
    assert out[1] == Pedal(down=False, channel=3)
    assert out[2:] == tuple(Controller(source, 0.0, 2) for source in ("bend", "pressure", "slide", "wheel"))
    assert translator.release_all() == ()


def test_start_rewinds_and_continue_does_not() -> None:
    assert fed(Translator(), [0xFA], [0xFC], [0xFB]) == [
        Transport(running=True, rewind=True),
        Transport(running=False),
        Transport(running=True, rewind=False),
    ]


def test_the_clock_sets_the_tempo() -> None:
    translator = Translator()
    out = [each for i in range(48) for each in translator.feed([0xF8], i * 60 / (24 * 90))]
    assert out
    assert all(isinstance(each, Tempo) and abs(each.bpm - 90) < 1e-6 for each in out)


def test_a_sequencer_runs_from_start_or_continue_to_stop() -> None:
    translator, states = Translator(), []
    for status in (0xFA, 0xF8, 0xFC, 0xF8, 0xFB, 0xFC):
        translator.feed([status])
        states.append(translator.running)
    assert states == [True, True, False, False, True, False]
