"""The pitch of a recording, from its file's name and from its sound."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from synth_app.dataset.recordings.file_names import NamedNote

_TOLERANCE = 1.0  # semitones within which a named key is refined by the pitch that is heard
_MOST_OCTAVES = 2  # between a named key and the pitch that is heard, of an organ stop for example


def pitch_of(samples: NDArray[np.float32], rate: int, named: "NamedNote") -> float | None:
    """Return the MIDI pitch of a recording; None without a clear one.

    A key in the name wins. The pitch that is heard refines it by up to a semitone, also when it lies octaves away. A
    bare number in the name is a key if it is heard, in whatever octave.

    Args:
        samples: float32 [n], mono. rate: in Hz.
        named: what the file's name says.
    """
    from synth_app.spectrum.note_pitch import find_pitch  # with scipy, which the window does without

    heard = find_pitch(samples, rate)
    if named.pitch is not None:
        return _refined(named.pitch, heard)
    if heard is None:
        return None
    keys = (key for key, _ in named.candidates if _off(key, heard) <= _TOLERANCE)
    return _refined(next(keys, round(heard)), heard)


def _refined(key: int, heard: float | None) -> float:
    if heard is None or _off(key, heard) > _TOLERANCE:
        return float(key)
    return heard + 12.0 * round((key - heard) / 12.0)


def _off(key: int, heard: float) -> float:
    """Return the distance in semitones of a pitch from the nearest octave of a key; infinite if that is too far."""
    octaves = round((key - heard) / 12.0)
    return abs(key - heard - 12.0 * octaves) if abs(octaves) <= _MOST_OCTAVES else float("inf")
