"""Pages of an Ogg file: whether it ends within one, and whether it joins several streams."""

from dataclasses import dataclass
from typing import BinaryIO

_PAGE = 27  # bytes of a page's header before its segment table
_MAX_PAGES = 200_000  # pages that are looked at; ten minutes of music have up to 30,000
_BEGIN = 2  # flag of a stream's first page


@dataclass(frozen=True, slots=True)
class OggPages:
    """What the pages of an Ogg file show.

    Attributes:
        end: offset at which the last page ends by its header.
        joined: whether another stream begins behind the pages of an earlier one.
    """

    end: int
    joined: bool


def ogg_pages(stream: BinaryIO) -> OggPages:
    """Walk through the pages of an Ogg file, up to the first byte that belongs to none."""
    at, data_seen, joined = 0, False, False
    for _ in range(_MAX_PAGES):
        stream.seek(at)
        header = stream.read(_PAGE)
        if len(header) < _PAGE or header[:4] != b"OggS":
            return OggPages(at, joined)
        begins = bool(header[5] & _BEGIN)
        joined |= begins and data_seen
        data_seen |= not begins
        table = stream.read(header[26])
        at += _PAGE + header[26] + sum(table)
    return OggPages(at, joined)
