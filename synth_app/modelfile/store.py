"""Save, load and validate model files."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from synth_app.modelfile.bank import BankNote, NoteMarks
from synth_app.modelfile.card import FORMAT_VERSION, ModelCard
from synth_app.modelfile.content import LatentStats, ModelFile, Tensors
from synth_app.modelfile.validation import check_model
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

_CARD_KEY, _BANK_KEY, _DIGEST_KEY = "synth_app.card", "synth_app.bank", "synth_app.sha256"
_MAP_POSITIONS = "map.umap"


def save_model_file(path: Path | str, model: ModelFile) -> None:
    """Check that a model can be loaded, then write its file atomically.

    Raises:
        UserError: tensors are missing, of the wrong shape or not finite, or the path cannot be written.
    """
    check_model(model, str(path))
    with atomic_path(path) as temporary:
        metadata = {_CARD_KEY: model.card.model_dump_json(), _BANK_KEY: json.dumps(_bank_index(model.bank))}
        tensors = _pack(model)
        save_file(tensors, temporary, {**metadata, _DIGEST_KEY: content_digest(metadata, tensors)})


def read_card(path: Path | str) -> ModelCard:
    """Read the card from the header, without the tensors. Raises as ``load_model_file``."""
    with _opened(path) as file:
        return _card_of(file.metadata() or {}, path)


def read_bank_names(path: Path | str) -> tuple[str, ...]:
    """Read the names of the bank's notes from the header. Raises as ``load_model_file``."""
    with _opened(path) as file:
        metadata = file.metadata() or {}
        _card_of(metadata, path)
    try:
        return tuple(str(raw["name"]) for raw in json.loads(metadata[_BANK_KEY]))
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(f"{path}: damaged model file ({error!r}); download the file again") from error


def load_model_file(path: Path | str) -> ModelFile:
    """Read and validate a model file.

    Raises:
        UserError: the file is missing, damaged, incomplete, of another program or of a newer version.
    """
    with _opened(path) as file:
        metadata = file.metadata() or {}
        card = _card_of(metadata, path)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    if metadata.get(_DIGEST_KEY) != content_digest(metadata, tensors):
        raise UserError(
            f"{path}: damaged model file (the checksum does not match the content); download the file again"
        )
    try:
        stats = LatentStats(**{f: tensors.pop(f"stats.{f}") for f in LatentStats.__dataclass_fields__})
        bank = _unpack_bank(json.loads(metadata[_BANK_KEY]), tensors)
        map_positions = tensors.pop(_MAP_POSITIONS, None)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise UserError(f"{path}: damaged model file ({error!r}); download the file again") from error
    model = ModelFile(card, tensors, stats, bank, map_positions)
    check_model(model, str(path))
    return model


def content_digest(metadata: dict[str, str], tensors: Mapping[str, NDArray[np.generic]]) -> str:
    """Return the SHA-256 of card, bank index and every tensor's name, type, shape and bytes, as hex."""
    content = hashlib.sha256()
    for text in (metadata[_CARD_KEY], metadata[_BANK_KEY]):
        content.update(f"{len(text)} {text}".encode())
    for name, tensor in sorted(tensors.items()):
        content.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        content.update(np.ascontiguousarray(tensor).data.cast("B") if tensor.size else b"")
    return content.hexdigest()


def _opened(path: Path | str) -> safe_open:
    if not Path(path).is_file():
        raise UserError(f"{path}: no such model file; `synth-app models` lists the models")
    try:
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: not a model file, or damaged ({error}); download the file again") from error


def _card_of(metadata: dict[str, str], path: Path | str) -> ModelCard:
    if _CARD_KEY not in metadata or _BANK_KEY not in metadata:
        raise UserError(f"{path}: a safetensors file without a model card; choose a model made by synth_app")
    try:
        raw = json.loads(metadata[_CARD_KEY])
        version = int(raw.get("format_version", -1))
        if version > FORMAT_VERSION:
            raise UserError(
                f"{path}: made by a newer synth_app (format {version}, this reads {FORMAT_VERSION}); update"
            )
        return ModelCard.model_validate(raw)
    except UserError as error:
        raise error if str(path) in str(error) else UserError(f"{path}: {error}") from error
    except (ValidationError, ValueError, AttributeError, TypeError) as error:
        first = str(error).replace("\n", " ")[:200]
        raise UserError(f"{path}: the model card is damaged ({first}); download the file again") from error


def _pack(model: ModelFile) -> dict[str, NDArray[np.generic]]:
    stats = {f"stats.{name}": getattr(model.stats, name) for name in LatentStats.__dataclass_fields__}
    lengths = [len(note.z) for note in model.bank]
    empty = np.zeros((0, model.card.latent_size), np.float32)
    bank = {
        "bank.z": np.concatenate([empty, *(note.z for note in model.bank)]).astype(np.float16),
        "bank.gain_db": np.concatenate([empty[:, 0], *(n.gain_db for n in model.bank)]).astype(np.float16),
        "bank.offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    }
    map_positions = {} if model.map_positions is None else {_MAP_POSITIONS: model.map_positions.astype(np.float32)}
    packed = {**model.tensors, **stats, **bank, **map_positions}
    return {name: np.ascontiguousarray(tensor) for name, tensor in packed.items()}


def _bank_index(bank: tuple[BankNote, ...]) -> list[dict[str, object]]:
    return [
        {
            "name": note.name,
            "instrument": note.instrument,
            "family": note.family,
            "pitch": note.pitch,
            "velocity": note.velocity,
            "marks": list(vars(note.marks).values()),
        }
        for note in bank
    ]


def _unpack_bank(index: list[dict[str, object]], tensors: Tensors) -> tuple[BankNote, ...]:
    z = tensors.pop("bank.z").astype(np.float32)
    gain_db = tensors.pop("bank.gain_db").astype(np.float32)
    offsets = tensors.pop("bank.offsets")
    if len(offsets) != len(index) + 1 or offsets[0] != 0 or offsets[-1] != len(z) or len(gain_db) != len(z):
        raise ValueError(f"bank of {len(index)} notes does not match its {len(z)} frames")
    return tuple(_bank_note(raw, z[a:b], gain_db[a:b]) for raw, a, b in zip(index, offsets, offsets[1:], strict=False))


def _bank_note(raw: dict[str, object], z: NDArray[np.float32], gain_db: NDArray[np.float32]) -> BankNote:
    marks = raw["marks"]
    if not isinstance(marks, list):
        raise TypeError("marks are not a list")
    return BankNote(
        name=str(raw["name"]),
        instrument=str(raw["instrument"]),
        family=str(raw["family"]),
        pitch=int(str(raw["pitch"])),
        velocity=int(str(raw["velocity"])),
        z=z,
        gain_db=gain_db,
        marks=NoteMarks(*(int(mark) for mark in marks)),
    )
