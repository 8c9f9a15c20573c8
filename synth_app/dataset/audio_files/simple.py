"""Layouts of containers with a fixed header: AU, NIST SPHERE, AVR, MPC 2000, WVE, XI, SDS and MATLAB."""

import re
import struct
from typing import BinaryIO

from synth_app.dataset.audio_files.layout import MAX_PARTS, Layout, SizeField, opened

_XI_SAMPLES, _XI_HEADERS, _XI_HEADER = 296, 298, 40
_SDS_HEADER, _SDS_BLOCK, _SDS_DATA = 21, 127, 120
_MAT4_BYTES = {0: 8, 1: 4, 2: 4, 3: 2, 4: 2, 5: 1}  # of a number, by the tens digit of a matrix's type
_MAT5_HEADER = 128


def au_layout(stream: BinaryIO, header: bytes) -> Layout:
    """Return the layout of a Sun AU file, big- or little-endian."""
    order = ">" if header[:4] == b".snd" else "<"
    start, size = struct.unpack(f"{order}II", header[4:12])
    return Layout(start, opened(size), (SizeField(8, f"{order}I"),))


def nist_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a NIST SPHERE file; None if it does not say how many samples it has."""
    stream.seek(0)
    text = stream.read(4096)
    start = re.match(rb"NIST_1A\s+(\d{1,6})\s", text)
    if start is None:
        return None
    found = (re.search(rb"\n%s -\S+ (\d{1,12})\s" % name, text) for name in (b"sample_count", b"sample_n_bytes"))
    count, width = (None if match is None else int(match[1]) for match in found)
    channels = re.search(rb"\nchannel_count -\S+ (\d{1,4})\s", text)
    if not count or not width:
        return None
    return Layout(int(start[1]), opened(count * width * (int(channels[1]) if channels else 1)))


def avr_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of an Audio Visual Research file."""
    head = _read(stream, 0, 30)
    if len(head) < 30:
        return None
    stereo, bits = struct.unpack(">HH", head[12:16])
    frames = int.from_bytes(head[26:30], "big")
    return Layout(128, opened(frames * (2 if stereo else 1) * (bits // 8)))


def mpc2k_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of an Akai MPC 2000 sample."""
    head = _read(stream, 0, 42)
    return Layout(42, 2 * (1 + (head[21] & 1)) * int.from_bytes(head[30:34], "little")) if len(head) == 42 else None


def wve_layout(stream: BinaryIO, _header: bytes) -> Layout:
    """Return the layout of a Psion alaw file."""
    return Layout(32, opened(int.from_bytes(_read(stream, 18, 4), "big")))


def xi_layout(stream: BinaryIO, _header: bytes) -> Layout:
    """Return the layout of a FastTracker 2 instrument."""
    count = int.from_bytes(_read(stream, _XI_SAMPLES, 2), "little")
    headers = _read(stream, _XI_HEADERS, _XI_HEADER * min(count, 64))
    sizes = (int.from_bytes(headers[at : at + 4], "little") for at in range(0, len(headers), _XI_HEADER))
    return Layout(_XI_HEADERS + len(headers), opened(sum(sizes)))


def sds_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a MIDI Sample Dump: blocks of 127 bytes with 120 of samples, two to four bytes each."""
    head = _read(stream, 0, _SDS_HEADER)
    if len(head) < _SDS_HEADER:
        return None
    samples = head[10] | head[11] << 7 | head[12] << 14
    width = -(-head[6] // 7)
    return Layout(_SDS_HEADER, -(-samples * max(width, 1) // _SDS_DATA) * _SDS_BLOCK)


def mat4_layout(stream: BinaryIO, header: bytes) -> Layout | None:
    """Return the layout of a MATLAB 4 file: the rate's matrix, then that of the samples."""
    order = "<" if int.from_bytes(header[:4], "little") < 10_000 else ">"
    at = 0
    for last in (False, True):
        record = _read(stream, at, 20)
        if len(record) < 20:
            return None
        kind, rows, columns, _imaginary, name = struct.unpack(f"{order}5I", record)
        start, size = at + 20 + name, rows * columns * _MAT4_BYTES.get(kind // 10 % 10, 8)
        if last:
            return Layout(start, opened(size))
        at = start + size
    return None


def mat5_layout(stream: BinaryIO, _header: bytes) -> Layout | None:
    """Return the layout of a MATLAB 5 file, from its first element to the end of its last one."""
    order = "<" if _read(stream, 126, 2) == b"IM" else ">"
    at = _MAT5_HEADER
    for _ in range(MAX_PARTS):
        element = _read(stream, at, 8)
        if len(element) < 8:
            return Layout(_MAT5_HEADER, at - _MAT5_HEADER)
        at += 8 + int(struct.unpack(f"{order}II", element)[1])
    return None


def _read(stream: BinaryIO, offset: int, count: int) -> bytes:
    stream.seek(offset)
    return stream.read(count)
