"""Edits of a note's latent path: draw, shift, scale and smooth one dimension, move the loop, morph over time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import UserNote

Floats = NDArray[np.float32]
MORPH_REACH = (-0.5, 1.5)  # a drawn morph may extrapolate beyond both notes
_MAX_SMOOTHING = 64  # frames


def draw(note: UserNote, dim: int, points: Sequence[tuple[int, float]]) -> UserNote:
    """Draw one dimension through points (frame, value), with straight lines between them."""
    path = note.codes().copy()
    frames, values = zip(*sorted(points), strict=True)
    span = np.arange(max(frames[0], 0), min(frames[-1] + 1, len(path)))
    path[span, dim] = np.interp(span, frames, values)
    return _with_path(note, path)


def set_curve(note: UserNote, dim: int, values: NDArray[np.floating]) -> UserNote:
    """Replace one dimension of the path by values [frames]."""
    path = note.codes().copy()
    path[:, dim] = values
    return _with_path(note, path)


def shift(note: UserNote, dim: int, by: float) -> UserNote:
    """Add ``by`` to one dimension of the whole path."""
    path = note.codes().copy()
    path[:, dim] += np.float32(by)
    return _with_path(note, path)


def scale(note: UserNote, dim: int, factor: float) -> UserNote:
    """Scale one dimension's movement about its mean over the loop; a factor of 0 makes it constant."""
    path = note.codes().copy()
    middle = path[note.marks[1] : note.marks[2], dim].mean()
    path[:, dim] = middle + np.float32(factor) * (path[:, dim] - middle)
    return _with_path(note, path)


def smooth(note: UserNote, dim: int, frames: int) -> UserNote:
    """Smooth one dimension with a Hann window of ``frames`` to either side; the ends are held."""
    frames = min(max(frames, 1), _MAX_SMOOTHING)
    window = np.hanning(2 * frames + 1)
    window /= window.sum()
    path = note.codes().copy()
    padded = np.pad(path[:, dim].astype(np.float64), frames, mode="edge")
    path[:, dim] = np.convolve(padded, window, mode="valid")
    return _with_path(note, path)


def set_loop(note: UserNote, start: int, end: int) -> UserNote:
    """Set the loop's frames, limited so that the marks stay in order. A held note then stays in it."""
    attack, _, _, release = note.marks
    start = min(max(start, attack), release - 1)
    end = min(max(end, start + 1), release)
    return replace(note, marks=(attack, start, end, release), own_loop=True)


def morph_over_time(first: UserNote, second: UserNote, curve: Sequence[tuple[float, float]]) -> UserNote:
    """Make a note that morphs from one note to another along a curve.

    Args:
        first, second: notes of one model; the first one's length and marks are kept.
        curve: (fraction of the length 0-1, morph) points; morph 0 is the first note, 1 the second. Values beyond
            extrapolate, limited to ``MORPH_REACH``.

    Returns:
        the note; its pitch is the first one's.
    """
    n = len(first.gains())
    at = np.linspace(0, len(second.gains()) - 1, n)
    fractions, values = zip(*sorted(curve), strict=True)
    morph = np.clip(np.interp(np.linspace(0, 1, n), fractions, values), *MORPH_REACH)
    other = np.stack([np.interp(at, np.arange(len(second.gains())), column) for column in second.codes().T], axis=1)
    gains = np.interp(at, np.arange(len(second.gains())), second.gains())
    path = first.codes() + morph[:, None] * (other - first.codes())
    gain_db = first.gains() + np.clip(morph, 0.0, 1.0) * (gains - first.gains())
    changed = replace(first, name=f"{first.name} → {second.name}", gain_db=gain_db.astype(np.float32).tobytes())
    return _with_path(changed, path.astype(np.float32))


def _with_path(note: UserNote, path: Floats) -> UserNote:
    return replace(note, z=np.ascontiguousarray(path, np.float32).tobytes())
