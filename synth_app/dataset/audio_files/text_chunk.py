"""Text inside audio files, which other programs ignore: a chunk of a WAV file, an application block of a FLAC file.

WAV: Multimedia Programming Interface and Data Specifications 1.0 (IBM, Microsoft 1991). FLAC: RFC 9639, section 8.4.
"""

import os
import shutil
import struct
from pathlib import Path
from typing import BinaryIO

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, open_regular, shown

NAME = b"syap"  # of the chunk, and of the application in FLAC
MAX_TEXT_BYTES = 2**23  # a patch has about 10 KB, with sounds of 16 long recordings in both slots 5 MB
_MAX_PARTS = 1_000  # chunks or blocks of a file that are looked at
_RIFF_HEADER, _CHUNK_HEADER, _FLAC_HEADER, _BLOCK_HEADER = 12, 8, 4, 4
_LAST, _APPLICATION = 0x80, 2  # of a FLAC block's first byte
_MAX_RIFF_BYTES = 2**32 - 1


def can_hold_text(path: Path) -> bool:
    """Return whether a file is of a format that can hold a text. Raises OSError."""
    with open_regular(path) as stream:
        return _kind(stream) != ""


def add_text(path: Path, text: str) -> bool:
    """Add a text to an audio file that holds none. Its samples stay as they are.

    The new bytes are in the file before the header counts them, so a crash leaves a file that can be played.

    Args:
        path: of a WAV or FLAC file.
        text: to add.

    Returns:
        whether it was added; False for another format, or where text or file would get too large for it.

    Raises:
        OSError: the file cannot be read or written.
    """
    data = text.encode()
    if len(data) > MAX_TEXT_BYTES:
        return False
    with path.open("r+b") as stream:
        kind = _kind(stream)
        if kind == "wav":
            return _append_chunk(stream, data)
    if kind == "flac":
        _insert_block(path, data)
        return True
    return False


def read_text(path: Path) -> str | None:
    """Return the text that ``add_text`` added to an audio file; None if it has none.

    Raises:
        UserError: the file is missing, or the text is damaged or too large.
    """
    with loading(path, "an audio file with a patch", "choose another file"), open_regular(path) as stream:
        kind = _kind(stream)
        found = _find_chunk(stream) if kind == "wav" else _find_block(stream) if kind == "flac" else None
        if found is None:
            return None
        start, size = found
        if size > MAX_TEXT_BYTES:
            raise UserError(f"{shown(path)} holds a patch of {size} bytes; the limit is {MAX_TEXT_BYTES}")
        stream.seek(start)
        data = stream.read(size)
        if len(data) != size:
            raise UserError(f"{shown(path)} is truncated: its patch is incomplete; copy the file again")
        return data.decode("utf-8")


def _kind(stream: BinaryIO) -> str:
    stream.seek(0)
    header = stream.read(_RIFF_HEADER)
    if header[:4] == b"RIFF" and header[8:] == b"WAVE":
        return "wav"
    return "flac" if header[:4] == b"fLaC" else ""


def _append_chunk(stream: BinaryIO, data: bytes) -> bool:
    end = stream.seek(0, os.SEEK_END)
    chunk = bytes(end % 2) + NAME + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    size = end + len(chunk) - 8
    if size > _MAX_RIFF_BYTES:
        return False
    stream.write(chunk)
    stream.flush()
    os.fsync(stream.fileno())
    stream.seek(4)
    stream.write(struct.pack("<I", size))
    return True


def _find_chunk(stream: BinaryIO) -> tuple[int, int] | None:
    """Return position and size of the text in a WAV file."""
    at = _RIFF_HEADER
    for _ in range(_MAX_PARTS):
        stream.seek(at)
        header = stream.read(_CHUNK_HEADER)
        if len(header) < _CHUNK_HEADER:
            return None
        name, size = struct.unpack("<4sI", header)
        if name == NAME:
            return at + _CHUNK_HEADER, size
        at += _CHUNK_HEADER + size + size % 2
    return None


def _insert_block(path: Path, data: bytes) -> None:
    """Insert an application block behind the first block of a FLAC file."""
    with atomic_path(path) as temporary, path.open("rb") as source, temporary.open("wb") as target:
        source.seek(_FLAC_HEADER)
        first = source.read(_BLOCK_HEADER)
        info = source.read(int.from_bytes(first[1:], "big"))
        flags = bytes([first[0] & _LAST | _APPLICATION])
        target.write(b"fLaC" + bytes([first[0] & ~_LAST]) + first[1:] + info)
        target.write(flags + (len(NAME) + len(data)).to_bytes(3, "big") + NAME + data)
        shutil.copyfileobj(source, target)


def _find_block(stream: BinaryIO) -> tuple[int, int] | None:
    """Return position and size of the text in a FLAC file."""
    at = _FLAC_HEADER
    for _ in range(_MAX_PARTS):
        stream.seek(at)
        header = stream.read(_BLOCK_HEADER)
        if len(header) < _BLOCK_HEADER:
            return None
        size = int.from_bytes(header[1:], "big")
        if header[0] & ~_LAST == _APPLICATION and size >= len(NAME) and stream.read(len(NAME)) == NAME:
            return at + _BLOCK_HEADER + len(NAME), size - len(NAME)
        if header[0] & _LAST:
            return None
        at += _BLOCK_HEADER + size
    return None
