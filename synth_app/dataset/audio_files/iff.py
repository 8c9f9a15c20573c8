"""Layouts of the IFF family (AIFF, AIFC, 8SVX, 16SV) and of Apple's CAF."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from synth_app.dataset.audio_files.layout import MAX_PARTS, PLACEHOLDER, Layout, SizeField, opened

_FORM_HEADER, _CAF_HEADER = 12, 8
_SSND_HEADER = 8  # offset and block size, in front of the samples
_PCM_CODECS = frozenset({b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"})


def iff_layout(stream: BinaryIO, header: bytes) -> Layout | None:
    """Return the layout of an IFF file with audio; None without audio data.

    Args:
        stream: the file.
        header: its first 12 bytes.
    """
    frames: tuple[SizeField, ...] = ()
    open_frames = False
    for name, start, size in _chunks(stream, _FORM_HEADER, ">4sI"):
        if name == b"COMM":
            frames, open_frames = _frames_field(stream, start)
        if name in (b"SSND", b"BODY"):
            own = _SSND_HEADER if name == b"SSND" else 0
            begin = start + own
            fields = (SizeField(4, ">I", begin - 8), SizeField(start - 4, ">I", own), *frames)
            promised = None if open_frames or size <= own or opened(size) is None else size - own
            return Layout(begin, promised, fields)
    return None


def caf_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a CAF file; None without audio data."""
    for name, start, size in _chunks(stream, _CAF_HEADER, ">4sq"):
        if name == b"data":
            edits = 4  # the edit count in front of the samples
            fields = (SizeField(start - 8, ">q", edits),)
            return Layout(start + edits, opened(size - edits) if size > edits else None, fields)
        if size < 0:
            return None
    return None


def _frames_field(stream: BinaryIO, start: int) -> tuple[tuple[SizeField, ...], bool]:
    """Return the field of the number of frames in a COMM chunk, if a frame has a fixed size, and whether it is open."""
    stream.seek(start)
    comm = stream.read(22)
    if len(comm) < 18:
        return (), False
    channels, frames, bits = struct.unpack(">hIh", comm[:8])
    unit = channels * -(-bits // 8)
    if unit <= 0 or (len(comm) == 22 and comm[18:22].isalnum() and comm[18:22] not in _PCM_CODECS):
        return (), False
    return (SizeField(start + 2, ">I", 0, unit),), frames == 0 or frames * unit >= PLACEHOLDER


def _chunks(stream: BinaryIO, at: int, form: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield (name, offset of the content, size) of the chunks from offset ``at`` on; chunks of IFF are padded."""
    head = struct.calcsize(form)
    for _ in range(MAX_PARTS):
        stream.seek(at)
        chunk = stream.read(head)
        if len(chunk) < head:
            return
        name, size = struct.unpack(form, chunk)
        yield name, at + head, size
        at += head + max(size, 0) + (size % 2 if form == ">4sI" else 0)
