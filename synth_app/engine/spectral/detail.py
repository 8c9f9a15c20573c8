"""Detail: the corrections of the recordings that a voice plays, added to decoded frames (compiled).

A note's correction was fitted at its recording's key. At another key its levels belong in part to the partials and in
part to the frequencies of the recording: resonances of a body stay, the balance of the partials moves along. So both
are read, and their mean is used. The farther the other key, the less the recording says about it, so the levels fade.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile.correction import MAX_SHAPES
from synth_app.modelfile.noise_share import BANDS
from synth_app.support.kernels import internal_fast, public_fast

Float32s = NDArray[np.float32]
PARTS = 4  # recordings that a voice mixes: two in slot A, two in slot B
ROWS = 2 + MAX_SHAPES
SOFT = ROWS - 1  # the row of the shape of soft strokes
NOISE = ROWS  # the weights' columns from here on are shares of noise in dB
COLUMNS = ROWS + BANDS
_f = np.float32
_SAME_PITCH = 0.01  # semitones
# Interval at which a correction has faded to 1/e. On held-out notes 12 to 20 give the same least error, 4 % below none.
_KEPT_SEMITONES = 14.0


class DetailTables(NamedTuple):
    """The corrections of the recordings in both slots.

    Attributes:
        shapes_db: float32 [recordings, ROWS, bins], mean and shapes; the last row is that of soft strokes.
        rows: int64 [recordings], rows of mean and shapes in use; 0: no correction.
        pitch: float32 [recordings], MIDI.
        noise: int64 [recordings], 1 where the share of noise is known, else 0.
    """

    shapes_db: Float32s
    rows: NDArray[np.int64]
    pitch: Float32s
    noise: NDArray[np.int64]


class DetailState(NamedTuple):
    """Level differences in dB of every voice, float32 [voices, bins]: the last ones, and those frozen at a change."""

    now: Float32s
    before: Float32s


class DetailScratch(NamedTuple):
    """Work arrays for one frame, float32 [bins]."""

    fitted: Float32s
    moved: Float32s


class PartWeights(NamedTuple):
    """How much of which corrections a frame gets.

    Attributes:
        recording: int64 [PARTS], rows of the tables.
        weights: float32 [PARTS, COLUMNS], of the correction's rows; a first weight of 0 leaves a part out.
    """

    recording: NDArray[np.int64]
    weights: Float32s


class DetailContext(NamedTuple):
    """What the kernel needs beside a voice's frame."""

    tables: DetailTables
    state: DetailState
    scratch: DetailScratch


def new_tables(recordings: int, bins: int) -> DetailTables:
    """Return tables without corrections."""
    f32, counts = np.float32, np.zeros((2, recordings), np.int64)
    return DetailTables(np.zeros((recordings, ROWS, bins), f32), counts[0], np.zeros(recordings, f32), counts[1])


def new_detail(voices: int, bins: int) -> DetailContext:
    """Return tables without corrections, and the state of ``voices`` voices."""
    f32 = np.float32
    return DetailContext(
        new_tables(1, bins),
        DetailState(np.zeros((voices, bins), f32), np.zeros((voices, bins), f32)),
        DetailScratch(np.zeros(bins, f32), np.zeros(bins, f32)),
    )


@internal_fast
def _combine(shapes_db: Float32s, weights: Float32s, rows: int, out: Float32s) -> None:
    """Write the weighted sum of shapes [rows, bins] to ``out``."""
    n = out.shape[0]
    w = weights[0]
    for k in range(n):
        out[k] = w * shapes_db[0, k]
    for i in range(1, rows + 1):
        row = i if i < rows else SOFT
        w = weights[row]
        if w != _f(0.0):
            for k in range(n):
                out[k] += w * shapes_db[row, k]


@internal_fast
def _read(levels: Float32s, position: np.float32) -> np.float32:
    """Interpolate levels at a position in bins."""
    x = min(max(position, _f(0.0)), _f(levels.shape[0] - 1.001))
    i = int(x)
    return levels[i] + (x - _f(i)) * (levels[i + 1] - levels[i])


@public_fast
def add_moved(levels: Float32s, spacing: float, new_spacing: float, out: Float32s) -> None:
    """Add level differences to ``out`` at another key, half by harmonic number and half by frequency, faded.

    Args:
        levels: float32 [bins], at a key with ``spacing`` bins between partials.
        spacing, new_spacing: bins.
        out: float32 [bins], at the key with ``new_spacing``.
    """
    n, half = out.shape[0], _f(0.5 * min(spacing, new_spacing))
    last, interval = int(n / new_spacing + 0.5) + 1, 12.0 * abs(math.log2(new_spacing / spacing))
    of_each = _f(0.5 * math.exp(-interval / _KEPT_SEMITONES))
    start = 0
    for harmonic in range(1, last + 1):
        center = _f(harmonic * new_spacing)
        stop = min(int(np.ceil((harmonic + 0.5) * new_spacing)), n)
        by_number = _f(harmonic * spacing)
        by_frequency = _f(max(np.floor(harmonic * new_spacing / spacing + 0.5), 1.0) * spacing)
        for k in range(start, stop):
            beside = min(max(_f(k) - center, -half), half)  # the shape of a lobe does not depend on the key
            out[k] += of_each * (_read(levels, by_number + beside) + _read(levels, by_frequency + beside))
        start = stop


@public_fast
def combined_levels(
    tables: DetailTables, parts: PartWeights, pitch: float, spacing: float, fitted: Float32s, out: Float32s
) -> None:
    """Write the level differences of the corrections of all parts to ``out``.

    Args:
        tables: of the recordings.
        parts: recordings and weights.
        pitch: MIDI, that the frame is decoded at. spacing: bins between its partials.
        fitted: float32 [bins], scratch.
        out: float32 [bins], dB.
    """
    out[:] = _f(0.0)
    for part in range(parts.recording.shape[0]):
        weights, row = parts.weights[part], parts.recording[part]
        if weights[0] == _f(0.0) or tables.rows[row] == 0:
            continue
        _combine(tables.shapes_db[row], weights, tables.rows[row], fitted)
        interval = tables.pitch[row] - pitch
        if abs(interval) < _SAME_PITCH:
            for k in range(out.shape[0]):
                out[k] += fitted[k]
        else:
            add_moved(fitted, spacing * 2.0 ** (interval / 12.0), spacing, out)


@internal_fast
def add_detail(
    shape_db: Float32s, v: int, parts: PartWeights, blend: np.float32, pitch: float, spacing: float,
    context: DetailContext,
) -> None:  # fmt: skip
    """Add the corrections to a voice's frame.

    Args:
        shape_db: float32 [bins], decoded frame in dB, its maximum at 0 dB; changed in place.
        v: index of the voice.
        parts: recordings and weights.
        blend: weight of the level differences from before a sudden change; 1 in the first frame after it.
        pitch, spacing: as for ``combined_levels``.
        context: tables, state and scratch.
    """
    state, moved = context.state, context.scratch.moved
    now, before = state.now[v], state.before[v]
    if blend >= _f(1.0):
        before[:] = now
    combined_levels(context.tables, parts, pitch, spacing, context.scratch.fitted, moved)
    for k in range(now.shape[0]):
        level = moved[k] + blend * (before[k] - moved[k])
        now[k] = level
        shape_db[k] += level
