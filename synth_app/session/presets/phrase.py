"""Phrases: a few notes that show what a preset is for, in its own register."""

from dataclasses import dataclass

from synth_app.decoder import Model
from synth_app.patch import Patch
from synth_app.session.state.preset import Preset

_REACH = 12  # semitones beyond the recorded keys that a phrase may go
_OWN_REACH = 12  # semitones to either side of a user's single recording
_MOST_OCTAVES = 10
_SOFT, _USUAL, _HARD = 72, 96, 112  # velocities


@dataclass(frozen=True)
class PhraseNote:
    """One note of a phrase.

    Attributes:
        start_s: from the start of the phrase.
        key: MIDI note.
        seconds: how long the key is held.
        velocity: 1-127.
    """

    start_s: float
    key: int
    seconds: float
    velocity: int


Phrase = tuple[PhraseNote, ...]
_Step = tuple[float, int, float, int]  # start in s, semitones from the preset's own key, seconds, velocity


def _line(steps: tuple[int, ...], beat_s: float, last_s: float) -> tuple[_Step, ...]:
    """Return one note after the other; the last one is held."""
    ends = [*(0.9 * beat_s for _ in steps[:-1]), last_s]
    hard = [_HARD if i % 4 == 0 else _USUAL for i in range(len(steps))]
    return tuple((i * beat_s, step, ends[i], hard[i]) for i, step in enumerate(steps))


def _chord(steps: tuple[int, ...], apart_s: float, end_s: float) -> tuple[_Step, ...]:
    """Return notes that begin one after the other and end together."""
    return tuple((i * apart_s, step, end_s - i * apart_s, _USUAL) for i, step in enumerate(steps))


def _strokes(velocities: tuple[int, ...], beat_s: float) -> tuple[_Step, ...]:
    """Return strokes of one key."""
    return tuple((i * beat_s, 0, 0.8 * beat_s, velocity) for i, velocity in enumerate(velocities))


_BASS = _line((0, 0, 12, 0, 7, 10, 0), 0.19, 0.6)
_BROKEN_CHORD = (
    *_line((0, 7, 12, 16), 0.17, 0.15),
    *((0.7 + t, step, s, v) for t, step, s, v in _chord((0, 7, 12, 16), 0.0, 1.1)),
)
_PICKED = _line((0, 7, 12, 16, 12, 7), 0.19, 1.0)
_MELODY = _line((0, 2, 4, 7, 4), 0.24, 1.1)
_HELD_CHORD = _chord((0, 7, 12, 16), 0.12, 2.8)
_HELD_FIFTH = _chord((0, 7), 0.5, 2.8)
_RHYTHM = _strokes((_HARD, _SOFT, _USUAL, _SOFT, _HARD, _USUAL, _SOFT, _HARD), 0.17)
_BY_CATEGORY = {
    "bass": _BASS, "keys": _BROKEN_CHORD, "pluck": _PICKED, "string": _MELODY, "wind": _MELODY, "voice": _HELD_FIFTH,
    "percussion": _RHYTHM, "lead": _MELODY, "pad": _HELD_CHORD, "texture": _HELD_FIFTH,
}  # fmt: skip


def preset_phrase(preset: Preset, patch: Patch, model: Model) -> Phrase:
    """Return the notes that show a preset: its own phrase, or one of its category.

    It is played about the preset's own key, or, if the file names none, about the middle of the keys that the notes in
    its slots were recorded at. Notes too far from these keys are moved by octaves.

    Args:
        preset: to show.
        patch: of the preset in ``model``.
        model: the loaded model.
    """
    low, high = recorded_keys(patch, model)
    key = preset.note if "note" in preset.model_fields_set else (low + high) // 2
    if preset.phrase:
        steps = tuple((each.start, each.step, each.seconds, each.velocity) for each in preset.phrase)
    else:
        steps = _BY_CATEGORY.get(preset.category, _MELODY)
    return tuple(
        PhraseNote(start, _within(key + step, low - _REACH, high + _REACH), seconds, velocity)
        for start, step, seconds, velocity in steps
    )


def patch_phrase(patch: Patch, model: Model) -> Phrase:
    """Return a short phrase for a patch that is no preset: one key, then a fifth above it."""
    low, high = recorded_keys(patch, model)
    key = slot_key(patch, model)
    return tuple(
        PhraseNote(start, _within(key + step, low - _REACH, high + _REACH), seconds, velocity)
        for start, step, seconds, velocity in _line((0, 7), 0.45, 1.0)
    )


def phrase_seconds(phrase: Phrase) -> float:
    """Return the time from the first key down to the last key up."""
    return max((note.start_s + note.seconds for note in phrase), default=0.0)


def recorded_keys(patch: Patch, model: Model) -> tuple[int, int]:
    """Return the lowest and highest MIDI key at which the instrument in the louder slot was recorded."""
    second = patch.value("morph") > 0.5
    own = patch.user_notes[second]
    if own is not None:
        return round(own.pitch) - _OWN_REACH, round(own.pitch) + _OWN_REACH
    instrument = model.bank[(patch.slot_a, patch.slot_b)[second]].instrument
    pitches = [note.pitch for note in model.bank if note.instrument == instrument]
    return min(pitches), max(pitches)


def slot_key(patch: Patch, model: Model) -> int:
    """Return the MIDI key at which the note in the louder slot was recorded."""
    second = patch.value("morph") > 0.5
    own = patch.user_notes[second]
    return round(own.pitch) if own is not None else model.bank[(patch.slot_a, patch.slot_b)[second]].pitch


def _within(key: int, low: int, high: int) -> int:
    """Return a key moved by octaves into a range, as far as the range and MIDI allow."""
    low, high = max(low, 0), min(high, 127)
    for _ in range(_MOST_OCTAVES):
        if key > high and key - 12 >= low:
            key -= 12
        elif key < low and key + 12 <= high:
            key += 12
    return min(max(key, 0), 127)
