"""Weights of the corrections along the latent paths of the recordings in both slots (compiled)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import COLUMNS, NOISE, SOFT, DetailTables, new_tables
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.modelfile import BankNote
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.soft_shape import VELOCITY_SPAN, unpack_soft
from synth_app.support.kernels import inlined

Float32s = NDArray[np.float32]
_f = np.float32
_SOFTER_RANGE = (-0.4, 1.0)  # times the shape of a soft stroke: what recordings at a few velocities can tell


class DetailPaths(NamedTuple):
    """Weights of the corrections' rows, along the notes.

    Attributes:
        weights: float32 [frames, COLUMNS], of all recordings' frames, which lie as in the packed bank; the last columns
            are the shares of noise in dB.
        center: float32 [recordings, COLUMNS], their means over the loops.
        velocity: float32 [recordings], 0-1.
    """

    weights: Float32s
    center: Float32s
    velocity: Float32s


def pack_corrections(notes: tuple[BankNote, ...], bank: PackedBank, bins: int) -> tuple[DetailPaths, DetailTables]:
    """Pack the corrections of recordings; one without a correction, or of other frames, gets none.

    Args:
        notes: the recordings. bank: the same, packed.
        bins: of a frame.
    """
    f32, count = np.float32, len(notes)
    weights, velocity = np.zeros((len(bank.z), COLUMNS), f32), np.ones(count, f32)
    paths, tables = DetailPaths(weights, np.zeros((count, COLUMNS), f32), velocity), new_tables(count, bins)
    for row, note in enumerate(notes):
        if note.correction is not None and note.correction.bins >= bins:
            _pack(paths, tables, row, note, note.correction, int(bank.start[row]))
    tables.pitch[:] = bank.pitch
    return paths, tables


def _pack(
    paths: DetailPaths, tables: DetailTables, row: int, note: BankNote, correction: Correction, first: int
) -> None:
    """Write a note's correction into a row of the tables, and its weights from the frame ``first`` on."""
    bins, shapes = tables.shapes_db.shape[2], correction.shapes_db()
    tables.shapes_db[row, : len(shapes)] = shapes[:, :bins]
    tables.rows[row], tables.noise[row] = len(shapes), bool(correction.noise)
    if correction.soft:
        tables.shapes_db[row, SOFT] = unpack_soft(correction.soft, correction.bins)[:bins]
    paths.velocity[row] = correction.velocity / 127.0
    weights = _weights(correction, len(note.z))
    paths.weights[first : first + len(weights)] = weights
    loop = weights[note.marks.loop_start : note.marks.loop_end]
    paths.center[row] = loop.mean(axis=0) if len(loop) else weights[-1]


def _weights(correction: Correction, frames: int) -> Float32s:
    """Return the columns of a path's frames, float32 [frames, COLUMNS]."""
    at = np.arange(frames)
    columns = np.zeros((frames, COLUMNS), np.float32)
    moving = correction.weights_at(at, frames)
    columns[:, : moving.shape[1]] = moving
    columns[:, SOFT] = bool(correction.soft)
    if correction.noise:
        columns[:, NOISE:] = correction.noise_db(at, frames)
    return columns


@inlined
def softness(paths: DetailPaths, row: int, velocity: float) -> float:
    """The weight of the shape of soft strokes at a velocity, 0-1; 0 at that of the recording."""
    softer = (paths.velocity[row] - velocity) * (127.0 / VELOCITY_SPAN)
    return min(max(softer, _SOFTER_RANGE[0]), _SOFTER_RANGE[1])


class DetailPoint(NamedTuple):
    """Where the weights of a recording are read.

    Attributes:
        row: of the bank. first, last: its first and last frame in ``DetailPaths.weights``.
        position: frames from its start.
    """

    row: int
    first: int
    last: int
    position: float


@inlined
def read_detail(
    paths: DetailPaths, point: DetailPoint, motion: float, amount: float, velocity: float, out: Float32s
) -> None:
    """Write ``amount`` times the weights at a point to ``out`` [COLUMNS].

    The weights follow ``motion`` as the latent path does; the shape of soft strokes follows ``velocity``, 0-1.
    """
    whole = int(point.position)
    i = min(point.first + whole, point.last)
    j = min(i + 1, point.last)
    fraction, along, scale = _f(point.position - whole), _f(motion), _f(amount)
    for row in range(COLUMNS):
        here = paths.weights[i, row]
        moving = here + fraction * (paths.weights[j, row] - here)
        center = paths.center[point.row, row]
        out[row] = scale * (center + along * (moving - center))
    out[SOFT] *= _f(softness(paths, point.row, velocity))
