"""The layout of an audio file by its header, and the size fields that may have to be corrected."""

import struct
from dataclasses import dataclass

# A program that writes to a pipe cannot seek back, so it leaves a size near 2 GiB or beyond (SoX 0x7F000000 or
# 0x7FFFF000, arecord 0x80000000, FFmpeg 0xFFFFFFFF), or 0. So much audio is over every limit on length anyway.
PLACEHOLDER = 0x7F00_0000
MAX_PARTS = 10_000  # chunks or blocks of a file that are looked at; music files have a few
_ROUNDING = 16  # bytes that a promise may exceed the file by: pad bytes, and headers that count themselves


@dataclass(frozen=True, slots=True)
class SizeField:
    """A number in the header that depends on the length of the audio data.

    Attributes:
        offset: in the file, bytes.
        form: of ``struct``, e.g. ``<I``.
        base: added to the number of bytes that follow the header.
        unit: bytes per step of the number: 1, or those of a sample frame.
    """

    offset: int
    form: str
    base: int = 0
    unit: int = 1

    def encode(self, data_bytes: int) -> bytes:
        """Return the field for ``data_bytes`` of audio, the largest number it can hold at most."""
        most = (1 << (8 * struct.calcsize(self.form) - 1)) - 1
        return struct.pack(self.form, min((data_bytes + self.base) // self.unit, most))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the audio data of a file lies by its header.

    Attributes:
        start: offset of the first byte of audio data.
        promised: bytes of audio data by the header; None if it leaves the number open.
        fields: all numbers that depend on the length, for a header that is wrong.
        end_mark: bytes that must follow the data and are missing in this file.
    """

    start: int
    promised: int | None
    fields: tuple[SizeField, ...] = ()
    end_mark: bytes = b""

    def missing(self, file_bytes: int) -> int:
        """Return how many of the promised bytes a file of ``file_bytes`` lacks; 0 if its header is merely inexact.

        A promise that also counts the header, or a few bytes of it, is inexact.
        """
        if self.promised is None:
            return 0
        short = self.start + self.promised - file_bytes
        return 0 if short <= _ROUNDING or short in (self.start, self.start - 8) else short

    def corrections(self, file_bytes: int) -> dict[int, bytes]:
        """Return the bytes to change, by offset, so that the header promises what a file of ``file_bytes`` holds."""
        present = max(file_bytes - self.start, 0)
        if self.promised is not None and self.promised <= present:
            return {}
        return {field.offset: field.encode(present) for field in self.fields}


def opened(size: int, *, zero_is_open: bool = True) -> int | None:
    """Return a size of a header, or None where it is a placeholder of a program that could not seek back."""
    return None if size >= PLACEHOLDER or (size == 0 and zero_is_open) else size
