"""Files of a region: CSV tables, and WAV of its sound."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.export.wav import WAV
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.ui.analyzers.spectral import Array

_WAV_BITS = 32


def write_csv(path: Path, head: Sequence[str], rows: NDArray[np.floating]) -> None:
    """Write a table.

    Args:
        path: of the file.
        head: names of the columns, with their units.
        rows: float [rows, columns].

    Raises:
        UserError: there are no rows.
    """
    if not len(rows):
        raise UserError("the region is empty; move its ends apart")
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(head)
        table.writerows([[f"{value:.9g}" for value in row] for row in rows.tolist()])


def write_wav(path: Path, samples: Array) -> None:
    """Write sound, float32 [frames, 2] at the engine's rate, as 32-bit float.

    Raises:
        UserError: there are no samples.
    """
    if not len(samples):
        raise UserError("the region is empty; move its ends apart")
    WAV.write(path, (np.ascontiguousarray(samples),), ENGINE_RATE, _WAV_BITS)
