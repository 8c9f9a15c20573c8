"""Values of options as in the window: keys by number or name, and a decimal point or comma."""

import math

from synth_app.dataset.recordings.file_names import key_of_note_name
from synth_app.support.errors import UserError

_WANTED = "give a MIDI key such as 60, or a note name such as C4 (middle C) or F#3"


def parse_key(value: str | int) -> int:
    """Return the key of a text such as ``60`` or ``C4``; a number, such as an option's default, stays as it is.

    Raises:
        UserError: it is neither, or outside 0-127.
    """
    key = parse_pitch(str(value))
    if key != round(key):
        raise UserError(f"{value} is between two keys; {_WANTED}")
    return round(key)


def parse_pitch(text: str) -> float:
    """Return the MIDI pitch of a text such as ``60``, ``60.3``, ``60,3`` or ``C4``.

    Raises:
        UserError: it is neither a number nor a note name, or outside 0-127.
    """
    named = key_of_note_name(text)
    if named is not None:
        return float(named)
    number = _number(text)
    if number is None:
        raise UserError(f"{text!r} is no key; {_WANTED}")
    if not 0.0 <= number <= 127.0:
        raise UserError(f"the key {text} is outside MIDI 0-127; middle C is 60")
    return number


def parse_decimal(value: str | float) -> float:
    """Return the number of a text such as ``0.5`` or ``0,5``; UserError for another text."""
    number = _number(str(value))
    if number is None:
        raise UserError(f"{str(value)!r} is no number; write one such as 0.5")
    return number


def parse_fraction(value: str | float) -> float:
    """Return a number from 0 to 1 as ``parse_decimal`` does. UserError outside this range."""
    number = parse_decimal(value)
    if not 0.0 <= number <= 1.0:
        raise UserError(f"{value} is outside 0 to 1")
    return number


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ".", 1))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
