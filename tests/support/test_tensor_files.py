"""Safetensors headers that mislead: each published kind of attack is a ValueError before memory is taken."""

import json
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from synth_app.support.errors import UserError
from synth_app.support.tensor_files import (
    MAX_HEADER_BYTES,
    read_arrays,
    read_metadata,
    read_tensors,
    save_arrays,
)

_A = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
_B = {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}


def _file(header: Any, data: bytes = bytes(16), size: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if size is None else size).to_bytes(8, "little") + text + data


def _with(**changed: Any) -> bytes:
    return _file({"a": _A, "b": {**_B, **changed}})


ATTACKS: dict[str, bytes] = {
    "empty file": b"",
    "seven bytes": bytes(7),
    "header size of all ones": b"\xff" * 8 + b"{}",
    "header size beyond the file": _file({}, size=2**20),
    "header size zero": _file({"a": _A, "b": _B}, size=0),
    "header of over 8 MiB": _file(b"{" + b" " * MAX_HEADER_BYTES + b"}", b""),
    "header of spaces": _file(b" " * 64),
    "header is a list": _file(b"[]", b""),
    "header is not UTF-8": _file(b'{"\xff": 1}'),
    "header nested deeply": _file(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "number of 10,000 digits": _file(b'{"a": {"dtype": "F32", "shape": [' + b"9" * 10_000 + b"]}}"),
    "duplicate tensor": _file(b'{"a": %b, "a": %b}' % ((json.dumps(_A).encode(), json.dumps(_B).encode()))),
    "duplicate key in a tensor": _file(
        b'{"a": {"dtype": "F32", "dtype": "I32", "shape": [4], "data_offsets": [0, 16]}}'
    ),
    "duplicate metadata": _file(b'{"__metadata__": {}, "__metadata__": {}, "a": %b}' % json.dumps(_A).encode()),
    "metadata are numbers": _file({"__metadata__": {"x": 1}, "a": _A, "b": _B}),
    "metadata are a list": _file({"__metadata__": [], "a": _A, "b": _B}),
    "overlapping tensors": _with(data_offsets=[4, 12]),
    "the same bytes twice": _with(data_offsets=[0, 8]),
    "a hole between tensors": _with(data_offsets=[12, 20]),
    "a hole before the first": _file({"a": {**_A, "data_offsets": [8, 16]}}),
    "trailing data": _file({"a": _A, "b": _B}, bytes(17)),
    "data cut off": _file({"a": _A, "b": _B}, bytes(15)),
    "offsets reversed": _with(data_offsets=[16, 8]),
    "offsets negative": _with(data_offsets=[-8, 16]),
    "offsets of three numbers": _with(data_offsets=[8, 12, 16]),
    "offsets that are no integers": _with(data_offsets=[8.0, 16.0]),
    "offsets true and false": _with(data_offsets=[False, True]),
    "shape too large": _with(shape=[3]),
    "shape too small": _with(shape=[1]),
    "shape negative": _with(shape=[-1, -2]),
    "shape whose product wraps at 64 bits": _with(shape=[2**32, 2**32, 2]),
    "shape of petabytes": _with(shape=[2**47]),
    "shape of a thousand dimensions": _with(shape=[1] * 1000),
    "shape is a number": _with(shape=2),
    "type unknown": _with(dtype="F31"),
    "type of another size": _with(dtype="F64"),
    "type is a list": _with(dtype=["F32"]),
    "type missing": _file({"a": {"shape": [4], "data_offsets": [0, 16]}}),
    "an unknown key": _with(more=1),
    "tensor is a text": _file({"a": "F32"}),
    "100,000 empty tensors": _file({str(i): {**_A, "shape": [0], "data_offsets": [0, 0]} for i in range(10**5)}),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_misleading_header_is_refused_before_memory_is_taken(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(ATTACKS[attack])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for read in (read_metadata, read_tensors):
        with pytest.raises((ValueError, TypeError, RecursionError)) as caught:
            read(path)
        assert not isinstance(caught.value, UserError)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64, np.int64, np.uint8, np.bool_])
def test_what_the_library_writes_is_read(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "a.safetensors"
    tensors: dict[str, Any] = {"x": np.ones((2, 3), dtype), "none": np.zeros((0, 4), dtype), "one": np.ones((), dtype)}
    path.write_bytes(save(tensors, {"key": "text"}))
    assert read_metadata(path) == {"key": "text"}
    found = read_tensors(path).tensors
    for name, tensor in load(path.read_bytes()).items():
        np.testing.assert_array_equal(found[name], tensor)
        assert found[name].dtype == dtype


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:
        file.truncate(2**34)  # a sparse file: 16 GiB of zeros on no disk
    with pytest.raises(UserError, match="has 17179869184 bytes, the limit for such a file is"):
        read_tensors(path)


def test_arrays_are_restored_and_any_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "cache.safetensors"
    assert read_arrays(path) is None
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3).T, "b": np.array([7])}
    save_arrays(path, arrays)
    found = read_arrays(path)
    assert found is not None
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    raw = path.read_bytes()
    for at in range(len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert read_arrays(path) is None, at
    path.write_bytes(raw[:-1])
    assert read_arrays(path) is None
