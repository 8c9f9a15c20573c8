"""Keys, velocities and instruments in the names of recordings: ``Piano_C#4_v100.wav``, ``kazoo-060-090.wav``."""

import re
from dataclasses import dataclass

LOWEST_PITCH, HIGHEST_PITCH = 21, 108  # of a bare number: a piano's keys
_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHARPS, _FLATS = ("#", "s", "sharp", "♯"), ("b", "flat", "♭")
_KEY_AND_VELOCITY = re.compile(r"^(?P<rest>.+)-(?P<key>\d{3})-(?P<velocity>\d{3})$")
# A note name stands alone, or behind a lower-case word (PianoC4), or in front of a velocity (A0v12).
_NOTE_NAME = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=[a-z])(?=[A-G]))(?P<letter>[A-Ga-g])(?P<accidental>#|♯|♭|sharp|flat|s|b)?"
    r"(?P<octave>-1|\d)(?=[vV]\d|[^A-Za-z0-9#♯♭]|$)"
)
_VELOCITY = re.compile(r"(?<![A-Za-z])(?:v|vel|velocity)[ _-]?(?P<velocity>\d{1,3})(?![A-Za-z0-9])", re.IGNORECASE)
_KEY_WORD = re.compile(r"(?<![A-Za-z])(?:key|note|midi|pitch|n|k)[ _-]?(?P<key>\d{1,3})(?![A-Za-z0-9])", re.IGNORECASE)
_KEY_OF_THREE_DIGITS = re.compile(r"(?<![A-Za-z0-9.])(?P<key>[01]\d{2})(?![A-Za-z0-9])")
_ALONE = re.compile(r"^(?P<key>\d{1,3})$")
_BARE_NUMBER = re.compile(r"(?<![A-Za-z0-9.])(?P<key>\d{2,3})(?![A-Za-z0-9.])")
_LAST_NUMBER = re.compile(r"[ _-]+(?P<velocity>\d{2,3})$")
_COPY = re.compile(r"\s*\(\d+\)$")  # which systems add to the name of a copy
_SEPARATORS = " _-.,()[]"


@dataclass(frozen=True, slots=True)
class NamedNote:
    """What a file name says.

    Attributes:
        instrument: the rest of the name; "" if nothing else is in it.
        pitch: MIDI key; None if the name has none.
        velocity: 1-127; None if the name has none.
        candidates: bare numbers that may be the key, if the sound agrees, and the instrument in that case.
    """

    instrument: str
    pitch: int | None = None
    velocity: int | None = None
    candidates: tuple[tuple[int, str], ...] = ()


def read_file_name(stem: str, middle_c: int = 4) -> NamedNote:
    """Find key and velocity in a file name without its suffix.

    The key is, in this order: the first of two numbers of three digits at the end (``-060-100``); a note name with its
    octave, such as C4, F#3, Bb2, As5 (A sharp), the last one if there are several; a number behind key, note, midi,
    pitch, n or k; a name that is nothing but a number; a number of three digits. Other numbers of two or three digits
    are candidates. A velocity is a number behind v, vel or velocity, or the number that ends a name behind a note name.

    Args:
        stem: the name.
        middle_c: octave of middle C (key 60) in note names: 4 as in C4 = 60, or 3 as in C3 = 60.
    """
    stem = _COPY.sub("", stem)
    both = _KEY_AND_VELOCITY.match(stem)
    if both and int(both["key"]) <= 127 and int(both["velocity"]) <= 127:
        return NamedNote(both["rest"], int(both["key"]), int(both["velocity"]))
    rest, velocity = stem, None
    for found in _VELOCITY.finditer(_spaced(stem)):
        if 1 <= int(found["velocity"]) <= 127:
            velocity = int(found["velocity"])
            rest = _without(_spaced(stem), found)
    for pattern in (_NOTE_NAME, _KEY_WORD, _ALONE, _KEY_OF_THREE_DIGITS):
        for found in reversed([*pattern.finditer(rest)]):
            pitch = _note_pitch(found, middle_c) if pattern is _NOTE_NAME else int(found["key"])
            if 0 <= pitch <= 127:
                last = _LAST_NUMBER.match(rest, found.end()) if pattern is _NOTE_NAME and velocity is None else None
                if last and 1 <= int(last["velocity"]) <= 127:
                    return NamedNote(rest[: found.start()].strip(_SEPARATORS), pitch, int(last["velocity"]))
                return NamedNote(_without(rest, found), pitch, velocity)
    candidates = tuple(
        (int(found["key"]), _without(rest, found))
        for found in _BARE_NUMBER.finditer(rest)
        if LOWEST_PITCH <= int(found["key"]) <= HIGHEST_PITCH
    )
    return NamedNote(rest.strip(_SEPARATORS), None, velocity, candidates)


def key_of_note_name(text: str) -> int | None:
    """Return the MIDI key of a note name such as C4 (middle C), F#3 or Bb2; None for another text or key."""
    found = _NOTE_NAME.fullmatch(text.strip())
    key = _note_pitch(found, 4) if found else -1
    return key if 0 <= key <= 127 else None


def agrees(key: int, pitch: int) -> bool:
    """Return whether a bare number is the key of a sound with this estimated pitch; estimates can be octaves off."""
    return (key - pitch) % 12 == 0 and abs(key - pitch) <= 24


def _spaced(stem: str) -> str:
    """Put a space between a note name and a velocity that follows it directly: A0v12 becomes ``A0 v12``."""
    return re.sub(r"(?<=[0-9])(?=[vV]\d)", " ", stem)


def _note_pitch(found: re.Match[str], middle_c: int) -> int:
    accidental = found["accidental"] or ""
    shift = 1 if accidental in _SHARPS else -1 if accidental in _FLATS else 0
    return 60 + 12 * (int(found["octave"]) - middle_c) + _SEMITONES[found["letter"].lower()] + shift


def _without(text: str, found: re.Match[str]) -> str:
    """Return the text without the match, and without the separators that surrounded it."""
    before, behind = text[: found.start()].rstrip(_SEPARATORS), text[found.end() :].lstrip(_SEPARATORS)
    return " ".join(part for part in (before, behind) if part).strip(_SEPARATORS)
