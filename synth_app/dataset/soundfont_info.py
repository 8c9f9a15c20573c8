"""Metadata of a SoundFont: name, copyright and presets, from its RIFF chunks."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from synth_app.support.errors import UserError
from synth_app.support.loading import loading, open_regular

_PRESET_HEADER = struct.Struct("<20sHHHIII")  # SoundFont 2.04, section 7.2: phdr, 38 bytes a record
_TEXTS = (b"INAM", b"ICOP", b"IENG", b"ICMT")
# Of the chunks that are read: the standard's limit for ICMT, the longest text, and 65,536 presets.
_MAX_BYTES = dict.fromkeys(_TEXTS, 65_536) | {b"phdr": 2**16 * _PRESET_HEADER.size}
_MAX_CHUNKS = 1_000  # the standard has 24


@dataclass(frozen=True, slots=True)
class SoundFontInfo:
    """The texts of the INFO list ("" where absent), and preset names by (bank, program)."""

    name: str
    copyright: str
    engineers: str
    comment: str
    presets: dict[tuple[int, int], str]


def read_soundfont_info(path: Path | str) -> SoundFontInfo:
    """Read the INFO list and the preset headers of a SoundFont 2 or 3 file, not its samples.

    Raises:
        UserError: the file is missing, unreadable, truncated, or not a SoundFont.
    """
    source = Path(path)
    with loading(source, "a SoundFont", "name a SoundFont file (.sf2)"), open_regular(source) as stream:
        return _read_info(stream, source)


def _read_info(stream: BinaryIO, source: Path) -> SoundFontInfo:
    chunks = _read_chunks(stream, source)
    if b"phdr" not in chunks:
        raise UserError(f"{source} is a SoundFont without presets; download it again")
    texts = {name: chunks.get(name, b"").split(b"\0")[0].decode("utf-8", "replace").strip() for name in _TEXTS}
    return SoundFontInfo(
        texts[b"INAM"], texts[b"ICOP"], texts[b"IENG"], texts[b"ICMT"], _presets(chunks[b"phdr"], source)
    )


def _read_chunks(stream: BinaryIO, source: Path) -> dict[bytes, bytes]:
    """Read the needed chunks of the INFO and pdta lists; skip sample data."""
    header = stream.read(12)
    if header[:4] != b"RIFF" or header[8:] != b"sfbk":
        raise UserError(f"{source} is not a SoundFont (no RIFF sfbk header); name a .sf2 or .sf3 file")
    end = 8 + struct.unpack("<I", header[4:8])[0]
    if (size := os.fstat(stream.fileno()).st_size) < end:
        raise UserError(f"{source} is truncated: {size} of {end} bytes are there; download it again")
    chunks: dict[bytes, bytes] = {}
    for _ in range(_MAX_CHUNKS):
        if stream.tell() + 8 > end:
            return chunks
        name, length = struct.unpack("<4sI", stream.read(8))
        if name == b"LIST":
            if stream.read(4) not in (b"INFO", b"pdta"):
                stream.seek(length - 4 + length % 2, 1)
            continue  # its chunks follow at this level
        if length <= _MAX_BYTES.get(name, -1):
            chunks[name] = stream.read(length)
            stream.seek(length % 2, 1)
        else:
            stream.seek(length + length % 2, 1)
    raise UserError(f"{source} has more than {_MAX_CHUNKS} chunks, the limit; use another SoundFont")


def _presets(phdr: bytes, source: Path) -> dict[tuple[int, int], str]:
    """Return preset names by (bank, program); the last record is the terminator of the standard, not a preset."""
    if len(phdr) % _PRESET_HEADER.size or len(phdr) < 2 * _PRESET_HEADER.size:
        raise UserError(f"{source} has a damaged preset list; download it again")
    records = list(_PRESET_HEADER.iter_unpack(phdr))[:-1]
    return {(bank, program): raw.split(b"\0")[0].decode("latin-1").strip() for raw, program, bank, *_rest in records}
