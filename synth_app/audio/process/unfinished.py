"""Recordings that a crash has cut off: hidden files beside their targets, which the next start finishes."""

import os
import re
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.support.files import reason

_NAME = re.compile(r"^\.(?P<stem>.+)\.(?P<pid>\d+)\.recording$")
_HEADER_BYTES = 12
_FRAMES_CHUNK, _DATA_CHUNK = b"fact", b"data"


def unfinished_path(target: Path) -> Path:
    """Return the name of a recording while it is made. It names this process, so that only a dead one's is finished."""
    return target.with_name(f".{target.stem}.{os.getpid()}.recording")


def find_unfinished(folder: Path) -> list[Path]:
    """Return the recordings in a folder whose process has ended, oldest name first."""
    if not folder.is_dir():
        return []
    found = ((path, _NAME.match(path.name)) for path in sorted(folder.iterdir()))
    return [path for path, match in found if match and path.is_file() and not _is_open(path, int(match["pid"]))]


def finish_recording(path: Path) -> tuple[Path, float] | None:
    """Complete the header of a recording that was cut off, and give it its name.

    Args:
        path: from ``find_unfinished``.

    Returns:
        The file, and its length in s. None if it holds no sample: then it is deleted.

    Raises:
        UserError: the file cannot be read or renamed.
    """
    match = _NAME.match(path.name)
    assert match is not None
    try:
        with path.open("r+b") as file:
            frames = _complete_header(file)
            file.flush()
            os.fsync(file.fileno())
        if frames == 0:
            path.unlink()
            return None
        target = _free_name(path.with_name(f"{match['stem']} (recovered).wav"))
        path.rename(target)
    except OSError as error:
        raise UserError(f"a recording that was cut off cannot be saved: {path}: {reason(error)}") from error
    return target, frames / ENGINE_RATE


def _complete_header(file: BinaryIO) -> int:
    """Write the sizes that the file has into its header; return the number of whole frames, 0 for another file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(4) != b"RIFF" or size < _HEADER_BYTES:
        return 0
    position, frame_bytes, frames_at = _HEADER_BYTES, 0, 0
    while position + 8 <= size:
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            frame_bytes = struct.unpack("<HHIIH", file.read(14))[4]
        elif name == _FRAMES_CHUNK:
            frames_at = position + 8
        elif name == _DATA_CHUNK and frame_bytes:
            return _write_sizes(file, position, frames_at, frame_bytes, size)
        position += 8 + length + length % 2
    return 0


def _write_sizes(file: BinaryIO, data_at: int, frames_at: int, frame_bytes: int, size: int) -> int:
    frames = (size - data_at - 8) // frame_bytes
    end = data_at + 8 + frames * frame_bytes
    fields = [(4, end - 8), (data_at + 4, frames * frame_bytes)]
    if frames_at:
        fields.append((frames_at, frames))
    file.truncate(end)
    for position, value in fields:
        file.seek(position)
        file.write(struct.pack("<I", value))
    return frames


def _free_name(path: Path) -> Path:
    numbered = (path.with_name(f"{path.stem} {i}{path.suffix}") for i in range(2, 10_000))
    return path if not path.exists() else next(each for each in numbered if not each.exists())


def _is_open(path: Path, pid: int) -> bool:
    """Return whether the process with that number still records."""
    if sys.platform == "win32":
        try:
            path.rename(path)  # fails while the file is open
        except OSError:
            return True
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs as another user
        return True
    return True
