"""Zip files from anywhere: their directory is checked before a library parses it or a byte of content is read.

Packs are zip files whose entries are stored without compression, so that no entry can be larger than the file. The
directory at the end must describe every byte of the file; zip64, comments, encryption, and bytes before, between or
behind the entries are refused.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from synth_app.session.packs.manifest import MANIFEST_NAME, MAX_FILES, MAX_MANIFEST_BYTES, MAX_PACK_BYTES, kind_of
from synth_app.support.errors import UserError
from synth_app.support.loading import open_regular, shown

_END_MARK, _END_BYTES, _HEADER_BYTES = b"PK\x05\x06", 22, 30
_MAX_DIRECTORY_BYTES = MAX_FILES * 400
_CHUNK_BYTES = 2**20


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip file whose directory is checked; call it in a ``loading`` block.

    Raises:
        OSError: the file cannot be read.
        UserError: it is too large, or no regular file.
        ValueError: it is no zip file of the kind that packs are, or holds files that packs do not.
    """
    with open_regular(path) as stream:
        _check_end(stream, path)
        try:
            with zipfile.ZipFile(stream) as archive:
                _check_entries(archive)
                yield archive
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ValueError(str(error)) from error


def copy_entry(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    """Copy one file of a pack to a new file, a part at a time; return its SHA-256 as hex. Errors as ``zipfile``."""
    digest = hashlib.sha256()
    with archive.open(name) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _check_end(stream: BinaryIO, path: Path) -> None:
    """Check the record at the end of a zip file, before the directory that it describes is read."""
    size = os.fstat(stream.fileno()).st_size
    if size > MAX_PACK_BYTES:
        raise UserError(f"{shown(path)} has {size} bytes, the limit for a pack is {MAX_PACK_BYTES}; choose another")
    if size < _END_BYTES:
        raise ValueError(f"it has only {size} bytes")
    stream.seek(size - _END_BYTES)
    end = stream.read(_END_BYTES)
    stream.seek(0)
    if end[:4] != _END_MARK:
        raise ValueError("it does not end as a pack does")
    disks, here, total = end[4:8], int.from_bytes(end[8:10], "little"), int.from_bytes(end[10:12], "little")
    directory, offset = int.from_bytes(end[12:16], "little"), int.from_bytes(end[16:20], "little")
    if any(disks) or here != total or any(end[20:]) or offset + directory + _END_BYTES != size:
        raise ValueError("its directory does not describe the file")
    if total > MAX_FILES + 1 or directory > _MAX_DIRECTORY_BYTES:
        raise ValueError(f"it holds {total} files, the limit is {MAX_FILES}")


def _check_entries(archive: zipfile.ZipFile) -> None:
    names = set[str]()
    end = 0  # of the entries, if they fill the file
    for entry in archive.infolist():
        limit = MAX_MANIFEST_BYTES if entry.filename == MANIFEST_NAME else kind_of(entry.filename)[1]
        if entry.filename in names:
            raise ValueError(f"it holds {entry.filename} twice")
        names.add(entry.filename)
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & ~0x800 or entry.extra:
            raise ValueError(f"{entry.filename} is compressed, encrypted or has extra fields")
        if entry.file_size != entry.compress_size or not 0 < entry.file_size <= limit:
            raise ValueError(f"{entry.filename} has {entry.file_size} bytes, the limit is {limit}")
        end += _HEADER_BYTES + len(entry.filename) + entry.file_size
    if MANIFEST_NAME not in names:
        raise ValueError(f"{MANIFEST_NAME} is missing")
    if end != archive.start_dir:  # entries that overlap, or bytes between them
        raise ValueError(f"its files fill {end} of {archive.start_dir} bytes")
