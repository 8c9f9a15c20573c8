"""MPEG audio (MP3): the number of frames, counted, and the frame that states it (Xing, Info)."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}  # MPEG 1, 2, 2.5
_KBPS = {
    (3, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # by MPEG 1 or later, and 4 - layer
_TAG_MARKS = (b"Xing", b"Info")
_SEARCH = 1 << 17  # bytes of junk that are skipped in a file, in front of the first frame and behind it
_MAX_FRAMES = 1_000_000  # frames that are counted, over three hours


@dataclass(frozen=True, slots=True)
class MpegFrames:
    """The frames of an MPEG stream.

    Attributes:
        start: offset of the first frame, behind tags and junk.
        count: frames with audio, without the one that states their number.
        stated: the number of frames by the Xing or Info frame; None without one.
        prototype: header of the first frame.
    """

    start: int
    count: int
    stated: int | None
    prototype: bytes

    @property
    def layer_3(self) -> bool:
        """Whether it is MP3, in which a frame can state the number of frames; not MP1 or MP2."""
        return self.prototype[1] >> 1 & 3 == 1

    def tag_frame(self) -> bytes:
        """Return a frame that states the number of frames, to be put in front of the others."""
        header = bytearray(self.prototype)
        header[1] |= 1  # no checksum
        header[2] = header[2] & 0x0F | 9 << 4  # a bit rate at which the frame has room for the tag
        size = _frame_size(bytes(header)) or 0
        body = bytearray(size)
        body[:4] = header
        at = _tag_offset(bytes(header))
        body[at : at + 12] = b"Xing" + (1).to_bytes(4, "big") + self.count.to_bytes(4, "big")
        return bytes(body)


def mpeg_frames(stream: BinaryIO) -> MpegFrames | None:
    """Walk through the frames of an MPEG file; None if it does not look like one."""
    stream.seek(0)
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = _first_frame(data)
        if start is None:
            return None
        header = data[start : start + 4]
        tag = start + _tag_offset(header)
        stated = None
        if data[tag : tag + 4] in _TAG_MARKS:
            flags = int.from_bytes(data[tag + 4 : tag + 8], "big")
            stated = int.from_bytes(data[tag + 8 : tag + 12], "big") if flags & 1 else 0
        count = sum(end <= len(data) for end in islice(_frame_ends(data, start), _MAX_FRAMES))
        return MpegFrames(start, count - (stated is not None), stated, header)


def _first_frame(data: mmap.mmap) -> int | None:
    """Return the offset of the first frame that is followed by another one, or by the end of the file."""
    at = _behind_id3(data)
    limit = min(at + _SEARCH, len(data))
    while (at := data.find(b"\xff", at, limit)) >= 0:
        size = _frame_size(data[at : at + 4])
        following = data[at + size : at + size + 4] if size else b""
        if size and (at + size == len(data) or (_frame_size(following) and _same_stream(data[at : at + 4], following))):
            return at
        at += 1
    return None


def _frame_ends(data: mmap.mmap, at: int) -> Iterator[int]:
    """Yield the offset at which each frame ends, from the one at ``at`` on; junk between frames is skipped."""
    first = data[at : at + 4]
    junk = 0
    while at < len(data) and junk < _SEARCH:
        header = data[at : at + 4]
        size = _frame_size(header)
        if size and _same_stream(first, header):
            at += size
            yield at
        elif data[at : at + 3] == b"ID3":
            at = _behind_id3(data, at)
        else:
            found = data.find(b"\xff", at + 1, at + _SEARCH)
            if found < 0:
                return
            junk += found - at
            at = found


def _behind_id3(data: mmap.mmap, at: int = 0) -> int:
    """Return the offset behind the ID3v2 tags at ``at``."""
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        a, b, c, d = data[at + 6 : at + 10]
        at += 10 + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | d & 127) + (10 if data[at + 5] & 0x10 else 0)
    return at


def _frame_size(header: bytes) -> int | None:
    """Return the length in bytes of the frame with this header; None if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate = header[1] >> 3 & 3, header[1] >> 1 & 3, header[2] >> 2 & 3
    if version == 1 or layer == 0 or rate == 3 or header[2] >> 4 in (0, 15):
        return None
    bits_per_s = 1000 * _KBPS[3 if version == 3 else 2, layer][header[2] >> 4]
    padding = header[2] >> 1 & 1
    if layer == 3:
        return (12 * bits_per_s // _RATES_HZ[version][rate] + padding) * 4
    return _samples(header) // 8 * bits_per_s // _RATES_HZ[version][rate] + padding


def _samples(header: bytes) -> int:
    """Return the samples of a frame."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    return 384 if layer == 3 else 1152 if layer == 2 or version == 3 else 576


def _same_stream(first: bytes, other: bytes) -> bool:
    """Return whether two headers have the same version, layer and sample rate."""
    return first[1] & 0xFE == other[1] & 0xFE and first[2] & 0x0C == other[2] & 0x0C


def _tag_offset(header: bytes) -> int:
    """Return the offset in a frame at which a Xing or Info tag stands: behind header and side information."""
    mono = header[3] >> 6 == 3
    return 4 + ((17 if mono else 32) if header[1] >> 3 & 3 == 3 else (9 if mono else 17))
