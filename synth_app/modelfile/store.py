"""Save, load and validate model files."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from synth_app.modelfile.bank import BankNote, NoteMarks
from synth_app.modelfile.card import (
    FORMAT_VERSION,
    LayerNorm,
    Linear,
    Lstm,
    ModelCard,
    Op,
    Parallel,
    PitchComb,
    PitchConcat,
    Residual,
)
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

_CARD_KEY, _BANK_KEY, _DIGEST_KEY = "synth_app.card", "synth_app.bank", "synth_app.sha256"
_MAP_POSITIONS = "map.umap"
PERCENTS = (1, 5, 25, 50, 75, 95, 99)
Tensors = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class LatentStats:
    """Statistics of the training notes' latent vectors.

    Attributes:
        mean, std: float32 [latent].
        percentiles: float32 [7, latent] at 1, 5, 25, 50, 75, 95, 99 %.
        axes: float32 [latent, latent], principal axes as rows, largest variance first.
        axis_std: float32 [latent], standard deviation along each principal axis.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    percentiles: NDArray[np.float32]
    axes: NDArray[np.float32]
    axis_std: NDArray[np.float32]

    @classmethod
    def of(cls, z: NDArray[np.float32]) -> "LatentStats":
        """Compute the statistics of latent vectors [n, latent], n > latent."""
        centred = z.astype(np.float64) - z.mean(axis=0, dtype=np.float64)
        variances, vectors = np.linalg.eigh(centred.T @ centred / len(z))
        order = np.argsort(variances)[::-1]
        return cls(
            mean=z.mean(axis=0, dtype=np.float64).astype(np.float32),
            std=centred.std(axis=0).astype(np.float32),
            percentiles=np.percentile(z, PERCENTS, axis=0).astype(np.float32),
            axes=vectors[:, order].T.astype(np.float32),
            axis_std=np.sqrt(np.maximum(variances[order], 0.0)).astype(np.float32),
        )


@dataclass(frozen=True)
class ModelFile:
    """Content of a model file: card, network tensors (float32), latent statistics, note bank, positions on the map."""

    card: ModelCard
    tensors: Tensors
    stats: LatentStats
    bank: tuple[BankNote, ...]
    map_positions: NDArray[np.float32] | None = None  # UMAP [notes, 2]; None in older files


def save_model_file(path: Path | str, model: ModelFile) -> None:
    """Check that a model can be loaded, then write its file atomically.

    Raises:
        UserError: tensors are missing, of the wrong shape or not finite, or the path cannot be written.
    """
    _check(model, str(path))
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
    _check(model, str(path))
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


def _check(model: ModelFile, where: str) -> None:
    """Raise UserError for a model that cannot be played."""
    card = model.card
    for name, tensor in model.tensors.items():
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise UserError(f"{where}: tensor {name} is not finite float32; download or train the model again")
    sizes = (card.frame_spec.bins, card.latent_size)
    for net, (n_in, n_out) in (("encoder", sizes), ("decoder", sizes[::-1])):
        found = _Program(model, where).width_after(getattr(card, net), n_in)
        if found != n_out:
            raise UserError(f"{where}: the {net} returns {found} values; the card says {n_out}")
    latent = (card.latent_size,)
    shapes = {
        "mean": latent,
        "std": latent,
        "percentiles": (len(PERCENTS), *latent),
        "axes": latent * 2,
        "axis_std": latent,
    }
    for name, shape in shapes.items():
        statistic = getattr(model.stats, name)
        if statistic.shape != shape or not np.isfinite(statistic).all():
            raise UserError(f"{where}: latent statistic {name} has the wrong shape or values; download the file again")
    if model.map_positions is not None and (
        model.map_positions.shape != (len(model.bank), 2) or not np.isfinite(model.map_positions).all()
    ):
        raise UserError(f"{where}: the map does not match the bank of {len(model.bank)} notes; download the file again")
    for note in model.bank:
        _check_note(note, card.latent_size, where)


def _check_note(note: BankNote, latent_size: int, where: str) -> None:
    m, n = note.marks, len(note.z)
    ordered = 0 <= m.attack_end <= m.loop_start < m.loop_end <= m.release_start <= n
    if note.z.shape != (n, latent_size) or note.gain_db.shape != (n,) or not ordered or n < 2:
        raise UserError(f"{where}: bank note {note.name} has an invalid latent path; download the file again")
    if not (np.isfinite(note.z).all() and np.isfinite(note.gain_db).all() and 0 <= note.pitch <= 127):
        raise UserError(f"{where}: bank note {note.name} has values out of range; download the file again")


class _Program:
    """Check the tensors of a network program and compute its widths."""

    def __init__(self, model: ModelFile, where: str) -> None:
        self._tensors, self._where = model.tensors, where
        self._keys = model.card.key_range.keys if model.card.key_range else 0

    def width_after(self, ops: tuple[Op, ...], width: int) -> int:
        """Return the width of the vector after ``ops``."""
        for op in ops:
            if isinstance(op, Linear | PitchComb):
                width = self._linear(op, width)
            elif isinstance(op, LayerNorm):
                if {self._shape(op.weight), self._shape(op.bias)} != {(width,)}:
                    raise self._misfit(op.weight, width)
            elif isinstance(op, PitchConcat):
                table = self._shape(op.table)
                if len(table) != 2 or table[0] != self._keys or not self._keys:
                    raise self._misfit(op.table, width)
                width += table[1]
            elif isinstance(op, Lstm):
                width = self._lstm(op, width)
            else:
                width = self._branches(op, width)
        return width

    def _linear(self, op: Linear | PitchComb, width: int) -> int:
        out = self._shape(op.bias)
        if len(out) != 1 or self._shape(op.weight) != (out[0], width):
            raise self._misfit(op.weight, width)
        if isinstance(op, PitchComb):
            inner, bumps, combs = (self._shape(name) for name in (op.coefficients, op.bumps, op.combs))
            fits = len(inner) == len(bumps) == 2 and len(combs) == 3 and inner[1] == width and combs[0] == self._keys
            if not fits or inner[0] != combs[1] * bumps[0] or not bumps[1] == combs[2] == out[0] or not self._keys:
                raise self._misfit(op.combs, width)
        return out[0]

    def _lstm(self, op: Lstm, width: int) -> int:
        bias = self._shape(op.bias)
        n = bias[0] // 4 if len(bias) == 1 else 0
        shapes = (bias, self._shape(op.weight), self._shape(op.recurrent))
        if not n or shapes != ((4 * n,), (4 * n, width), (4 * n, n)):
            raise self._misfit(op.weight, width)
        return n

    def _branches(self, op: Op, width: int) -> int:
        bodies: Iterator[tuple[Op, ...]] = iter(())
        if isinstance(op, Residual):
            bodies = iter((op.body, ()))
        elif isinstance(op, Parallel):
            bodies = iter(op.branches)
        widths = {self.width_after(body, width) for body in bodies}
        if len(widths) > 1:
            raise UserError(f"{self._where}: a network has branches of different widths {sorted(widths)}")
        return widths.pop() if widths else width

    def _shape(self, name: str) -> tuple[int, ...]:
        if name not in self._tensors:
            raise UserError(f"{self._where}: tensor {name} is missing; download the file again")
        return self._tensors[name].shape

    def _misfit(self, name: str, width: int) -> UserError:
        return UserError(f"{self._where}: layer {name} does not match its input width {width}; download the file again")
