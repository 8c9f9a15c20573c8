"""Standard MIDI files as a performance for the engine: tracks merged, tempo map applied, times in samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_app.midi.settings import MidiSettings
from synth_app.midi.translator import ControllerMoved, Translator
from synth_app.patch.patch import ENGINE_RATE, Event, NoteOn
from synth_app.patch.performance_events import Tempo
from synth_app.support.errors import UserError

PERCUSSION = 9  # MIDI channel 10: drums by General MIDI, not pitches
_TICKS_DEFAULT_TEMPO = 500_000  # microseconds per quarter note until the file says otherwise
_SYSTEM = 0xF0  # status bytes from here on are no channel's


@dataclass(frozen=True)
class Performance:
    """What a file plays.

    Attributes:
        events: in order of time; times in samples at ``ENGINE_RATE`` from the file's beginning.
        samples: its length, which is that of its longest track.
        notes: how many are played.
        percussion: notes of channel 10 that were left out.
    """

    events: tuple[Event, ...]
    samples: int
    notes: int
    percussion: int

    @property
    def seconds(self) -> float:
        """Length without what rings on."""
        return self.samples / ENGINE_RATE


def read_midi_file(path: Path, settings: MidiSettings | None = None) -> Performance:
    """Read a standard MIDI file of type 0 or 1.

    Notes of channel 10 are left out, unless they are the only ones, a zone (MPE) uses that channel, or ``settings``
    choose it. Notes that the file does not end are ended with it.

    Raises:
        UserError: the file is missing, damaged, has no one time line, or no notes to play.
    """
    messages = list(_timed_messages(path))
    translator = Translator(settings)
    channels = {message.channel for _, message in messages if message.type == "note_on"}
    leave_out_drums = channels != {PERCUSSION} and (settings is None or settings.mode != "channel")
    events = [Event(0, translator.zones)]
    percussion = 0
    for time, message in messages:
        if message.type == "set_tempo":
            events.append(Event(time, Tempo(60e6 / message.tempo)))
        elif not message.is_meta and (data := message.bytes())[0] < _SYSTEM:
            drum = leave_out_drums and message.channel == PERCUSSION and translator.zones.master(9) == PERCUSSION
            percussion += drum and message.type == "note_on" and message.velocity > 0
            fed = () if drum else translator.feed(data)
            events += [Event(time, out) for out in fed if not isinstance(out, ControllerMoved)]
    end = messages[-1][0] if messages else 0
    events += [Event(end, message) for message in translator.release_keys()]
    notes = sum(isinstance(event.message, NoteOn) for event in events)
    if not notes:
        raise UserError(f"{path}: nothing to play: {_what_there_is(messages, settings)}")
    return Performance(tuple(events), end, notes, percussion)


def _what_there_is(messages: list[tuple[int, Any]], settings: MidiSettings | None) -> str:
    channels = sorted({message.channel + 1 for _, message in messages if message.type == "note_on"})
    if settings is not None and settings.mode == "channel" and channels:
        return f"no notes on channel {settings.channel + 1}; there are some on {', '.join(map(str, channels))}"
    return "the file has no notes"


def _timed_messages(path: Path) -> Iterator[tuple[int, Any]]:
    """Messages of all tracks in order, each with its sample; the last one ends the longest track."""
    file = _open(path)
    tick = since = 0  # tick of the message, and of the tempo that holds
    begun_s, tempo = 0.0, _TICKS_DEFAULT_TEMPO  # second at which it began to
    for message in file.merged_track:
        tick += message.time
        seconds = begun_s + (tick - since) * _seconds_per_tick(file.ticks_per_beat, tempo)
        yield round(seconds * ENGINE_RATE), message
        if message.type == "set_tempo":
            if message.tempo == 0:
                raise UserError(f"{path} is damaged: a tempo of no time per beat at {seconds:.1f} s")
            since, begun_s, tempo = tick, seconds, message.tempo


def _seconds_per_tick(division: int, tempo: int) -> float:
    """``division`` is ticks per quarter note, or where negative frames per second and ticks per frame (SMPTE)."""
    if division > 0:
        return tempo * 1e-6 / division
    frames_per_second, ticks_per_frame = 256 - (division >> 8 & 255), division & 255
    return 1.0 / ((30_000 / 1001 if frames_per_second == 29 else frames_per_second) * ticks_per_frame)


def _open(path: Path) -> Any:
    import mido

    try:
        with path.open("rb") as stream:
            file = mido.MidiFile(file=stream)
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file") from error
    except (OSError, EOFError, ValueError, LookupError, mido.KeySignatureError) as error:
        why = str(error) or "it ends too early"
        raise UserError(f"{path} is not a whole MIDI file ({why}); save it again from where it came") from error
    if file.type not in (0, 1):
        raise UserError(f"{path}: type {file.type} holds separate patterns, not one piece; save it as type 0 or 1")
    if file.ticks_per_beat == 0 or file.ticks_per_beat < 0 == file.ticks_per_beat & 255:
        raise UserError(f"{path} is damaged: its time has no unit")
    return file
