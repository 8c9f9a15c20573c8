"""Metadata of a SoundFont: name, copyright and presets, from its RIFF chunks."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from synth_app.support.errors import UserError

_PRESET_HEADER = struct.Struct("<20sHHHIII")  # SoundFont 2.04, section 7.2: phdr, 38 bytes a record
_MAX_TEXT = 65_536  # the standard's limit for ICMT, the longest text


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
    try:
        with source.open("rb") as stream:
            chunks = _read_chunks(stream, source)
    except FileNotFoundError as error:
        raise UserError(f"{source} does not exist; check the name of the SoundFont") from error
    except OSError as error:
        raise UserError(f"cannot read {source}: {error.strerror}; name a SoundFont file (.sf2)") from error
    if b"phdr" not in chunks:
        raise UserError(f"{source} is a SoundFont without presets; download it again")
    texts = {
        name: chunks.get(name, b"").split(b"\0")[0].decode("utf-8", "replace").strip()
        for name in (b"INAM", b"ICOP", b"IENG", b"ICMT")
    }
    return SoundFontInfo(
        texts[b"INAM"], texts[b"ICOP"], texts[b"IENG"], texts[b"ICMT"], _presets(chunks[b"phdr"], source)
    )


def _read_chunks(stream: BinaryIO, source: Path) -> dict[bytes, bytes]:
    """Read the needed chunks of the INFO and pdta lists; skip sample data."""
    header = stream.read(12)
    if header[:4] != b"RIFF" or header[8:] != b"sfbk":
        raise UserError(f"{source} is not a SoundFont (no RIFF sfbk header); name a .sf2 or .sf3 file")
    end = 8 + struct.unpack("<I", header[4:8])[0]
    if (size := source.stat().st_size) < end:
        raise UserError(f"{source} is truncated: {size} of {end} bytes are there; download it again")
    chunks: dict[bytes, bytes] = {}
    while stream.tell() + 8 <= end:
        name, length = struct.unpack("<4sI", stream.read(8))
        if name == b"LIST":
            if stream.read(4) not in (b"INFO", b"pdta"):
                stream.seek(length - 4 + length % 2, 1)
            continue  # its chunks follow at this level
        if name == b"phdr" or (name in (b"INAM", b"ICOP", b"IENG", b"ICMT") and length <= _MAX_TEXT):
            chunks[name] = stream.read(length)
            stream.seek(length % 2, 1)
        else:
            stream.seek(length + length % 2, 1)
    return chunks


def _presets(phdr: bytes, source: Path) -> dict[tuple[int, int], str]:
    """Return preset names by (bank, program); the last record is the terminator of the standard, not a preset."""
    if len(phdr) % _PRESET_HEADER.size or len(phdr) < 2 * _PRESET_HEADER.size:
        raise UserError(f"{source} has a damaged preset list; download it again")
    records = list(_PRESET_HEADER.iter_unpack(phdr))[:-1]
    return {(bank, program): raw.split(b"\0")[0].decode("latin-1").strip() for raw, program, bank, *_rest in records}
