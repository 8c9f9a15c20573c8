"""Mutations of safetensors files: card, bank, tensors and header. Digests are computed again, so they fit."""

import json
from random import Random
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from synth_app.support.tensor_files import tensor_digest
from tests.fuzz.byte_mutations import mutate_bytes
from tests.fuzz.json_mutations import mutate_json

_DIGEST = "synth_app.sha256"
_ODD_NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e30, -1e30, 65_504.0, 1e-40)
_TYPES = (np.float32, np.float64, np.float16, np.int64, np.uint8, np.bool_)


def mutate_texts(data: bytes, random: Random, *, digest_of: tuple[str, ...], keys: tuple[str, ...]) -> bytes:
    """Mutate the JSON of one of the metadata ``keys``. The digest covers ``digest_of`` and the tensors."""
    metadata, tensors = _read(data)
    key = random.choice(keys)
    metadata[key] = mutate_json(metadata[key], random).decode("utf-8", "replace")
    return _write(metadata, tensors, digest_of)


def mutate_tensors(data: bytes, random: Random, *, digest_of: tuple[str, ...]) -> bytes:
    """Mutate one or two tensors: values, type, shape, name, or whether they are there."""
    metadata, tensors = _read(data)
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(sorted(tensors))
        tensor = tensors[name]
        match random.randrange(7):
            case 0:
                del tensors[name]
            case 1:
                tensors[random.choice(("extra", "", name + "x"))] = tensors.pop(name)
            case 2:
                with np.errstate(all="ignore"):
                    tensors[name] = tensor.astype(random.choice(_TYPES))
            case 3:
                tensors[name] = _reshaped(tensor, random)
            case 4 if tensor.size:
                flat = tensor.copy().ravel()
                with np.errstate(all="ignore"):
                    flat[random.randrange(flat.size)] = np.array(random.choice(_ODD_NUMBERS)).astype(flat.dtype)
                tensors[name] = flat.reshape(tensor.shape)
            case 5:
                tensors[name] = np.frombuffer(random.randbytes(tensor.nbytes), tensor.dtype).reshape(tensor.shape)
            case _:
                tensors[name] = tensors[random.choice(sorted(tensors))]
        if not tensors:
            break
    return _write(metadata, tensors, digest_of)


def mutate_header(data: bytes, random: Random) -> bytes:
    """Mutate the header's JSON, its size, or any bytes of the file."""
    size = int.from_bytes(data[:8], "little")
    if random.random() < 0.3:
        return mutate_bytes(data, random)
    header = mutate_json(data[8 : 8 + size].decode(), random)
    told = len(header) if random.random() < 0.9 else random.choice((0, 1, 2**20, 2**40, 2**63, len(header) + 1))
    return told.to_bytes(8, "little") + header + data[8 + size :]


def _reshaped(tensor: np.ndarray[Any, Any], random: Random) -> np.ndarray[Any, Any]:
    choices = (tensor.ravel(), tensor[None], tensor[:0] if tensor.ndim else tensor, tensor.T, np.tile(tensor, 2))
    return np.ascontiguousarray(choices[random.randrange(len(choices))])


def _read(data: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    size = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + size]).get("__metadata__", {})
    return metadata, load(data)


def _write(metadata: dict[str, str], tensors: dict[str, Any], digest_of: tuple[str, ...]) -> bytes:
    if _DIGEST in metadata:
        metadata = {**metadata, _DIGEST: tensor_digest((metadata[key] for key in digest_of), tensors)}
    return save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, metadata)
