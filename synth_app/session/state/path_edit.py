"""Editing a note's latent path: draw, shift, scale and smooth one dimension, move the loop, draw a morph over time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import UserNote

Floats = NDArray[np.float32]
MORPH_REACH = (-0.5, 1.5)  # a drawn morph may go beyond both notes
_SMOOTHEST = 64  # frames


def draw(note: UserNote, dim: int, points: Sequence[tuple[int, float]]) -> UserNote:
    """The path with one dimension led through points (frame, value), straight between them; the rest stays."""
    codes = note.codes().copy()
    frames, values = zip(*sorted(points), strict=True)
    span = np.arange(max(frames[0], 0), min(frames[-1] + 1, len(codes)))
    codes[span, dim] = np.interp(span, frames, values)
    return _with(note, codes)


def shift(note: UserNote, dim: int, by: float) -> UserNote:
    """One dimension moved as a whole."""
    codes = note.codes().copy()
    codes[:, dim] += np.float32(by)
    return _with(note, codes)


def scale(note: UserNote, dim: int, factor: float) -> UserNote:
    """One dimension's movement made larger or smaller around its mean over the loop; 0 holds it still."""
    codes = note.codes().copy()
    middle = codes[note.marks[1] : note.marks[2], dim].mean()
    codes[:, dim] = middle + np.float32(factor) * (codes[:, dim] - middle)
    return _with(note, codes)


def smooth(note: UserNote, dim: int, frames: int) -> UserNote:
    """One dimension averaged over ``frames`` (a Hann window, the ends held)."""
    frames = min(max(frames, 1), _SMOOTHEST)
    window = np.hanning(2 * frames + 1)
    window /= window.sum()
    codes = note.codes().copy()
    padded = np.pad(codes[:, dim].astype(np.float64), frames, mode="edge")
    codes[:, dim] = np.convolve(padded, window, mode="valid")
    return _with(note, codes)


def set_loop(note: UserNote, start: int, end: int) -> UserNote:
    """The loop between other frames, as far as the marks' order allows."""
    attack, _, _, release = note.marks
    start = min(max(start, attack), release - 1)
    end = min(max(end, start + 1), release)
    return replace(note, marks=(attack, start, end, release))


def morph_over_time(first: UserNote, second: UserNote, curve: Sequence[tuple[float, float]]) -> UserNote:
    """A note that goes from one to another as drawn.

    Args:
        first, second: notes of one model; the first one's length and marks are kept.
        curve: (share of the length 0-1, morph) points; 0 is the first note, 1 the second, beyond lies extrapolation.

    Returns:
        the note; its pitch is the first one's.
    """
    n = len(first.gains())
    at = np.linspace(0, len(second.gains()) - 1, n)
    places, values = zip(*sorted(curve), strict=True)
    morph = np.clip(np.interp(np.linspace(0, 1, n), places, values), *MORPH_REACH)
    other = np.stack([np.interp(at, np.arange(len(second.gains())), column) for column in second.codes().T], axis=1)
    gains = np.interp(at, np.arange(len(second.gains())), second.gains())
    codes = first.codes() + morph[:, None] * (other - first.codes())
    gain_db = first.gains() + np.clip(morph, 0.0, 1.0) * (gains - first.gains())
    changed = replace(first, name=f"{first.name} → {second.name}", gain_db=gain_db.astype(np.float32).tobytes())
    return _with(changed, codes.astype(np.float32))


def _with(note: UserNote, codes: Floats) -> UserNote:
    return replace(note, z=np.ascontiguousarray(codes, np.float32).tobytes())
