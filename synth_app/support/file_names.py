"""Names of files that are free, complete, and valid on every system."""

import os
import unicodedata
from pathlib import Path

_MAX_BYTES = 120  # of a stem; systems allow 255 bytes with suffix and the ending of a temporary name
RESERVED_STEMS = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}  # on Windows


def free_path(path: Path) -> Path:
    """Return ``path`` if nothing is there, else the same name with the first free number, e.g. ``take 2.wav``."""
    number, free = 2, path
    while free.exists() or free.is_symlink():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free


def is_file(name: str) -> bool:
    """Return whether a name, from a file that may hold anything, is an existing file."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than any name, or with a null character
        return False


def hidden_prefix(path: Path) -> str:
    """Return the beginning of a hidden temporary name beside ``path``, short also if the name of ``path`` is long."""
    return f".{os.fsencode(path.stem)[:_MAX_BYTES].decode('utf-8', 'ignore')}-"


def with_ending(path: Path, ending: str) -> Path:
    """Return ``path`` with an ending, e.g. ``.json``, added unless it is there: ``v1.2`` becomes ``v1.2.json``."""
    return path if path.suffix.lower() == ending else path.with_name(path.name + ending)


def slug(text: str, default: str) -> str:
    """Return a file name without suffix: lower-case letters of any script, digits and hyphens.

    Accents of Latin letters are left out. Names that Windows reserves for devices get ``default`` before them.

    Args:
        text: any text.
        default: returned for a text without letters and digits.
    """
    kept = "".join(map(_kept, unicodedata.normalize("NFC", text.strip()).casefold()))
    stem = _shortened("-".join(part for part in kept.split(" ") if part)).strip("-")
    if stem in RESERVED_STEMS:
        return f"{default}-{stem}"
    return stem or default


def ascii_slug(text: str, default: str) -> str:
    """Return ``slug`` of ASCII letters, digits and hyphens alone, for files that go to other systems."""
    return slug(slug(text, default).encode("ascii", "ignore").decode(), default)


def _kept(character: str) -> str:
    """Return the letters that stand for a character; a space for one that is left out."""
    folded = unicodedata.normalize("NFKD", character)
    plain = "".join(each for each in folded if each.isascii() and each.isalnum())
    if plain:
        return plain
    keep = character.isalnum() or (not character.isascii() and unicodedata.category(character)[0] == "M")
    return character if keep else " "


def _shortened(text: str) -> str:
    return text.encode()[:_MAX_BYTES].decode(errors="ignore")[:64]
