"""The note bank as it is stored in a model file: an index in the header, paths and corrections in tensors."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, TypeAdapter

from synth_app.modelfile import noise_share, soft_shape
from synth_app.modelfile.bank import BankNote, NoteMarks
from synth_app.modelfile.correction import Correction
from synth_app.support.errors import UserError

_CORRECTIONS = ("correction.shapes", "correction.scale_db", "correction.weights")  # int8, float32, float16
# of each note; absent in files of earlier versions, and where no note has them
_EXTRAS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "noise": (np.uint8, (noise_share.KNOTS, noise_share.BANDS)),
    "soft": (np.int8, (soft_shape.BANDS,)),
}
_Text = Annotated[str, StringConstraints(max_length=256)]
_Midi = Annotated[int, Field(ge=0, le=127)]


@dataclass(frozen=True)
class BankEntry:
    """A bank note as the header describes it; its path and gains are in the tensors."""

    name: _Text
    instrument: _Text
    family: _Text
    pitch: _Midi
    velocity: _Midi
    marks: tuple[int, int, int, int]  # as in NoteMarks


_BANK_ENTRY = TypeAdapter(BankEntry)
_JSON = json.JSONDecoder()
_MARKS = ("attack_end", "loop_start", "loop_end", "release_start")


def bank_index(bank: tuple[BankNote, ...]) -> str:
    """Return the index of a bank as JSON."""
    entries = [
        {
            "name": note.name,
            "instrument": note.instrument,
            "family": note.family,
            "pitch": note.pitch,
            "velocity": note.velocity,
            "marks": [getattr(note.marks, name) for name in _MARKS],
        }
        for note in bank
    ]
    return json.dumps(entries)


def pack_bank(bank: tuple[BankNote, ...], latent_size: int) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of a bank by name.

    Raises:
        UserError: only some notes have a correction, or corrections of different sizes.
    """
    empty = np.zeros((0, latent_size), np.float32)
    return {
        "bank.z": np.concatenate([empty, *(note.z for note in bank)]).astype(np.float16),
        "bank.gain_db": np.concatenate([empty[:, 0], *(note.gain_db for note in bank)]).astype(np.float16),
        "bank.offsets": np.concatenate([[0], np.cumsum([len(note.z) for note in bank])]).astype(np.int64),
        **_pack_corrections(bank),
    }


def _pack_corrections(bank: tuple[BankNote, ...]) -> dict[str, NDArray[np.generic]]:
    """Return the corrections of a bank whose notes all have one, of the same size."""
    corrections = [note.correction for note in bank]
    found = [each for each in corrections if each is not None]
    if not found:
        return {}
    bins, rows, knots = _size(found[0])
    if len(found) < len(corrections) or any(_size(each) != (bins, rows, knots) for each in found):
        raise UserError("either all notes of a bank have a correction of the same size, or none has one")
    n = len(found)
    return {
        **_pack_extras(found),
        _CORRECTIONS[0]: np.frombuffer(b"".join(c.shapes for c in found), np.int8).reshape(n, rows, bins),
        _CORRECTIONS[1]: np.frombuffer(b"".join(c.scale_db for c in found), np.float32).reshape(n, rows),
        _CORRECTIONS[2]: np.frombuffer(b"".join(c.weights for c in found), np.float16).reshape(n, rows - 1, knots),
    }


def _size(correction: Correction) -> tuple[int, int, int]:
    """Return the numbers of bins, rows and knots."""
    return correction.bins, len(correction.scale_db) // 4, correction.knots


def _pack_extras(corrections: list[Correction]) -> dict[str, NDArray[np.generic]]:
    """Return the shares of noise and soft shapes; a note without a soft shape gets one of 0 dB."""
    packed = dict[str, NDArray[np.generic]]()
    for name, (dtype, shape) in _EXTRAS.items():
        parts = [getattr(each, name) for each in corrections]
        if not any(parts):
            continue
        if name == "noise" and not all(parts):
            raise UserError("either the corrections of all notes of a bank have a share of noise, or none has one")
        blank = bytes(int(np.prod(shape)))
        packed[f"correction.{name}"] = np.frombuffer(b"".join(part or blank for part in parts), dtype).reshape(
            len(parts), *shape
        )
    return packed


def _unpack_extras(tensors: dict[str, Any], notes: int) -> dict[str, list[bytes]]:
    """Return the parts of every note's correction that a file may lack, as bytes; empty where nothing is known."""
    found = dict[str, list[bytes]]()
    for name, (dtype, shape) in _EXTRAS.items():
        tensor = tensors.pop(f"correction.{name}", None)
        if tensor is None:
            found[name] = [b""] * notes
        elif tensor.dtype != dtype or tensor.shape != (notes, *shape):
            raise ValueError(f"correction.{name} has the shape {tensor.shape} and not {(notes, *shape)}")
        else:
            found[name] = [part.tobytes() if name == "noise" or part.any() else b"" for part in tensor]
    return found


def _unpack_corrections(tensors: dict[str, Any], index: tuple[BankEntry, ...]) -> list[Correction | None]:
    """Return the corrections of a file, None for every note of a file without them."""
    notes = len(index)
    if not any(name in tensors for name in _CORRECTIONS):
        return [None] * notes
    shapes, scale_db, weights = (tensors.pop(name) for name in _CORRECTIONS)
    dtypes = (shapes.dtype, scale_db.dtype, weights.dtype)
    if dtypes != (np.int8, np.float32, np.float16) or {len(shapes), len(scale_db), len(weights)} != {notes}:
        raise ValueError(f"corrections of {len(shapes)} notes in a bank of {notes}")
    extras = _unpack_extras(tensors, notes)
    return [
        Correction(
            shape.shape[1], shape.tobytes(), scale.tobytes(), weight.tobytes(), noise, soft, max(each.velocity, 1)
        )
        for each, shape, scale, weight, noise, soft in zip(
            index, shapes, scale_db, weights, extras["noise"], extras["soft"], strict=True
        )
    ]


def bank_entries(text: str) -> tuple[BankEntry, ...]:
    """Read the bank's index entry by entry: at once it would hold the interpreter for milliseconds.

    Raises:
        ValueError: it is no list of entries.
    """
    text = text.strip()
    entries, position = list[BankEntry](), _after_spaces(text, 1)
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


def unpack_bank(index: tuple[BankEntry, ...], tensors: dict[str, Any]) -> tuple[BankNote, ...]:
    """Make the notes of a bank from their index and tensors, which are removed from ``tensors``.

    Raises:
        KeyError, ValueError: a tensor is missing, or does not fit the index or the others.
    """
    z = tensors.pop("bank.z").astype(np.float32)
    gain_db = tensors.pop("bank.gain_db").astype(np.float32)
    offsets = tensors.pop("bank.offsets")
    fits = offsets.shape == (len(index) + 1,) and len(gain_db) == len(z) and offsets[0] == 0 and offsets[-1] == len(z)
    if not fits or (np.diff(offsets) < 0).any():  # each frame belongs to one note
        raise ValueError(f"the bank of {len(index)} notes does not match its {len(z)} frames")
    corrections = _unpack_corrections(tensors, index)
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
