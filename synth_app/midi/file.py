"""Reads standard MIDI files as a performance: tracks merged, tempo map applied, times in samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from synth_app.midi.settings import MidiSettings
from synth_app.midi.smf import MAX_BYTES, MidiData, MidiDataError, parse_midi
from synth_app.midi.track_order import merged
from synth_app.midi.translator import ControllerMoved, Translator
from synth_app.patch.patch import ENGINE_RATE, Event, NoteOn
from synth_app.patch.performance_events import Tempo
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, read_bytes, shown

PERCUSSION = 9  # MIDI channel 10: percussion by General MIDI, its keys are no pitches
_TICKS_DEFAULT_TEMPO = 500_000  # microseconds per quarter note before the first tempo event
_NOTE_ON, _META = 0x9, 0xFF
_TWO_BYTE_KINDS = (0xC, 0xD)


@dataclass(frozen=True)
class Performance:
    """The events of a MIDI file.

    Attributes:
        events: in order of time; times in samples at ``ENGINE_RATE`` from the start of the file.
        samples: length of the longest track.
        notes: number of notes.
        percussion: number of omitted notes of channel 10.
        remark: how the file differs from its own header, for the user; "" if it does not.
    """

    events: tuple[Event, ...]
    samples: int
    notes: int
    percussion: int
    remark: str = ""

    @property
    def seconds(self) -> float:
        """Length in s, without the release of the last notes."""
        return self.samples / ENGINE_RATE


class _Message(NamedTuple):
    """A message at a time in samples: the bytes of a channel message, or a tempo in us per quarter note, or nothing."""

    time: int
    data: tuple[int, ...] = ()
    tempo: int = 0


def read_midi_file(path: Path, settings: MidiSettings | None = None) -> Performance:
    """Read a standard MIDI file of type 0 or 1.

    Notes of channel 10 are omitted, unless they are the only ones, an MPE zone uses that channel, or ``settings``
    select it. Notes without an end are released at the end of the file.

    Args:
        path: the file.
        settings: which channels are used, and how; None for all channels.

    Raises:
        UserError: the file is missing, damaged or too large, is of type 2, or has no notes to play.
    """
    data = _open(path)
    translator = Translator(settings)
    channels = {status & 15 for track in data.tracks for status in set(track.status) if status >> 4 == _NOTE_ON}
    leave_out_drums = channels != {PERCUSSION} and (settings is None or settings.mode != "channel")
    events = [Event(0, translator.zones)]
    percussion = end = 0
    for message in _timed_messages(path, data):
        end = message.time
        if message.tempo:
            events.append(Event(end, Tempo(60e6 / message.tempo)))
        elif message.data:
            status = message.data[0]
            is_drum = leave_out_drums and status & 15 == PERCUSSION and translator.zones.master(9) == PERCUSSION
            percussion += is_drum and status >> 4 == _NOTE_ON and message.data[2] > 0
            outputs = () if is_drum else translator.feed(message.data)
            events += [Event(end, out) for out in outputs if not isinstance(out, ControllerMoved)]
    events += [Event(end, message) for message in translator.release_keys()]
    notes = sum(isinstance(event.message, NoteOn) for event in events)
    if not notes:
        raise UserError(f"{shown(path)} has nothing to play: {_explain_no_notes(channels, settings)}")
    return Performance(tuple(events), end, notes, percussion, _remark(data))


def _explain_no_notes(channels: set[int], settings: MidiSettings | None) -> str:
    if settings is not None and settings.mode == "channel" and channels:
        listed = ", ".join(str(channel + 1) for channel in sorted(channels))
        return f"no notes on channel {settings.channel + 1}; choose one of {listed}"
    return "the file has no notes"


def _remark(data: MidiData) -> str:
    stated, found = data.stated_tracks, len(data.tracks)
    if stated == found:
        return ""
    what = "all of them are played" if found > stated else "the rest is missing"
    return f"the header counts {stated} tracks, the file has {found}: {what}"


class _TempoMap:
    """Time in s of a tick; ticks must not fall from call to call."""

    def __init__(self, division: int) -> None:
        self._division, self._tempo = division, _TICKS_DEFAULT_TEMPO
        self._tick, self._start_s = 0, 0.0  # of the last tempo event

    def samples(self, tick: int) -> int:
        """Return the time of a tick in samples."""
        return round(self._seconds(tick) * ENGINE_RATE)

    def set(self, tick: int, tempo: int) -> None:
        """Change the tempo, in microseconds per quarter note."""
        self._tick, self._start_s, self._tempo = tick, self._seconds(tick), tempo

    def _seconds(self, tick: int) -> float:
        return self._start_s + (tick - self._tick) * _seconds_per_tick(self._division, self._tempo)


def _timed_messages(path: Path, data: MidiData) -> Iterator[_Message]:
    """Yield the messages of all tracks in order, and at last an empty one where the longest track ends."""
    if not data.tracks:
        return
    status = b"".join(track.status for track in data.tracks)
    first, second = b"".join(track.first for track in data.tracks), b"".join(track.second for track in data.tracks)
    ticks = [tick for track in data.tracks for tick in track.ticks]
    tempo_of = _tempos(data, status)
    tempo_map = _TempoMap(data.division)
    for index in merged(data.tracks).tolist():
        time = tempo_map.samples(ticks[index])
        kind = status[index]
        if kind == _META:
            tempo = tempo_of[index]
            if tempo == 0:
                seconds = time / ENGINE_RATE
                raise UserError(
                    f"{shown(path)} is damaged: the tempo at {seconds:.1f} s has 0 us per beat; export it again"
                )
            tempo_map.set(ticks[index], tempo)
            yield _Message(time, tempo=tempo)
        elif kind >> 4 in _TWO_BYTE_KINDS:
            yield _Message(time, (kind, first[index]))
        else:
            yield _Message(time, (kind, first[index], second[index]))
    yield _Message(tempo_map.samples(max(track.end for track in data.tracks)))


def _tempos(data: MidiData, status: bytes) -> dict[int, int]:
    """Return the tempos by the number of their message, in microseconds per quarter note."""
    tempos = (tempo for track in data.tracks for tempo in track.tempos)
    at, found = -1, {}
    for tempo in tempos:
        at = status.index(_META, at + 1)
        found[at] = tempo
    return found


def _seconds_per_tick(division: int, tempo: int) -> float:
    """Return the length of a tick in s.

    Args:
        division: ticks per quarter note; if negative, frames per second and ticks per frame (SMPTE).
        tempo: microseconds per quarter note.
    """
    if division > 0:
        return tempo * 1e-6 / division
    frames_per_second, ticks_per_frame = 256 - (division >> 8 & 255), division & 255
    return 1.0 / ((30_000 / 1001 if frames_per_second == 29 else frames_per_second) * ticks_per_frame)


def _open(path: Path) -> MidiData:
    with loading(path, "a MIDI file", "export it again"):
        content = read_bytes(path, MAX_BYTES)
        try:
            data = parse_midi(content)
        except MidiDataError as error:
            raise UserError(f"{shown(path)} is not a complete MIDI file ({error}); export it again") from error
    if data.kind not in (0, 1):
        raise UserError(
            f"{shown(path)} is of type {data.kind} (separate patterns), which is not supported; "
            "export it as type 0 or 1"
        )
    if data.division == 0 or data.division < 0 == data.division & 255:
        raise UserError(f"{shown(path)} is damaged: its time division is 0; export it again")
    return data
