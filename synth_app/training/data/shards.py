"""One shard of a frame cache: float16 frames of some notes in an ``.npy`` file, and their numbers beside it as JSON."""

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, read_json

Half = NDArray[np.float16]
_MAX_JSON_BYTES = 2**16
_CHECKED_AT_ONCE = 4096  # frames


def write_shard(path: Path, units: Sequence[Half]) -> None:
    """Write the frames [counts, bins] of each note. The JSON file is written last: it marks the shard as complete."""
    frames = np.concatenate(units)
    with atomic_path(path) as temporary:
        np.save(temporary, frames, allow_pickle=False)
    counts = [len(unit) for unit in units]
    with atomic_path(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps({"counts": counts, "crc32": _checksum(frames)}), encoding="utf-8")


def is_whole(path: Path, notes: int, bins: int) -> bool:
    """Return whether a shard is complete and unchanged. It reads the whole shard."""
    if not path.with_suffix(".json").exists():
        return False
    try:
        if len(read_counts(path, bins)) != notes:
            return False
        with loading(path, "a frame cache", _advice(path)):
            description = read_json(path.with_suffix(".json"), _MAX_JSON_BYTES)
            return isinstance(description, dict) and description.get("crc32") == _checksum(read_units(path, bins))
    except UserError:
        return False


def read_counts(path: Path, bins: int) -> list[int]:
    """Return the number of frames of each note in a shard.

    Raises:
        UserError: a file is missing or damaged, or the shard has another number of frames.
    """
    with loading(path, "a frame cache", _advice(path)):
        description = read_json(path.with_suffix(".json"), _MAX_JSON_BYTES)
        counts = description["counts"] if isinstance(description, dict) else None
        if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
            raise TypeError("the numbers of its frames are missing")
        if sum(counts) != (found := len(read_units(path, bins))):
            raise ValueError(f"{sum(counts)} frames expected, {found} found")
        return counts


def read_units(path: Path, bins: int) -> Half:
    """Map a shard's frames into memory, float16 [frames, bins].

    Raises:
        UserError: the file is missing, or holds something else.
    """
    with loading(path, "a frame cache", _advice(path)):
        units: Half = np.lib.format.open_memmap(path, mode="r")
        if units.dtype != np.float16 or units.ndim != 2 or units.shape[1] != bins:
            raise ValueError(f"it holds {units.dtype} {units.shape}")
        return units


def _checksum(frames: Half) -> int:
    value = 0
    for start in range(0, len(frames), _CHECKED_AT_ONCE):
        value = zlib.crc32(np.ascontiguousarray(frames[start : start + _CHECKED_AT_ONCE]).data.cast("B"), value)
    return value


def _advice(path: Path) -> str:
    return f"delete the folder {path.parent}"
