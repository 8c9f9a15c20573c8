"""Save, load and validate model files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from synth_app.modelfile.card import FORMAT_VERSION, ModelCard
from synth_app.modelfile.content import LatentStats, ModelFile
from synth_app.modelfile.path_smoothing import smooth_path
from synth_app.modelfile.stored_bank import bank_entries, bank_index, pack_bank, unpack_bank
from synth_app.modelfile.validation import check_model
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.loading import loading, parse_json, reason_of
from synth_app.support.tensor_files import read_metadata, read_tensors, tensor_digest

_CARD_KEY, _BANK_KEY, _DIGEST_KEY = "synth_app.card", "synth_app.bank", "synth_app.sha256"
_PATHS_KEY, _SMOOTH = "synth_app.paths", "smooth"  # absent in files whose latent paths were saved as encoded
_MAP_POSITIONS = "map.umap"
_MAX_CARD_CHARACTERS = 2**20  # 150 times those of a shipped model


def save_model_file(path: Path | str, model: ModelFile) -> None:
    """Check that a model can be loaded, then write its file atomically.

    Raises:
        UserError: tensors are missing, of the wrong shape or not finite, or the path cannot be written.
    """
    check_model(model, str(path))
    with atomic_path(path) as temporary:
        metadata = {
            _CARD_KEY: model.card.model_dump_json(),
            _BANK_KEY: bank_index(model.bank),
            _PATHS_KEY: _SMOOTH,
        }
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
        return tuple(entry.name for entry in bank_entries(metadata[_BANK_KEY]))


def read_content_digest(path: Path | str) -> str:
    """Read the digest of everything in a model file from the header. Raises as ``load_model_file``."""
    with _model_file(path):
        return read_metadata(path)[_DIGEST_KEY]


def load_model_file(path: Path | str) -> ModelFile:
    """Read and validate a model file. Latent paths of older files, saved as encoded, are smoothed (``smooth_path``).

    Raises:
        UserError: the file is missing, damaged, incomplete, of another program or of a newer version.
    """
    with _model_file(path):
        file = read_tensors(path)
        card, tensors = _card_of(file.metadata, path), file.tensors
        if file.metadata.get(_DIGEST_KEY) != content_digest(file.metadata, tensors):
            raise ValueError("the checksum does not match the content")
        stats = LatentStats(**{f: tensors.pop(f"stats.{f}") for f in LatentStats.__dataclass_fields__})
        bank = unpack_bank(bank_entries(file.metadata[_BANK_KEY]), tensors)
        map_positions = tensors.pop(_MAP_POSITIONS, None)
        model = ModelFile(card, tensors, stats, bank, map_positions)
        check_model(model, str(path))
        return model if file.metadata.get(_PATHS_KEY) == _SMOOTH else _with_smooth_paths(model)


def _with_smooth_paths(model: ModelFile) -> ModelFile:
    rate = 1.0 / model.card.frame_spec.hop_seconds
    return replace(model, bank=tuple(replace(note, z=smooth_path(note.z, rate)) for note in model.bank))


def content_digest(metadata: dict[str, str], tensors: Mapping[str, NDArray[np.generic]]) -> str:
    """Return the SHA-256 of all metadata and every tensor's name, type, shape and bytes, as hex."""
    keys = (_CARD_KEY, _BANK_KEY, *([_PATHS_KEY] if _PATHS_KEY in metadata else []))
    return tensor_digest([metadata[key] for key in keys], tensors)


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
    map_positions = {} if model.map_positions is None else {_MAP_POSITIONS: model.map_positions.astype(np.float32)}
    packed = {**model.tensors, **stats, **pack_bank(model.bank, model.card.latent_size), **map_positions}
    return {name: np.ascontiguousarray(tensor) for name, tensor in packed.items()}
