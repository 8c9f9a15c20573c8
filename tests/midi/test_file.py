"""Standard MIDI files: times compared with hand-computed ones and mido, errors of damaged files."""

import contextlib
import io
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from synth_app.midi import MidiSettings
from synth_app.midi.file import read_midi_file
from synth_app.patch import BendRange, Controller, Event, NoteOff, NoteOn, Pedal, Tempo, Zones
from synth_app.support.errors import UserError

RATE = 48_000


def saved(path: Path, *tracks: list[mido.Message], kind: int = 1, ticks: int = 480) -> Path:
    """Write a file; message times are ticks since the previous message."""
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    file.save(path)
    return path


def on(note: int, time: int = 0, channel: int = 0, velocity: int = 100) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=velocity, channel=channel, time=time)


def off(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, channel=channel, time=time)


def tempo(bpm: float, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time)


def notes(path: Path, settings: MidiSettings | None = None) -> list[Event]:
    return [e for e in read_midi_file(path, settings).events if isinstance(e.message, NoteOn | NoteOff)]


def test_tempo_map_moves_all_tracks(tmp_path: Path) -> None:
    conductor = [tempo(120), tempo(60, 960), tempo(240, 480)]  # 2 beats of 0.5 s, 1 of 1 s, then 0.25 s
    tune = [on(60, 480), off(60, 960), on(62, 480), off(62, 480)]
    played = read_midi_file(saved(tmp_path / "a.mid", conductor, tune))
    assert notes(tmp_path / "a.mid") == [
        Event(RATE // 2, NoteOn(60)),
        Event(2 * RATE, NoteOff(60)),
        Event(round(2.25 * RATE), NoteOn(62)),
        Event(round(2.5 * RATE), NoteOff(62)),
    ]
    assert [(e.time, e.message.bpm) for e in played.events if isinstance(e.message, Tempo)] == [
        (0, 120.0),
        (RATE, 60.0),
        (2 * RATE, 240.0),
    ]
    assert (played.samples, played.notes, played.percussion) == (round(2.5 * RATE), 2, 0)


@seed(7)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["on", "tempo", "bend"]), st.integers(0, 2000), st.integers(30, 90))),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([24, 96, 480]),
)
def test_times_are_what_mido_plays(tmp_path: Path, plan: list[list[tuple[str, int, int]]], ticks: int) -> None:
    made = {
        "on": lambda time, x, i: on(x, time, channel=i),
        "tempo": lambda time, x, i: tempo(2 * x, time),
        "bend": lambda time, x, i: mido.Message("pitchwheel", pitch=x, time=time, channel=i),
    }
    tracks = [[made[kind](time, x, i) for kind, time, x in track] for i, track in enumerate(plan)]
    path = saved(tmp_path / "random.mid", [on(60)], *tracks, ticks=ticks)
    now, expected = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if not message.is_meta:
            expected.append(now * RATE)
    messages = [(e.time, e.message) for e in read_midi_file(path).events]
    got = [at for at, m in messages if isinstance(m, NoteOn) or (isinstance(m, Controller) and m.value > 0)]
    assert sorted(got) == pytest.approx(expected, abs=0.51)


def test_running_status_by_hand(tmp_path: Path) -> None:
    track = bytes([0, 0x90, 60, 100, 48, 64, 90, 48, 60, 0, 0, 64, 0, 0, 0xFF, 0x2F, 0])
    header = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 0, 96])
    path = tmp_path / "running.mid"
    path.write_bytes(header + b"MTrk" + len(track).to_bytes(4, "big") + track)
    assert notes(path) == [
        Event(0, NoteOn(60)),
        Event(RATE // 4, NoteOn(64, 90)),
        Event(RATE // 2, NoteOff(60)),
        Event(RATE // 2, NoteOff(64)),
    ]


def test_frames_per_second_instead_of_beats(tmp_path: Path) -> None:
    path = saved(tmp_path / "smpte.mid", [tempo(33), on(60, 50), off(60, 25)], ticks=-(25 << 8) + 4)
    assert [event.time for event in notes(path)] == [RATE // 2, round(0.75 * RATE)]


@pytest.mark.parametrize(
    ("frame_rate", "seconds"),
    [(24, 12.5), (25, 12.0), (29, 10.01), (30, 10.0)],  # 29 stands for 30000/1001 frames per second (drop frame)
)
def test_smpte_frame_rates(tmp_path: Path, frame_rate: int, seconds: float) -> None:
    frames = 300
    path = saved(tmp_path / "smpte.mid", [on(60), off(60, 4 * frames)], ticks=-(frame_rate << 8) + 4)
    assert [event.time for event in notes(path)] == [0, round(seconds * RATE)]


def test_pedal_bend_and_zones_arrive(tmp_path: Path) -> None:
    def cc(number: int, value: int, channel: int = 0) -> mido.Message:
        return mido.Message("control_change", control=number, value=value, channel=channel)

    zone = [cc(101, 0), cc(100, 6), cc(6, 5), cc(101, 0, 2), cc(100, 0, 2), cc(6, 24, 2)]
    played = [cc(64, 127), mido.Message("pitchwheel", pitch=8191, channel=2), on(60, 0, 2), off(60, 480, 2)]
    events = [e.message for e in read_midi_file(saved(tmp_path / "mpe.mid", [*zone, *played])).events]
    assert events[:1] == [Zones()]
    assert Zones(lower=5) in events
    assert BendRange(24.0, 5) in events
    assert events.index(Pedal(down=True)) < events.index(Controller("bend", 1.0, 2)) < events.index(NoteOn(60, 100, 2))
    assert events[-1] == Pedal(down=False)  # the end releases the pedal; the bend stays for notes that still sound


def test_a_note_never_ended_ends_with_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path / "open.mid", [on(60), mido.MetaMessage("end_of_track", time=960)])
    assert notes(path)[-1] == Event(RATE, NoteOff(60))


def test_drums_are_left_out_where_there_is_music(tmp_path: Path) -> None:
    both = saved(tmp_path / "band.mid", [on(60), on(36, 0, 9), off(60, 480), off(36, 0, 9)])
    assert {e.message.note for e in notes(both) if isinstance(e.message, NoteOn)} == {60}
    assert read_midi_file(both).percussion == 1
    drums = saved(tmp_path / "drums.mid", [on(36, 0, 9), off(36, 480, 9)])
    assert read_midi_file(drums).notes == 1
    assert [e.message for e in notes(both, MidiSettings(mode="channel", channel=9))][:1] == [NoteOn(36, 100, 9)]
    assert read_midi_file(both, MidiSettings(mode="mpe")).notes == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a complete MIDI file"),
        (b"RIFFxxxxWAVE", "not a complete MIDI file"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\x90\x3c", "not a complete MIDI file"),
        (b"MThd\0\0\0\6\0\2\0\0\1\xe0", "type 2"),
        (b"MThd\0\0\0\6\0\1\0\0\0\0", "time division is 0"),
        (b"MThd\0\0\0\6\0\1\0\0\1\xe0", "no notes"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\x0b\0\xff\x51\3\0\0\0\0\xff\x2f\0", "damaged"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.mid"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as caught:
        read_midi_file(path)
    assert "bad.mid" in str(caught.value)


def test_missing_file_and_silent_channel_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist"):
        read_midi_file(tmp_path / "none.mid")
    path = saved(tmp_path / "a.mid", [on(60), off(60, 480), on(60, 0, 4), off(60, 0, 4)])
    with pytest.raises(UserError, match="no notes on channel 3; choose one of 1, 5"):
        read_midi_file(path, MidiSettings(mode="channel", channel=2))


@seed(8)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 200), st.integers(0, 255), st.integers(0, 200))
def test_damage_anywhere_is_an_error_for_the_user_or_none(tmp_path: Path, at: int, byte: int, cut: int) -> None:
    stream = io.BytesIO()
    file = mido.MidiFile(ticks_per_beat=96)
    file.tracks.append(
        mido.MidiTrack(
            [
                mido.MetaMessage("key_signature", key="Eb"),
                mido.MetaMessage("track_name", name="x"),
                tempo(100),
                mido.Message("sysex", data=[1, 2]),
                on(60),
                mido.Message("pitchwheel", pitch=100, time=20),
                off(60, 96),
            ]
        )
    )
    file.save(file=stream)
    data = bytearray(stream.getvalue())
    data[at % len(data)] = byte
    path = tmp_path / "broken.mid"
    path.write_bytes(bytes(data[: len(data) - cut % len(data)] if cut % 2 else data))
    with contextlib.suppress(UserError):
        assert read_midi_file(path).notes > 0
