"""Safetensors files from anywhere: their header is checked before a library parses it or memory is taken.

The header of a file holds everything that could mislead a reader: its own size, the names, types and shapes of the
tensors, and where their bytes are. A file is refused unless the tensors fill it exactly, without holes or overlaps.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, open_regular, shown

Tensors = dict[str, NDArray[Any]]

MAX_FILE_BYTES = 2**29
MAX_HEADER_BYTES = 2**23  # 100 times that of a shipped model, nearly all of which describes the bank
MAX_TENSORS = 10_000
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8",
    "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_METADATA, _DIGEST_KEY = "__metadata__", "synth_app.sha256"
_PREFIX_BYTES = 8


@dataclass(frozen=True)
class TensorFile:
    """Content of a safetensors file: its texts by key, and its tensors by name."""

    metadata: dict[str, str]
    tensors: Tensors


@dataclass(frozen=True)
class _Extent:
    """Where a tensor's bytes begin and end, counted from the end of the header, and what they are."""

    begin: int
    end: int
    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]


@dataclass(frozen=True)
class _Header:
    """A checked header: the texts, the tensors by name, and the position of their first byte."""

    metadata: dict[str, str]
    extents: dict[str, _Extent]
    data_at: int


def read_metadata(path: Path | str, *, max_bytes: int = MAX_FILE_BYTES) -> dict[str, str]:
    """Check the header of a safetensors file and return its texts, without the tensors.

    Raises:
        OSError: the file is missing or cannot be read.
        UserError: it is too large, or no regular file.
        ValueError: the header is not a valid one.
    """
    with open_regular(path) as stream:
        return _checked_header(stream, path, max_bytes).metadata


def read_tensors(path: Path | str, *, max_bytes: int = MAX_FILE_BYTES) -> TensorFile:
    """Read a whole safetensors file. Raises as ``read_metadata``.

    The bytes are read into the arrays without the interpreter, which the audio process needs for its sound: the
    library's own function holds it for a millisecond.
    """
    with open_regular(path) as stream:
        header = _checked_header(stream, path, max_bytes)
        return TensorFile(
            header.metadata,
            {name: _read_array(stream, header.data_at, extent) for name, extent in header.extents.items()},
        )


def _read_array(stream: BinaryIO, data_at: int, extent: _Extent) -> NDArray[Any]:
    array = np.empty(extent.shape, extent.dtype)
    if array.size:
        stream.seek(data_at + extent.begin)
        if stream.readinto(array.reshape(-1).view(np.uint8)) != array.nbytes:  # type: ignore[attr-defined]
            raise ValueError("it became shorter while it was read")
    return array


def tensor_digest(texts: Iterable[str], tensors: Mapping[str, NDArray[np.generic]]) -> str:
    """Return the SHA-256 of some texts and of every tensor's name, type, shape and bytes, as hex."""
    content = hashlib.sha256()
    for text in texts:
        content.update(f"{len(text)} {text}".encode())
    for name, tensor in sorted(tensors.items()):
        content.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        content.update(np.ascontiguousarray(tensor).data.cast("B") if tensor.size else b"")
    return content.hexdigest()


def save_arrays(path: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Write arrays that can be made again, with a checksum, atomically. Raises UserError if the file is not written."""
    from safetensors.numpy import save_file

    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with atomic_path(path, durable=False) as temporary:
        save_file(plain, temporary, {_DIGEST_KEY: tensor_digest((), plain)})


def read_arrays(path: Path) -> Tensors | None:
    """Read what ``save_arrays`` wrote; None if there is no such file, or it is damaged: then make the arrays again."""
    if not path.exists():
        return None
    try:
        with loading(path, "a cache", "it is made again"):
            file = read_tensors(path)
            if file.metadata.get(_DIGEST_KEY) != tensor_digest((), file.tensors):
                raise ValueError("the checksum does not match the content")
            return file.tensors
    except UserError:
        return None


def _checked_header(stream: BinaryIO, path: Path | str, max_bytes: int) -> _Header:
    size = os.fstat(stream.fileno()).st_size
    if size > max_bytes:
        raise UserError(f"{shown(path)} has {size} bytes, the limit for such a file is {max_bytes}; choose another")
    header_bytes = int.from_bytes(stream.read(_PREFIX_BYTES), "little")
    data_bytes = size - _PREFIX_BYTES - header_bytes
    if data_bytes < 0:
        raise ValueError(f"its header of {header_bytes} bytes does not fit into {size} bytes")
    if header_bytes > MAX_HEADER_BYTES:
        raise ValueError(f"its header has {header_bytes} bytes, the limit is {MAX_HEADER_BYTES}")
    header = json.loads(stream.read(header_bytes).decode("utf-8"), object_pairs_hook=_each_key_once)
    if not isinstance(header, dict):
        raise TypeError("its header is no object")
    metadata = header.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise TypeError("its metadata are not texts")
    if len(header) > MAX_TENSORS:
        raise ValueError(f"it has {len(header)} tensors, the limit is {MAX_TENSORS}")
    extents = {name: _extent(name, entry) for name, entry in header.items()}
    _check_extents(extents, data_bytes)
    return _Header(metadata, extents, _PREFIX_BYTES + header_bytes)


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key of its header occurs twice")
    return found


def _extent(name: str, entry: object) -> _Extent:
    """Return where a tensor's bytes are, after checking that its type and shape need as many."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise TypeError(f"tensor {name} is not described by type, shape and offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _DTYPES:
        raise ValueError(f"tensor {name} has the unknown type {dtype}")
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2:
        raise TypeError(f"the shape or the offsets of tensor {name} are not sizes")
    begin, end = offsets
    array_type = np.dtype(_DTYPES[dtype])
    if end - begin != math.prod(shape) * array_type.itemsize:
        raise ValueError(f"tensor {name} of shape {shape} does not fit into {end - begin} bytes")
    return _Extent(begin, end, array_type, tuple(shape))


def _sizes(value: object) -> bool:
    return isinstance(value, list) and len(value) <= 8 and all(type(n) is int and 0 <= n < 2**48 for n in value)


def _check_extents(extents: dict[str, _Extent], data_bytes: int) -> None:
    """Check that the tensors fill the data exactly, one after the other."""
    at = 0
    for name, extent in sorted(extents.items(), key=lambda each: (each[1].begin, each[1].end)):
        if extent.begin != at:
            raise ValueError(f"the bytes of tensor {name} begin at {extent.begin}, not at {at}")
        at = extent.end
    if at != data_bytes:
        raise ValueError(f"its tensors fill {at} of {data_bytes} bytes")
