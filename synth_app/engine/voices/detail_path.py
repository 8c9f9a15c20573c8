"""Weights of the corrections along the latent paths of slot A and B (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import ROWS, DetailTables
from synth_app.modelfile import BankNote
from synth_app.patch.user_note import MAX_PATH_FRAMES
from synth_app.support.kernels import inlined

Float32s = NDArray[np.float32]
_f = np.float32


class DetailPaths(NamedTuple):
    """Weights of the corrections' rows, along the notes.

    Attributes:
        weights: float32 [2, MAX_PATH_FRAMES, ROWS], of slot A and B at every frame.
        center: float32 [2, ROWS], their means over the loops.
    """

    weights: Float32s
    center: Float32s


def new_detail_paths() -> DetailPaths:
    """Return weights of 0."""
    return DetailPaths(np.zeros((2, MAX_PATH_FRAMES, ROWS), np.float32), np.zeros((2, ROWS), np.float32))


def set_correction(paths: DetailPaths, tables: DetailTables, slot: int, note: BankNote, pitch: float) -> None:
    """Write a note's correction into the rows of a slot; a note without one, or of other frames, gets none."""
    correction, bins = note.correction, tables.shapes_db.shape[2]
    if correction is None or correction.bins < bins:
        tables.rows[slot] = 0
        return
    shapes = correction.shapes_db()
    count, length = len(shapes), min(len(note.z), MAX_PATH_FRAMES)
    weights = correction.weights_at(np.arange(length), len(note.z))
    tables.shapes_db[slot, :count] = shapes[:, :bins]
    tables.rows[slot], tables.pitch[slot] = count, pitch
    paths.weights[slot, :length, :count] = weights
    paths.weights[slot, length:, :count] = weights[-1]
    loop = slice(note.marks.loop_start, note.marks.loop_end)
    paths.center[slot, :count] = weights[loop].mean(axis=0) if len(weights[loop]) else weights[-1]


@inlined
def read_detail(
    paths: DetailPaths, slot: int, rows: int, position: float, motion: float, amount: float, out: Float32s
) -> None:
    """Write ``amount`` times the weights at a position, in frames from the note's start, to ``out`` [ROWS].

    The weights follow ``motion`` as the latent path does.
    """
    i = min(int(position), paths.weights.shape[1] - 2)
    fraction, along, scale = _f(position - i), _f(motion), _f(amount)
    for row in range(rows):
        here = paths.weights[slot, i, row]
        moving = here + fraction * (paths.weights[slot, i + 1, row] - here)
        center = paths.center[slot, row]
        out[row] = scale * (center + along * (moving - center))
