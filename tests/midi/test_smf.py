"""Standard MIDI files that depart from the standard without harm, in raw bytes; and damage that must be told."""

import contextlib
import random
import struct
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from synth_app.midi.file import Performance, read_midi_file
from synth_app.midi.smf import MAX_MESSAGES
from synth_app.patch import Event, NoteOff, NoteOn, Pedal, SoundOff, Tempo
from synth_app.support.errors import UserError

TICK = 50  # samples at 480 ticks per quarter note and 120 beats per minute
END = b"\x00\xff\x2f\x00"


def number(value: int) -> bytes:
    """Return a number of variable length."""
    out = [value & 127]
    while value := value >> 7:
        out.insert(0, value & 127 | 128)
    return bytes(out)


def events(*timed: tuple[int, Sequence[int]]) -> bytes:
    return b"".join(number(delta) + bytes(data) for delta, data in timed)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack(">I", len(body) if size is None else size) + body


def track(*timed: tuple[int, Sequence[int]], size: int | None = None) -> bytes:
    return chunk(b"MTrk", events(*timed) + END, size)


def header(tracks: int, kind: int = 1, more: bytes = b"") -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", kind, tracks, 480) + more)


def on(key: int, channel: int = 0, velocity: int = 100) -> list[int]:
    return [0x90 | channel, key, velocity]


def off(key: int, channel: int = 0) -> list[int]:
    return [0x80 | channel, key, 64]


ONE = track((0, on(60)), (960, off(60)))
OTHER = track((480, on(64, 1)), (480, off(64, 1)))
PLAYED = [Event(0, NoteOn(60)), Event(960 * TICK, NoteOff(60))]
BOTH = [
    Event(0, NoteOn(60)),
    Event(480 * TICK, NoteOn(64, 100, 1)),
    Event(960 * TICK, NoteOff(60)),
    Event(960 * TICK, NoteOff(64, 1)),
]


def read(tmp_path: Path, content: bytes) -> Performance:
    path = tmp_path / "song.mid"
    path.write_bytes(content)
    return read_midi_file(path)


def notes(tmp_path: Path, content: bytes) -> list[Event]:
    return [event for event in read(tmp_path, content).events if isinstance(event.message, NoteOn | NoteOff)]


@pytest.mark.parametrize(
    "content",
    [
        header(2) + chunk(b"XFIH", b"abcdefg") + ONE + OTHER,
        header(2) + ONE + chunk(b"XFKM", b"") + OTHER + chunk(b"junk", b"xyz"),
        header(2) + ONE + OTHER + chunk(b"cut ", b"xyz", size=99),
        header(2) + ONE + OTHER + b"\0\0\0",
        header(2, more=b"future") + ONE + OTHER,
        b"RIFF" + struct.pack("<I", 200) + b"RMID" + b"DISP" + struct.pack("<I", 3) + b"abc\0"
        + b"data" + struct.pack("<I", len(header(2) + ONE + OTHER)) + header(2) + ONE + OTHER,
        header(2) + track((0, on(60)), (960, off(60)), size=0) + OTHER,
        header(2) + track((0, on(60)), (960, off(60)), size=7) + OTHER,
        header(2) + track((0, on(60)), (960, off(60)), size=30) + OTHER,
        header(2) + ONE + track((480, on(64, 1)), (480, off(64, 1)), size=0xFFFFFFFF),
        header(2) + chunk(b"MTrk", events((0, on(60)), (960, off(60)))) + OTHER,  # without the event that ends it
    ],
    ids=[
        "alien chunk first", "alien chunks between", "alien chunk cut", "bytes behind", "longer header", "RMID",
        "size 0", "size too small", "size too large", "size of a stream writer", "no end of track",
    ],
)  # fmt: skip
def test_chunks_that_say_nothing_and_wrong_sizes_lose_no_note(tmp_path: Path, content: bytes) -> None:
    played = read(tmp_path, content)
    assert sorted((e.time, str(e.message)) for e in played.events if isinstance(e.message, NoteOn | NoteOff)) == sorted(
        (e.time, str(e.message)) for e in BOTH
    )
    assert played.remark == ""


@pytest.mark.parametrize(
    "meta",
    [
        [0xFF, 0x59, 2, 8, 0], [0xFF, 0x59, 0], [0xFF, 0x59, 1, 3], [0xFF, 0x58, 0], [0xFF, 0x58, 3, 1, 2, 3],
        [0xFF, 0x51, 1, 9], [0xFF, 0x51, 5, 0, 0, 0, 0, 0], [0xFF, 0x54, 0], [0xFF, 0x00, 1, 7], [0xFF, 0x7F, 0],
        [0xFF, 0x01, 3, 0xFF, 0xFE, 0x80], [0xFF, 0x20, 0], [0xFF, 0x60, 2, 1, 1],
        [0xFF, 0x03, 0x81, 0x00, *[65] * 128], [0xF7, 3, 0x90, 60, 0], [0xF7, 0], [0xF0, 3, 1, 2, 3], [0xF0, 0],
        [0xF2, 1, 2], [0xF3, 1], [0xF6], [0xF8], [0xFE],
    ],
    ids=lambda data: " ".join(f"{byte:02x}" for byte in data[:4]),
)  # fmt: skip
def test_events_that_say_nothing_are_skipped(tmp_path: Path, meta: list[int]) -> None:
    content = header(1, 0) + track((0, meta), (0, on(60)), (0, meta), (960, off(60)), (0, meta))
    assert notes(tmp_path, content) == PLAYED


@pytest.mark.parametrize("between", [[0xF0, 2, 1, 0xF7], [0xF7, 1, 9], [0xFF, 0x01, 1, 65], [0xF8]])
def test_running_status_goes_on_after_other_events(tmp_path: Path, between: list[int]) -> None:
    content = header(1, 0) + track((0, on(60)), (480, between), (480, [60, 0]))
    assert [(e.time, type(e.message)) for e in notes(tmp_path, content)] == [(0, NoteOn), (960 * TICK, NoteOff)]


def test_tracks_beyond_the_header_are_played_and_told(tmp_path: Path) -> None:
    played = read(tmp_path, header(1) + ONE + OTHER)
    assert played.notes == 2
    assert played.remark == "the header counts 1 tracks, the file has 2: all of them are played"
    missing = read(tmp_path, header(3) + ONE + OTHER)
    assert missing.notes == 2
    assert "the file has 2: the rest is missing" in missing.remark


@pytest.mark.parametrize("swapped", [False, True])
def test_a_key_struck_at_the_tick_another_track_releases_it_sounds(tmp_path: Path, swapped: bool) -> None:
    tracks = [track((480, on(60)), (480, off(60))), track((0, on(60)), (480, off(60)))]
    content = header(2) + b"".join(reversed(tracks) if swapped else tracks)
    assert [(e.time // TICK, type(e.message)) for e in notes(tmp_path, content)] == [
        (0, NoteOn), (480, NoteOff), (480, NoteOn), (960, NoteOff),
    ]  # fmt: skip


def test_a_key_struck_again_before_its_release_in_one_track_sounds(tmp_path: Path) -> None:
    content = header(1, 0) + track((0, on(60)), (480, on(60)), (0, off(60)), (480, off(60)))
    assert [(e.time // TICK, type(e.message)) for e in notes(tmp_path, content)] == [
        (0, NoteOn), (480, NoteOff), (480, NoteOn), (960, NoteOff),
    ]  # fmt: skip


def test_a_note_without_length_ends(tmp_path: Path) -> None:
    content = header(2) + track((0, on(60)), (0, off(60)), (480, on(62)), (0, off(62))) + OTHER
    played = [e.message for e in notes(tmp_path, content)]
    assert played.index(NoteOn(62)) < played.index(NoteOff(62))
    assert played.count(NoteOff(60)) == played.count(NoteOff(62)) == 1


def test_a_pedal_before_a_release_stays_before_it(tmp_path: Path) -> None:
    pedal = [0xB0, 64, 127]
    content = header(1, 0) + track((0, on(60)), (480, on(64)), (0, pedal), (0, off(60)), (480, off(64)))
    played = [e.message for e in read(tmp_path, content).events]
    assert played.index(Pedal(down=True)) < played.index(NoteOff(60))


def test_a_message_behind_a_stroke_stays_behind_it(tmp_path: Path) -> None:
    content = header(1, 0) + track((0, on(60)), (480, on(64)), (0, [0xB0, 120, 0]), (0, on(67)), (480, off(67)))
    played = [e.message for e in read(tmp_path, content).events]
    assert played.index(NoteOn(64)) < played.index(SoundOff(0)) < played.index(NoteOn(67))


def test_a_reset_prologue_in_a_later_track_does_not_end_the_first_notes(tmp_path: Path) -> None:
    prologue = track((0, [0xB0, 120, 0]), (0, [0xB0, 121, 0]), (0, [0xB0, 123, 0]), (480, on(64)), (10, off(64)))
    played = [e.message for e in read(tmp_path, header(2) + ONE + prologue).events]
    assert played.index(SoundOff(0)) < played.index(NoteOn(60))
    assert [e for e in notes(tmp_path, header(2) + ONE + prologue) if e.message == NoteOff(60)] == PLAYED[1:]


def test_a_tempo_of_a_later_track_holds_for_all(tmp_path: Path) -> None:
    slow = [0xFF, 0x51, 3, *(1_000_000).to_bytes(3, "big")]
    played = read(tmp_path, header(2) + ONE + track((480, slow)))
    assert [e.time for e in played.events if isinstance(e.message, NoteOff)] == [24_000 + 48_000]
    assert [e.message.bpm for e in played.events if isinstance(e.message, Tempo)] == [60.0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (header(1) + ONE[:-9], "truncated"),
        (header(1) + chunk(b"MTrk", b"\0\x3c\x40" + END), "data without a message"),
        (header(1) + chunk(b"MTrk", b"\xff\xff\xff\xff\xff\x01" + END), "over four bytes"),
        (header(1) + track((0, [0x90, 60, 0x80])), "incomplete message"),
        (header(1) + track((0, [0xFF, 0x01, 127])), "within a message"),
        (header(1) + track((0, [0xF0, 0xFF, 0xFF, 0xFF, 0x7F, 1])), "truncated|within a message"),
        (header(1, 2) + ONE, "type 2"),
        (header(1, 7) + ONE, "type 7"),
    ],
)
def test_damage_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read(tmp_path, content)


def test_memory_is_bounded_by_the_size_of_the_file(tmp_path: Path) -> None:
    """Three bytes a message, the densest that a file can be: a parsed message takes under 100 bytes."""
    count = 60_000
    body = b"\0\x90\x3c\x40" + b"\0\x3c\x40" * (count - 1)
    path = tmp_path / "dense.mid"
    path.write_bytes(header(1, 0) + chunk(b"MTrk", body + END))
    tracemalloc.start()
    try:
        assert read_midi_file(path).notes == count
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500 * count + 1_000_000


def test_a_million_messages_are_the_limit(tmp_path: Path) -> None:
    body = b"\0\x90\x3c\x40" + b"\0\x3c\x40" * MAX_MESSAGES
    with pytest.raises(UserError, match="more than 1,000,000 messages"):
        read(tmp_path, header(1, 0) + chunk(b"MTrk", body + END))


def test_what_is_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no regular file"):
        read_midi_file(tmp_path)
    with (tmp_path / "huge.mid").open("wb") as stream:
        stream.truncate(65 << 20)
    with pytest.raises(UserError, match="is larger than"):
        read_midi_file(tmp_path / "huge.mid")


def test_random_bytes_in_a_track_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(1)
    for _ in range(500):
        body = bytearray(events((0, on(60)), (5, [0xF0, 2, 1, 0xF7]), (9, [0xFF, 1, 2, 65, 66]), (480, off(60))) + END)
        for _ in range(rng.randrange(1, 5)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        content = header(2) + chunk(b"MTrk", bytes(body), rng.choice([None, 0, 5, 1 << 31])) + OTHER
        with contextlib.suppress(UserError):
            assert read(tmp_path, content).notes > 0
