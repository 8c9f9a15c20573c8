"""Save, load and validate model files."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, TypeAdapter
from safetensors.numpy import save_file

from synth_app.modelfile.bank import BankNote, NoteMarks
from synth_app.modelfile.card import FORMAT_VERSION, ModelCard
from synth_app.modelfile.content import LatentStats, ModelFile, Tensors
from synth_app.modelfile.correction import Correction
from synth_app.modelfile.validation import check_model
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, parse_json, reason_of
from synth_app.support.tensor_files import read_metadata, read_tensors, tensor_digest

_Text = Annotated[str, StringConstraints(max_length=256)]
_Midi = Annotated[int, Field(ge=0, le=127)]


@dataclass(frozen=True)
class _BankEntry:
    """A bank note as the header describes it; its path and gains are in the tensors."""

    name: _Text
    instrument: _Text
    family: _Text
    pitch: _Midi
    velocity: _Midi
    marks: tuple[int, int, int, int]  # as in NoteMarks


_BANK_ENTRY = TypeAdapter(_BankEntry)
_JSON = json.JSONDecoder()
_CARD_KEY, _BANK_KEY, _DIGEST_KEY = "synth_app.card", "synth_app.bank", "synth_app.sha256"
_MAP_POSITIONS = "map.umap"
_CORRECTIONS = ("correction.shapes", "correction.scale_db", "correction.weights")  # int8, float32, float16
_MAX_CARD_CHARACTERS = 2**20  # 150 times those of a shipped model


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
    with _model_file(path):
        return _card_of(read_metadata(path), path)


def read_bank_names(path: Path | str) -> tuple[str, ...]:
    """Read the names of the bank's notes from the header. Raises as ``load_model_file``."""
    with _model_file(path):
        metadata = read_metadata(path)
        _card_of(metadata, path)
        return tuple(entry.name for entry in _bank_entries(metadata[_BANK_KEY]))


def load_model_file(path: Path | str) -> ModelFile:
    """Read and validate a model file.

    Raises:
        UserError: the file is missing, damaged, incomplete, of another program or of a newer version.
    """
    with _model_file(path):
        file = read_tensors(path)
        card, tensors = _card_of(file.metadata, path), file.tensors
        if file.metadata.get(_DIGEST_KEY) != content_digest(file.metadata, tensors):
            raise ValueError("the checksum does not match the content")
        stats = LatentStats(**{f: tensors.pop(f"stats.{f}") for f in LatentStats.__dataclass_fields__})
        bank = _unpack_bank(_bank_entries(file.metadata[_BANK_KEY]), tensors)
        map_positions = tensors.pop(_MAP_POSITIONS, None)
        model = ModelFile(card, tensors, stats, bank, map_positions)
        check_model(model, str(path))
        return model


def content_digest(metadata: dict[str, str], tensors: Mapping[str, NDArray[np.generic]]) -> str:
    """Return the SHA-256 of card, bank index and every tensor's name, type, shape and bytes, as hex."""
    return tensor_digest((metadata[_CARD_KEY], metadata[_BANK_KEY]), tensors)


@contextmanager
def _model_file(path: Path | str) -> Iterator[None]:
    if not Path(path).is_file():
        raise UserError(f"{path}: no such model file; `synth-app models` lists the models")
    with loading(path, "a model file", "download the file again"):
        yield


def _card_of(metadata: dict[str, str], path: Path | str) -> ModelCard:
    if _CARD_KEY not in metadata or _BANK_KEY not in metadata:
        raise UserError(f"{path}: a safetensors file without a model card; choose a model made by synth_app")
    text = metadata[_CARD_KEY]
    try:
        if len(text) > _MAX_CARD_CHARACTERS:
            raise ValueError(f"it has {len(text)} characters, the limit is {_MAX_CARD_CHARACTERS}")
        raw = parse_json(text)
        if not isinstance(raw, dict):
            raise TypeError("it is no object")
        version = int(raw.get("format_version", -1))
        if version > FORMAT_VERSION:
            raise UserError(
                f"{path}: made by a newer synth_app (format {version}, this reads {FORMAT_VERSION}); update"
            )
        return ModelCard.model_validate(raw)
    except UserError as error:
        raise error if str(path) in str(error) else UserError(f"{path}: {error}") from error
    except (ValueError, TypeError, OverflowError) as error:
        raise UserError(f"{path}: the model card is damaged ({reason_of(error)}); download the file again") from error


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
    packed = {**model.tensors, **stats, **bank, **map_positions, **_pack_corrections(model)}
    return {name: np.ascontiguousarray(tensor) for name, tensor in packed.items()}


def _pack_corrections(model: ModelFile) -> dict[str, NDArray[np.generic]]:
    """Return the corrections of a bank whose notes all have one, of the same size."""
    corrections = [note.correction for note in model.bank]
    found = [each for each in corrections if each is not None]
    if not found:
        return {}
    bins, rows = found[0].bins, len(found[0].scale_db) // 4
    if len(found) < len(corrections) or any((c.bins, len(c.scale_db) // 4) != (bins, rows) for c in found):
        raise UserError("either all notes of a bank have a correction of the same size, or none has one")
    n = len(found)
    return {
        _CORRECTIONS[0]: np.frombuffer(b"".join(c.shapes for c in found), np.int8).reshape(n, rows, bins),
        _CORRECTIONS[1]: np.frombuffer(b"".join(c.scale_db for c in found), np.float32).reshape(n, rows),
        _CORRECTIONS[2]: np.frombuffer(b"".join(c.weights for c in found), np.float16).reshape(
            n, rows - 1, Correction.KNOTS
        ),
    }


def _unpack_corrections(tensors: dict[str, Any], notes: int) -> list[Correction | None]:
    """Return the corrections of a file, None for every note of a file without them."""
    if not any(name in tensors for name in _CORRECTIONS):
        return [None] * notes
    shapes, scale_db, weights = (tensors.pop(name) for name in _CORRECTIONS)
    dtypes = (shapes.dtype, scale_db.dtype, weights.dtype)
    if dtypes != (np.int8, np.float32, np.float16) or {len(shapes), len(scale_db), len(weights)} != {notes}:
        raise ValueError(f"corrections of {len(shapes)} notes in a bank of {notes}")
    return [
        Correction(shape.shape[1], shape.tobytes(), scale.tobytes(), weight.tobytes())
        for shape, scale, weight in zip(shapes, scale_db, weights, strict=True)
    ]


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


def _bank_entries(text: str) -> tuple[_BankEntry, ...]:
    """Read the bank's index entry by entry: at once it would hold the interpreter for milliseconds.

    Raises:
        ValueError: it is no list of entries.
    """
    text = text.strip()
    entries, position = list[_BankEntry](), _after_spaces(text, 1)
    if text[:1] != "[" or text[-1:] != "]":
        raise ValueError("the index of the bank is no list")
    while position < len(text) - 1:
        raw, position = _JSON.raw_decode(text, position)
        entries.append(_BANK_ENTRY.validate_python(raw))
        position = _after_spaces(text, position)
        if text[position] == "," and position < len(text) - 2:
            position = _after_spaces(text, position + 1)
        elif position != len(text) - 1:
            raise ValueError(f"the index of the bank is no list: {text[position : position + 8]!r} between its entries")
    return tuple(entries)


def _after_spaces(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _unpack_bank(index: tuple[_BankEntry, ...], tensors: Tensors) -> tuple[BankNote, ...]:
    z = tensors.pop("bank.z").astype(np.float32)
    gain_db = tensors.pop("bank.gain_db").astype(np.float32)
    offsets = tensors.pop("bank.offsets")
    fits = offsets.shape == (len(index) + 1,) and len(gain_db) == len(z) and offsets[0] == 0 and offsets[-1] == len(z)
    if not fits or (np.diff(offsets) < 0).any():  # each frame belongs to one note
        raise ValueError(f"the bank of {len(index)} notes does not match its {len(z)} frames")
    corrections = _unpack_corrections(tensors, len(index))
    return tuple(
        BankNote(
            each.name,
            each.instrument,
            each.family,
            each.pitch,
            each.velocity,
            z[a:b],
            gain_db[a:b],
            NoteMarks(*each.marks),
            correction,
        )
        for each, a, b, correction in zip(index, offsets, offsets[1:], corrections, strict=False)
    )
