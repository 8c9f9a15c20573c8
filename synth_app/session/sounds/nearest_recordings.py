"""Which recordings of a sound a key plays: the nearest two, and where between them."""

from dataclasses import dataclass

from synth_app.patch import UserNote


@dataclass(frozen=True)
class KeyPair:
    """Two recordings, and the position between them: 0 for ``a``, 1 for ``b``. Both are the same at an end."""

    a: UserNote
    b: UserNote
    morph: float


def nearest_recordings(note: UserNote, key: int, velocity: int, *, blend_pitches: bool) -> KeyPair:
    """Return what a key plays.

    Between two recorded pitches, these two are morphed by the distance to each. At a recorded pitch and beyond the
    outermost, two velocities of that pitch are morphed likewise. A sound without a pitch plays the recording with the
    nearest key alone.

    Args:
        note: the sound.
        key: MIDI. velocity: 1 to 127.
        blend_pitches: whether the model can morph two pitches. One without pitch input would mix two rows of partials,
            so the nearest pitch plays alone.
    """
    pitches = sorted({round(each.pitch) for each in note.recordings})
    low = max((pitch for pitch in pitches if pitch <= key), default=pitches[0])
    high = min((pitch for pitch in pitches if pitch >= key), default=pitches[-1])
    if not note.pitched or not blend_pitches:
        low = high = low if key - low <= high - key else high
    elif low < key < high:
        a, b = (min(_at(note, pitch), key=lambda each: abs(each.velocity - velocity)) for pitch in (low, high))
        return KeyPair(a, b, (key - low) / (high - low))
    layers = _at(note, low if key >= low else high)
    a = max((each for each in layers if each.velocity <= velocity), key=_velocity, default=layers[0])
    b = min((each for each in layers if each.velocity >= velocity), key=_velocity, default=layers[-1])
    if a is b or not note.pitched:
        nearest = a if velocity - a.velocity <= b.velocity - velocity else b
        return KeyPair(nearest, nearest, 0.0)
    return KeyPair(a, b, (velocity - a.velocity) / (b.velocity - a.velocity))


def _at(note: UserNote, pitch: int) -> list[UserNote]:
    """Return the recordings of a pitch, the softest first."""
    return sorted((each for each in note.recordings if round(each.pitch) == pitch), key=_velocity)


def _velocity(note: UserNote) -> int:
    return note.velocity
