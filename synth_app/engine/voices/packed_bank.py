"""A note bank packed into flat arrays that compiled kernels read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, note_center

# A loop whose level falls slower than this is a held tone, not a decaying one: it loops at a constant level.
STEADY_SLOPE_DB_PER_S = 1.0


class PackedBank(NamedTuple):
    """All notes of a bank, end to end.

    Attributes:
        z: float32 [frames, latent].
        gain_db: float32 [frames].
        start, length: int64 [notes], position and length of each note in these arrays.
        attack_end, loop_start, loop_end, release_start: int64 [notes], frames from its start.
        slope_db: float32 [notes], gain change per frame within the loop, never above 0.
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
    center_z: NDArray[np.float32]
    center_db: NDArray[np.float32]
    pitch: NDArray[np.float32]


def pack_bank(bank: tuple[BankNote, ...], frames_per_second: float) -> PackedBank:
    """Pack at least one note; ``frames_per_second`` is the model's own frame rate in Hz."""
    lengths = np.array([len(note.z) for note in bank], np.int64)
    centers = [note_center(note) for note in bank]
    return PackedBank(
        z=np.ascontiguousarray(np.concatenate([note.z for note in bank]), np.float32),
        gain_db=np.ascontiguousarray(np.concatenate([note.gain_db for note in bank]), np.float32),
        start=np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64),
        length=lengths,
        attack_end=_mark(bank, "attack_end"),
        loop_start=_mark(bank, "loop_start"),
        loop_end=np.minimum(_mark(bank, "loop_end"), lengths - 1),
        release_start=np.minimum(_mark(bank, "release_start"), lengths - 1),
        slope_db=np.array([_loop_slope(note, frames_per_second) for note in bank], np.float32),
        center_z=np.array([z for z, _ in centers], np.float32),
        center_db=np.array([gain for _, gain in centers], np.float32),
        pitch=np.array([note.pitch for note in bank], np.float32),
    )


def _mark(bank: tuple[BankNote, ...], name: str) -> NDArray[np.int64]:
    return np.array([getattr(note.marks, name) for note in bank], np.int64)


def _loop_slope(note: BankNote, frames_per_second: float) -> float:
    """Least-squares slope of the loop's gain in dB per frame, 0 for a tone that holds or swells."""
    gain = note.gain_db[note.marks.loop_start : note.marks.loop_end].astype(np.float64)
    if len(gain) < 3:
        return 0.0
    x = np.arange(len(gain)) - (len(gain) - 1) / 2
    slope = float(x @ gain / (x @ x))
    return slope if slope * frames_per_second < -STEADY_SLOPE_DB_PER_S else 0.0
