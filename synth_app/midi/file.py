"""Reads standard MIDI files as a performance: tracks merged, tempo map applied, times in samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth_app.midi.settings import MidiSettings
from synth_app.midi.translator import ControllerMoved, Translator
from synth_app.patch.patch import ENGINE_RATE, Event, NoteOn
from synth_app.patch.performance_events import Tempo
from synth_app.support.errors import UserError

PERCUSSION = 9  # MIDI channel 10: percussion by General MIDI, its keys are no pitches
_TICKS_DEFAULT_TEMPO = 500_000  # microseconds per quarter note before the first tempo event
_SYSTEM = 0xF0  # first status byte of system messages


@dataclass(frozen=True)
class Performance:
    """The events of a MIDI file.

    Attributes:
        events: in order of time; times in samples at ``ENGINE_RATE`` from the start of the file.
        samples: length of the longest track.
        notes: number of notes.
        percussion: number of omitted notes of channel 10.
    """

    events: tuple[Event, ...]
    samples: int
    notes: int
    percussion: int

    @property
    def seconds(self) -> float:
        """Length in s, without the release of the last notes."""
        return self.samples / ENGINE_RATE


def read_midi_file(path: Path, settings: MidiSettings | None = None) -> Performance:
    """Read a standard MIDI file of type 0 or 1.

    Notes of channel 10 are omitted, unless they are the only ones, an MPE zone uses that channel, or ``settings``
    select it. Notes without an end are released at the end of the file.

    Args:
        path: the file.
        settings: which channels are used, and how; None for all channels.

    Raises:
        UserError: the file is missing or damaged, is of type 2, or has no notes to play.
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
            is_drum = leave_out_drums and message.channel == PERCUSSION and translator.zones.master(9) == PERCUSSION
            percussion += is_drum and message.type == "note_on" and message.velocity > 0
            outputs = () if is_drum else translator.feed(data)
            events += [Event(time, out) for out in outputs if not isinstance(out, ControllerMoved)]
    end = messages[-1][0] if messages else 0
    events += [Event(end, message) for message in translator.release_keys()]
    notes = sum(isinstance(event.message, NoteOn) for event in events)
    if not notes:
        raise UserError(f"{path} has nothing to play: {_explain_no_notes(messages, settings)}")
    return Performance(tuple(events), end, notes, percussion)


def _explain_no_notes(messages: list[tuple[int, Any]], settings: MidiSettings | None) -> str:
    channels = sorted({message.channel + 1 for _, message in messages if message.type == "note_on"})
    if settings is not None and settings.mode == "channel" and channels:
        return f"no notes on channel {settings.channel + 1}; choose one of {', '.join(map(str, channels))}"
    return "the file has no notes"


def _timed_messages(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (time in samples, message) of all tracks in order; the last message ends the longest track."""
    file = _open(path)
    tick = tempo_tick = 0  # of the message, and of the last tempo event
    tempo_start_s, tempo = 0.0, _TICKS_DEFAULT_TEMPO  # time of the last tempo event, and its tempo
    for message in file.merged_track:
        tick += message.time
        seconds = tempo_start_s + (tick - tempo_tick) * _seconds_per_tick(file.ticks_per_beat, tempo)
        yield round(seconds * ENGINE_RATE), message
        if message.type == "set_tempo":
            if message.tempo == 0:
                raise UserError(f"{path} is damaged: the tempo at {seconds:.1f} s has 0 us per beat; export it again")
            tempo_tick, tempo_start_s, tempo = tick, seconds, message.tempo


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


def _open(path: Path) -> Any:
    import mido

    try:
        with path.open("rb") as stream:
            file = mido.MidiFile(file=stream)
    except FileNotFoundError as error:
        raise UserError(f"{path}: there is no such file; check the name") from error
    except (OSError, EOFError, ValueError, LookupError, mido.KeySignatureError) as error:
        why = str(error) or "it is truncated"
        raise UserError(f"{path} is not a complete MIDI file ({why}); export it again") from error
    if file.type not in (0, 1):
        raise UserError(
            f"{path} is of type {file.type} (separate patterns), which is not supported; export it as type 0 or 1"
        )
    if file.ticks_per_beat == 0 or file.ticks_per_beat < 0 == file.ticks_per_beat & 255:
        raise UserError(f"{path} is damaged: its time division is 0; export it again")
    return file
