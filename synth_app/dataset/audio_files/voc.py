"""Creative VOC files: a chain of blocks, of which libsndfile reads one."""

from collections.abc import Iterator
from typing import BinaryIO

from synth_app.dataset.audio_files.layout import MAX_PARTS, Layout

_END, _SOUND, _CONTINUED, _SILENCE, _NEW_SOUND = 0, 1, 2, 3, 9
_HEADERS = {_SOUND: 2, _NEW_SOUND: 12}  # bytes in front of the samples: rate, codec, channels
_MAX_BYTES = (1 << 24) - 1  # of a block


def voc_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a VOC file, from its first block to the end of its last one."""
    start = end = _first_block(stream)
    for kind, content, size in _blocks(stream, start):
        if kind == _END:
            return Layout(start, end - start)
        end = content + size
    return Layout(start, end - start, end_mark=b"\0")


def joined_voc(stream: BinaryIO) -> bytes | None:
    """Return a file with the samples of all blocks in one; None if there is only one block, or they do not fit."""
    start = _first_block(stream)
    kind, form, samples, count = 0, b"", bytearray(), 0
    for block, content, size in _blocks(stream, start):
        stream.seek(content)
        if block in _HEADERS:
            header = stream.read(_HEADERS[block])
            if count and (block, header) != (kind, form):
                return None
            kind, form = block, header
        if block == _SILENCE:
            return None
        if block in (*_HEADERS, _CONTINUED):
            samples += stream.read(max(content + size - stream.tell(), 0))
            count += 1
        if len(samples) > _MAX_BYTES - len(form):
            return None
    if count < 2:
        return None
    stream.seek(0)
    length = (len(form) + len(samples)).to_bytes(3, "little")
    return stream.read(start) + bytes((kind,)) + length + form + bytes(samples) + b"\0"


def _first_block(stream: BinaryIO) -> int:
    stream.seek(20)
    return int.from_bytes(stream.read(2), "little")


def _blocks(stream: BinaryIO, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, offset of the content, size) of the blocks; the one that ends the file has no size."""
    for _ in range(MAX_PARTS):
        stream.seek(at)
        block = stream.read(4)
        if not block:
            return
        if block[0] == _END or len(block) < 4:
            yield _END, at, 0
            return
        size = int.from_bytes(block[1:], "little")
        yield block[0], at + 4, size
        at += 4 + size
