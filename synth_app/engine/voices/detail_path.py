"""Weights of the corrections along the latent paths of slot A and B (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import COLUMNS, NOISE, SOFT, DetailTables
from synth_app.modelfile import BankNote
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.soft_shape import VELOCITY_SPAN, unpack_soft
from synth_app.patch.user_note import MAX_PATH_FRAMES
from synth_app.support.kernels import inlined

Float32s = NDArray[np.float32]
_f = np.float32
_SOFTER_RANGE = (-0.4, 1.0)  # times the shape of a soft stroke: what recordings at a few velocities can tell


class DetailPaths(NamedTuple):
    """Weights of the corrections' rows, along the notes.

    Attributes:
        weights: float32 [2, MAX_PATH_FRAMES, COLUMNS], of slot A and B at every frame; the last columns are the shares
            of noise in dB.
        center: float32 [2, COLUMNS], their means over the loops.
        velocity: float32 [2], 0-1, of the recordings.
    """

    weights: Float32s
    center: Float32s
    velocity: Float32s


def new_detail_paths() -> DetailPaths:
    """Return weights of 0."""
    f32 = np.float32
    return DetailPaths(np.zeros((2, MAX_PATH_FRAMES, COLUMNS), f32), np.zeros((2, COLUMNS), f32), np.ones(2, f32))


def set_correction(paths: DetailPaths, tables: DetailTables, slot: int, note: BankNote, pitch: float) -> None:
    """Write a note's correction into the rows of a slot; a note without one, or of other frames, gets none."""
    correction, bins = note.correction, tables.shapes_db.shape[2]
    if correction is None or correction.bins < bins:
        tables.rows[slot] = tables.noise[slot] = 0
        return
    shapes = correction.shapes_db()
    count, length = len(shapes), min(len(note.z), MAX_PATH_FRAMES)
    tables.shapes_db[slot, :count] = shapes[:, :bins]
    tables.rows[slot], tables.pitch[slot], tables.noise[slot] = count, pitch, bool(correction.noise)
    if correction.soft:
        tables.shapes_db[slot, SOFT] = unpack_soft(correction.soft, correction.bins)[:bins]
    paths.velocity[slot] = correction.velocity / 127.0
    weights = _weights(correction, length, len(note.z))
    paths.weights[slot, :length] = weights
    paths.weights[slot, length:] = weights[-1]
    loop = slice(note.marks.loop_start, note.marks.loop_end)
    paths.center[slot] = weights[loop].mean(axis=0) if len(weights[loop]) else weights[-1]


def _weights(correction: Correction, length: int, frames: int) -> Float32s:
    """Return the columns of a path's first ``length`` of all its frames, float32 [length, COLUMNS]."""
    at = np.arange(length)
    columns = np.zeros((length, COLUMNS), np.float32)
    moving = correction.weights_at(at, frames)
    columns[:, : moving.shape[1]] = moving
    columns[:, SOFT] = bool(correction.soft)
    if correction.noise:
        columns[:, NOISE:] = correction.noise_db(at, frames)
    return columns


@inlined
def softness(paths: DetailPaths, slot: int, velocity: float) -> float:
    """The weight of the shape of soft strokes at a velocity, 0-1; 0 at that of the recording."""
    softer = (paths.velocity[slot] - velocity) * (127.0 / VELOCITY_SPAN)
    return min(max(softer, _SOFTER_RANGE[0]), _SOFTER_RANGE[1])


@inlined
def read_detail(
    paths: DetailPaths, slot: int, position: float, motion: float, amount: float, velocity: float, out: Float32s
) -> None:
    """Write ``amount`` times the weights at a position, in frames from the note's start, to ``out`` [COLUMNS].

    The weights follow ``motion`` as the latent path does; the shape of soft strokes follows ``velocity``, 0-1.
    """
    i = min(int(position), paths.weights.shape[1] - 2)
    fraction, along, scale = _f(position - i), _f(motion), _f(amount)
    for row in range(COLUMNS):
        here = paths.weights[slot, i, row]
        moving = here + fraction * (paths.weights[slot, i + 1, row] - here)
        center = paths.center[slot, row]
        out[row] = scale * (center + along * (moving - center))
    out[SOFT] *= _f(softness(paths, slot, velocity))
