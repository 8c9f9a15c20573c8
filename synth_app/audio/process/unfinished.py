"""Recordings that a crash has cut off: hidden files beside their targets, which the next start finishes.

A program that records holds a lock on its file. The system ends the lock with the program, however that ends. The
number of the process in the name only tells files apart: after a restart of the computer any other process may have it.
"""

import contextlib
import errno
import os
import re
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError
from synth_app.support.file_names import free_path
from synth_app.support.files import reason

if sys.platform != "win32":
    import fcntl

_NAME = re.compile(r"^\.(?P<stem>.+)\.(?P<pid>\d+)\.recording$")
_HEADER_BYTES = 12
_MOST_HEADER_BYTES = 512  # of the recorder's files, whose header has 44 to 80 bytes
_FORMAT = struct.Struct("<HHIIH")  # kind, channels, rate, bytes per second, bytes per frame
_FRAMES_CHUNK, _DATA_CHUNK = b"fact", b"data"


def unfinished_path(target: Path) -> Path:
    """Return the name of a recording while it is made."""
    return target.with_name(f".{target.stem}.{os.getpid()}.recording")


def lock_recording(handle: int) -> None:
    """Mark an open file as a recording that goes on, until the file is closed. Windows renames no open file anyway."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # a file system without locks: the number of the process has to do
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def find_unfinished(folder: Path) -> list[Path]:
    """Return the recordings in a folder whose program has ended, in the order of their names."""
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
        UserError: the file cannot be read or renamed, or its header is lost; the file stays.
    """
    match = _NAME.match(path.name)
    assert match is not None
    try:
        with path.open("r+b") as file:
            found = _complete_header(file)
            file.flush()
            os.fsync(file.fileno())
        if found is None:
            kept = free_path(path.with_name(f"{match['stem']} (without header).raw"))
            path.rename(kept)
            raise UserError(
                f"the header of a recording that was cut off is lost; the file is kept as {kept}: an audio editor can "
                f"import it as raw samples, 24-bit PCM, stereo, {ENGINE_RATE} Hz"
            )
        frames, rate = found
        if frames == 0:
            path.unlink()
            return None
        target = free_path(path.with_name(f"{match['stem']} (recovered).wav"))
        path.rename(target)
    except OSError as error:
        raise UserError(f"a recording that was cut off cannot be saved: {path}: {reason(error)}") from error
    return target, frames / max(rate, 1)


def _complete_header(file: BinaryIO) -> tuple[int, int] | None:
    """Write the sizes that the file has into its header.

    Returns:
        The number of whole frames, 0 if the file ends with its header, and their rate in Hz. None if there are samples
        without a header, as after a power failure, or if the file is none of ours.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    lost = (0, ENGINE_RATE) if size < _MOST_HEADER_BYTES else None
    if file.read(4) != b"RIFF":
        return lost
    position, frame_bytes, frames_at, rate = _HEADER_BYTES, 0, 0, ENGINE_RATE
    while position + 8 <= min(size, _MOST_HEADER_BYTES):
        file.seek(position)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt " and position + 8 + _FORMAT.size <= size:
            _, _, rate, _, frame_bytes = _FORMAT.unpack(file.read(_FORMAT.size))
        elif name == _FRAMES_CHUNK:
            frames_at = position + 8
        elif name == _DATA_CHUNK and frame_bytes:
            return _write_sizes(file, position, frames_at, frame_bytes, size), rate
        position += 8 + length + length % 2
    return lost


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


def _is_open(path: Path, pid: int) -> bool:
    """Return whether a program still records into the file; ``pid`` counts where files cannot be locked."""
    if sys.platform == "win32":
        try:
            path.rename(path)  # fails while the file is open
        except OSError:
            return True
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EACCES) or _is_alive(pid)
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs as another user
        return True
    return True
