"""Layouts of the RIFF family: WAV, RIFX (big-endian), RF64 and BW64 (64 bits), and W64."""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from synth_app.dataset.audio_files.layout import MAX_PARTS, Layout, SizeField, opened

_HEADER = 12
_W64_HEADER, _W64_CHUNK = 40, 24
_ESCAPE = 0xFFFF_FFFF  # a size in RF64 that stands in its ds64 chunk


def riff_layout(stream: BinaryIO, header: bytes) -> Layout | None:
    """Return the layout of a RIFF, RIFX, RF64 or BW64 file; None without audio data.

    Args:
        stream: the file.
        header: its first 12 bytes.
    """
    order = ">" if header[:4] == b"RIFX" else "<"
    riff_field = SizeField(4, f"{order}I")
    long_fields: tuple[SizeField, ...] = ()
    long_size = _ESCAPE
    for name, start, length in _chunks(stream, _HEADER, order):
        if name == b"ds64":
            stream.seek(start + 8)
            long_size = int.from_bytes(stream.read(8), "little")
            long_fields = (SizeField(start, "<Q"), SizeField(start + 8, "<Q"))
        if name == b"data":
            if long_fields and length == _ESCAPE:
                fields = (SizeField(long_fields[0].offset, "<Q", start - 8), long_fields[1])
                return Layout(start, opened(long_size), fields)
            fields = (SizeField(riff_field.offset, riff_field.form, start - 8), SizeField(start - 4, f"{order}I"))
            really_empty = length == 0 and _chunks_to_end(stream, start, order)
            return Layout(start, opened(length, zero_is_open=not really_empty), fields)
    return None


def w64_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a Sony Wave64 file; None without audio data."""
    at = _W64_HEADER
    for _ in range(MAX_PARTS):
        chunk = _read_at(stream, at, _W64_CHUNK)
        if len(chunk) < _W64_CHUNK:
            break
        size = int.from_bytes(chunk[16:], "little")
        if chunk[:4] == b"data":
            start = at + _W64_CHUNK
            fields = (SizeField(16, "<Q", start), SizeField(start - 8, "<Q", _W64_CHUNK))
            return Layout(start, None if size <= _W64_CHUNK else opened(size - _W64_CHUNK), fields)
        at += max(-(-size // 8) * 8, _W64_CHUNK)
    return None


def _chunks(stream: BinaryIO, at: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, offset of the content, size) of the chunks from offset ``at`` on."""
    for _ in range(MAX_PARTS):
        chunk = _read_at(stream, at, 8)
        if len(chunk) < 8:
            return
        name, size = struct.unpack(f"{order}4sI", chunk)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _chunks_to_end(stream: BinaryIO, at: int, order: str) -> bool:
    """Return whether nothing but whole chunks lies between ``at`` and the end of the file."""
    size = stream.seek(0, os.SEEK_END)
    for name, start, length in _chunks(stream, at, order):
        if not name.isascii() or not name.decode("ascii").isprintable():
            return False
        at = start + length + length % 2
    return size <= at <= size + 1


def _read_at(stream: BinaryIO, offset: int, count: int) -> bytes:
    stream.seek(offset)
    return stream.read(count)
