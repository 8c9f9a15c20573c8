"""Parses standard MIDI files: chunks, tracks and their messages, without what says nothing about the music.

The parser follows the Standard MIDI Files 1.0 and reads on where writers depart from it without harm: chunks and meta
events that it does not know are skipped, whatever their length; system exclusive messages and escapes (F7) are
skipped and do not end running status; tracks beyond the number in the header are read.
"""

from array import array
from dataclasses import dataclass, field

MAX_BYTES = 64 << 20
MAX_MESSAGES = 1_000_000
_HEADER, _CHUNK = 14, 8
_TRACK = b"MTrk"
_META, _SYSEX, _ESCAPE = 0xFF, 0xF0, 0xF7
_TEMPO, _END = 0x51, 0x2F
_ONE_BYTE_KINDS = (0xC, 0xD)  # program change, channel pressure
_SYSTEM_LENGTHS = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # data bytes of system messages; a file should not have them


class MidiDataError(ValueError):
    """The file is no standard MIDI file, or is damaged; the message says where."""


@dataclass
class Track:
    """The messages of one track, in its order; one entry each.

    Attributes:
        ticks: time from the start of the file.
        status, first, second: the bytes of channel messages, 0 where a message is shorter. A status of 0xFF is a change
            of tempo, whose microseconds per quarter note are in ``tempos``.
        tempos: the tempos, in order.
        end: tick of the last event, whatever it was.
    """

    ticks: "array[int]" = field(default_factory=lambda: array("q"))
    status: bytearray = field(default_factory=bytearray)
    first: bytearray = field(default_factory=bytearray)
    second: bytearray = field(default_factory=bytearray)
    tempos: list[int] = field(default_factory=list)
    end: int = 0

    def add(self, tick: int, status: int, first: int = 0, second: int = 0) -> None:
        """Append a message."""
        self.ticks.append(tick)
        self.status.append(status)
        self.first.append(first)
        self.second.append(second)


@dataclass(frozen=True)
class MidiData:
    """Content of a standard MIDI file.

    Attributes:
        kind: 0, 1, or 2 for separate patterns.
        division: ticks per quarter note; if negative, frames per second and ticks per frame (SMPTE).
        stated_tracks: number of tracks by the header.
        tracks: those that are there.
    """

    kind: int
    division: int
    stated_tracks: int
    tracks: tuple[Track, ...]


def parse_midi(data: bytes) -> MidiData:
    """Parse a standard MIDI file, also one inside a RIFF file (RMID).

    Raises:
        MidiDataError: the bytes are no MIDI file, a track is damaged or cut, or there are more than ``MAX_MESSAGES``.
    """
    data = _without_riff(data)
    if data[:4] != b"MThd" or len(data) < _HEADER:
        raise MidiDataError("it does not begin with a MIDI header")
    kind, stated, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    tracks: list[Track] = []
    room = MAX_MESSAGES
    at = 8 + max(int.from_bytes(data[4:8], "big"), _HEADER - 8)
    while at + _CHUNK <= len(data):
        start = at + _CHUNK
        at = start + int.from_bytes(data[at + 4 : start], "big")
        if data[start - _CHUNK : start - 4] == _TRACK:
            track, at = _track(data, start, at, len(tracks) + 1, room)
            tracks.append(track)
            room -= len(track.status)
    return MidiData(kind, division - 0x10000 if division >= 0x8000 else division, stated, tuple(tracks))


def _without_riff(data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return data


def _track(data: bytes, start: int, end: int, number: int, room: int) -> tuple[Track, int]:
    """Parse a track of which the chunk ends at ``end``; return it and the offset of what follows.

    Some writers leave a wrong size. So the event that ends a track counts where the size does not lead to a chunk.
    """
    reader = _TrackReader(data, start, min(end, len(data)), number, room)
    ended = reader.read()
    if not ended and not _chunk_follows(data, end):
        reader = _TrackReader(data, start, len(data), number, room)
        ended = reader.read()
        end = reader.offset if ended else end
    if reader.cut and end <= len(data):
        raise MidiDataError(f"track {number} ends within a message")
    if not ended and end > len(data):
        raise MidiDataError(f"track {number} is truncated: {len(data) - start} of {end - start} bytes are there")
    if ended and data[reader.offset : reader.offset + 4] == _TRACK:
        end = reader.offset
    return reader.track, end


def _chunk_follows(data: bytes, at: int) -> bool:
    """Return whether a chunk begins at ``at``, or the file ends there."""
    return len(data) - _CHUNK < at <= len(data) or (at < len(data) and data[at : at + 4].isalnum())


class _TrackReader:
    """Reads the events of one track.

    Attributes:
        track: the messages.
        cut: whether the bytes end within an event.
    """

    def __init__(self, data: bytes, start: int, end: int, number: int, room: int) -> None:
        self.track = Track()
        self._data, self._at, self._end = data, start, end
        self._number, self._room = number, room
        self.cut = False

    @property
    def offset(self) -> int:
        """Offset behind the last byte that was read."""
        return self._at

    def read(self) -> bool:
        """Read all events; return whether the last one is the end of the track."""
        try:
            return self._read()
        except IndexError:
            self.cut = True
            return False

    def _read(self) -> bool:
        tick, running = 0, 0
        track = self.track
        while self._at < self._end:
            tick += self._number_of_7_bits()
            track.end = tick
            status = self._peek()
            if status >= 0x80:
                self._at += 1
            if status == _META:
                if self._meta(tick):
                    return True
            elif status in (_SYSEX, _ESCAPE):
                self._skip(self._number_of_7_bits())
            elif status >= 0xF0:
                self._skip(_SYSTEM_LENGTHS.get(status, 0))
            else:
                running = status if status >= 0x80 else running
                self._channel_message(tick, running)
            if len(track.status) > self._room:
                raise MidiDataError(f"it has more than {MAX_MESSAGES:,} messages")
        return False

    def _channel_message(self, tick: int, status: int) -> None:
        if not status:
            raise MidiDataError(f"track {self._number} has data without a message at byte {self._at}")
        first = self._data_byte()
        second = 0 if status >> 4 in _ONE_BYTE_KINDS else self._data_byte()
        self.track.add(tick, status, first, second)

    def _meta(self, tick: int) -> bool:
        """Read a meta event; return whether it ends the track."""
        kind = self._byte()
        size = self._number_of_7_bits()
        if kind == _TEMPO and size == 3:
            self.track.tempos.append(int.from_bytes(self._data[self._at : self._at + 3], "big"))
            self.track.add(tick, _META)
        self._skip(size)
        return kind == _END

    def _number_of_7_bits(self) -> int:
        """Read a number of variable length: four bytes at most."""
        value = 0
        for _ in range(4):
            byte = self._byte()
            value = value << 7 | byte & 127
            if byte < 128:
                return value
        raise MidiDataError(f"track {self._number} has a number of over four bytes before byte {self._at}")

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > self._end:
            raise IndexError

    def _data_byte(self) -> int:
        byte = self._byte()
        if byte > 127:
            raise MidiDataError(f"track {self._number} has an incomplete message before byte {self._at - 1}")
        return byte

    def _byte(self) -> int:
        byte = self._peek()
        self._at += 1
        return byte

    def _peek(self) -> int:
        if self._at >= self._end:
            raise IndexError
        return self._data[self._at]
