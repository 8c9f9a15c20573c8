"""A note bank packed into flat arrays that compiled kernels read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, held_loop

STEADY_SLOPE_DB_PER_S = 0.3  # a slower fall is a held tone: it stays at its level
_SETTLED_S = 0.3  # the attack and the first fall say little about what follows a recording of seconds
_UNEVEN_DB = 2.0  # deviation from a straight fall at which half of its slope is trusted
_FEWEST_FRAMES = 3
_SUMMED_NOTES = 8  # 2,500 frames, 0.05 ms


class PackedBank(NamedTuple):
    """All notes of a bank, end to end.

    Attributes:
        z: float32 [frames, latent].
        gain_db: float32 [frames].
        start, length: int64 [notes], position and length of each note in these arrays.
        attack_end, loop_start, loop_end, release_start: int64 [notes], frames from the note's start; the loop is
            ``held_loop``.
        slope_db: float32 [notes], gain change per frame of a held note, never above 0.
        slope_z: float32 [notes, latent], change of the latent vector per frame of a held note.
        center_z: float32 [notes, latent], center_db: float32 [notes], the mean over the loop.
        pitch: float32 [notes], MIDI.
    """

    z: NDArray[np.float32]
    gain_db: NDArray[np.float32]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    attack_end: NDArray[np.int64]
    loop_start: NDArray[np.int64]
    loop_end: NDArray[np.int64]
    release_start: NDArray[np.int64]
    slope_db: NDArray[np.float32]
    slope_z: NDArray[np.float32]
    center_z: NDArray[np.float32]
    center_db: NDArray[np.float32]
    pitch: NDArray[np.float32]


def pack_bank(bank: tuple[BankNote, ...], frames_per_second: float) -> PackedBank:
    """Pack at least one note; ``frames_per_second`` is the model's own frame rate in Hz."""
    lengths = np.array([len(note.z) for note in bank], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    z = np.ascontiguousarray(np.concatenate([note.z for note in bank]), np.float32)
    gain_db = np.ascontiguousarray(np.concatenate([note.gain_db for note in bank]), np.float32)
    first, end = starts + _mark(bank, "loop_start"), starts + _mark(bank, "loop_end")
    loops = np.array([held_loop(note.marks, frames_per_second) for note in bank], np.int64)
    slopes = [held_slopes(note, frames_per_second) for note in bank]
    return PackedBank(
        z=z,
        gain_db=gain_db,
        start=starts,
        length=lengths,
        attack_end=_mark(bank, "attack_end"),
        loop_start=np.minimum(loops[:, 0], lengths - 1),
        loop_end=np.minimum(loops[:, 1], lengths - 1),
        release_start=np.minimum(_mark(bank, "release_start"), lengths - 1),
        slope_db=np.array([gain for gain, _ in slopes], np.float32),
        slope_z=np.array([z for _, z in slopes], np.float32),
        center_z=_means(z, first, end),
        center_db=_means(gain_db, first, end),
        pitch=np.array([note.pitch for note in bank], np.float32),
    )


def _means(values: NDArray[np.float32], first: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean of values [frames, ...] over each part from ``first`` to before ``end``, as ``note_center``.

    One call sums some notes, because 361 calls are slow; but not all of them, because it holds the interpreter.
    """
    sums = np.empty((len(first), *values.shape[1:]), np.float32)
    for i in range(0, len(first), _SUMMED_NOTES):
        some = slice(i, i + _SUMMED_NOTES)
        start = int(first[i])
        frames = values[start : int(end[some][-1])]
        parts = np.stack([first[some], end[some]], axis=1).ravel() - start
        sums[some] = np.add.reduceat(frames, parts[:-1], axis=0)[::2]  # the last part ends with the frames
    counts = (end - first).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(sums / counts, np.float32)


def _mark(bank: tuple[BankNote, ...], name: str) -> NDArray[np.int64]:
    return np.array([getattr(note.marks, name) for note in bank], np.int64)


def held_slopes(note: BankNote, frames_per_second: float) -> tuple[float, NDArray[np.float32]]:
    """Return how gain (dB) and latent vector [latent] of a held note change per frame beyond its recording.

    They are least-squares slopes of the recorded sustain. Few seconds say little about the next ones if they are not
    straight: a fall with beats is followed by a slower one. So the gain's slope is weighted by ``1 / (1 + (d / 2)^2)``,
    where d is the deviation from it in dB, and the latent vector's by the fraction of the variance that it explains.
    """
    start, end = held_loop(note.marks, frames_per_second)
    if not note.marks.own_loop:
        start = max(note.marks.attack_end, min(round(_SETTLED_S * frames_per_second), end // 3))
    gain = note.gain_db[start:end].astype(np.float64)
    if len(gain) < _FEWEST_FRAMES:
        return 0.0, np.zeros(note.z.shape[1], np.float32)
    slope, deviation = _line(gain)
    fall = min(float(slope), 0.0) / (1.0 + float(deviation / _UNEVEN_DB) ** 2)
    slope_z, deviation_z = _line(note.z[start:end].astype(np.float64))
    variance = note.z[start:end].astype(np.float64).var(axis=0)
    explained = 1.0 - deviation_z**2 / np.maximum(variance, 1e-12)
    steady = fall * frames_per_second > -STEADY_SLOPE_DB_PER_S
    return 0.0 if steady else fall, (slope_z * np.clip(explained, 0.0, 1.0)).astype(np.float32)


def _line(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return least-squares slope and standard deviation from it, per frame and column, of values [frames, ...]."""
    x = np.arange(len(values)) - (len(values) - 1) / 2
    slope = np.tensordot(x, values, 1) / (x @ x)
    rest = values - values.mean(axis=0) - np.multiply.outer(x, slope)
    return np.asarray(slope), np.asarray(rest.std(axis=0))
