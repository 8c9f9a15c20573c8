"""Order of the messages of several tracks that stand at the same tick."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.midi.smf import Track

_EARLY, _LATE = 0, 1
_NOTE_OFF, _NOTE_ON, _META = 0x8, 0x9, 0xFF


def merged(tracks: Sequence[Track]) -> NDArray[np.intp]:
    """Return the order in which to play the messages of all tracks, which are numbered through.

    At one tick, what ends earlier notes and what prepares the next ones (pedals, controllers, resets) comes before all
    new notes, from whatever track: a key that one track releases while another strikes it must sound. Within a track
    the order changes only where a key is struck again just before its earlier stroke ends.
    """
    ticks = np.concatenate([np.frombuffer(track.ticks, np.int64) for track in tracks])
    ranks = np.concatenate([np.fromiter(_ranks(track), np.int8, len(track.status)) for track in tracks])
    return np.lexsort((ranks, ticks))


def _ranks(track: Track) -> Iterator[int]:
    """Yield for each message whether it comes before the new notes of its tick."""
    held: set[int] = set()  # keys that were struck at an earlier tick: channel and note
    struck: set[int] = set()  # keys that were struck at this tick
    last_tick = -1
    bound = False  # a message that is no note follows a stroke at this tick: what comes later stays behind it
    for tick, status, note, velocity in zip(track.ticks, track.status, track.first, track.second, strict=True):
        if tick != last_tick:
            held |= struck
            struck.clear()
            bound, last_tick = False, tick
        key = (status & 15) << 7 | note
        if status == _META:
            yield _EARLY
        elif status >> 4 == _NOTE_ON and velocity:
            struck.add(key)
            yield _LATE
        elif status >> 4 not in (_NOTE_ON, _NOTE_OFF):
            bound = bound or bool(struck)
            yield _LATE if bound else _EARLY
        elif key in struck and key not in held:  # a note without length
            struck.discard(key)
            yield _LATE
        else:
            held.discard(key)
            yield _LATE if bound else _EARLY
