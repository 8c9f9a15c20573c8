"""Sounds to presets and back: exact for the model a preset was made with, by bank notes for any other."""

import dataclasses
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, TypeAdapter, ValidationError

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, ModelCard, default_note, note_center
from synth_app.params import PARAMS, param
from synth_app.patch import Patch
from synth_app.session.pad.pad_grids import pad_grids_of
from synth_app.session.state.automation_edit import for_any_model
from synth_app.session.state.changes import LoadedPreset
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import ModelMark, Preset
from synth_app.session.state.saved_automation import SavedAutomation
from synth_app.session.state.saved_modulation import modulation_json, modulation_of
from synth_app.session.state.saved_notes import SavedNote, SavedPad
from synth_app.session.state.state import Snapshot, center_of, centers_of
from synth_app.support.errors import UserError

Vector = NDArray[np.float64]
_OWN_FIELDS = {"model", "slot_a", "slot_b", "offset", "params", "quality", "custom", "gesture", "modulation", "pad"}
_NOTE_NAME = re.compile(r"^(?P<instrument>(?P<family>.+?)_(?P<source>[a-z]+)_\d+)-(?P<pitch>\d{3})-\d{3}$")
_TOWARD_NOTES = 6  # that a code is told by; in 16 dimensions they explain most of it
_NEGLIGIBLE = 1e-3  # standard deviations
_FAR = 20.0  # standard deviations; a preset of wild numbers must not send the decoder to infinity


@dataclass(frozen=True)
class Fitted:
    """A preset as one model plays it.

    Attributes:
        sound: ready for the engine.
        exact: whether the model is the one it was made with, or it was made for all.
        remark: one line for the user where something had to be replaced, else "".
        field: the pad that it was made with or moves over; None where it has none.
    """

    patch: Patch
    exact: bool
    remark: str
    field: PadState | None = None


def model_mark(card: ModelCard) -> ModelMark:
    """What identifies a model in a preset."""
    return ModelMark(
        name=card.name, title=card.title, family=card.family, latent_size=card.latent_size, digest=_card_digest(card)
    )


@lru_cache(maxsize=32)
def _digest_of_json(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _card_digest(card: ModelCard) -> str:
    return _digest_of_json(card.model_dump_json())


def capture(patch: Patch, model: Model, like: Preset, field: PadState | None = None) -> Preset:
    """The sound as a preset with the name and description of ``like``.

    Args:
        sound: of ``model``.
        model: the loaded model.
        like: gives everything that is not sound.
        field: the pad, for its corners, and for all of it where modulation moves over it.

    Returns:
        A preset that ``fit`` makes the same sound of in this model, and a similar one in others.
    """
    a, b = model.bank[patch.slot_a], model.bank[patch.slot_b]
    offset = np.asarray(patch.offset, dtype=np.float64)
    bank_center = center_of(dataclasses.replace(patch, custom=(None, None)), model)
    way = center_of(patch, model) + offset - bank_center
    moved = bool(np.abs(way / _spread(model)).max(initial=0.0) > _NEGLIGIBLE)
    own = tuple(SavedNote.of(note) if note else None for note in patch.custom)
    moving = modulation_json(patch.modulation)
    has_pad = field is not None and (any(field.corners) or patch.modulation.moves_pad)
    return like.model_copy(
        update={
            "model": model_mark(model.card),
            "a": a.name,
            "b": "" if b.name == a.name else b.name,
            "own": (own[0], own[1]),
            "exaggerate": 0.0,
            "toward": _told_by_notes(way, bank_center, model) if moved else {},
            "offset": tuple(float(x) for x in offset / _spread(model)) if offset.any() else (),
            "params": {
                spec.name: value for spec, value in zip(PARAMS, patch.params, strict=True) if value != spec.default
            },
            "pad": SavedPad.of(field) if field is not None and has_pad else None,
            "gesture": SavedAutomation.of(patch.gesture),
            "extra": _extra_of(patch) | ({"modulation": moving} if moving else {}),
        }
    )


def fit(preset: Preset, model: Model, path: str, quality: str) -> Fitted:
    """The preset's sound in a model, the nearest there is.

    Slots go by note name, then by instrument, then by family. The code is exact for the model the preset was made
    with; elsewhere it is told by bank notes, or, lacking these, by standardised dimensions where the sizes agree.

    Args:
        preset: to play.
        model: loaded from ``path``.
        path: for ``Patch.model``.
        quality: the user's present choice; presets have none.
    """
    if not model.bank:
        raise UserError(f"{path}: this model has no note bank to play {preset.name!r} with; choose another model")
    known = preset.model is not None and preset.model.digest == _card_digest(model.card)
    a = find_nearest(preset.a, model.bank)
    b = find_nearest(preset.b or preset.a, model.bank)
    patch = Patch(path, a, b, (0.0,) * model.card.latent_size, quality=quality)
    for name, value in preset.params.items():
        if any(spec.name == name for spec in PARAMS):  # others belong to another version
            patch = patch.with_param(name, param(name).clamp(value))
    if known:
        own = tuple(note.custom() if note else None for note in preset.own)
        patch = dataclasses.replace(patch, custom=(own[0], own[1]))
    gesture = preset.gesture.moves() if preset.gesture else None
    patch = dataclasses.replace(patch, gesture=gesture if known else for_any_model(gesture))
    patch = _with_extra(patch, preset.extra)
    modulation, left_out = modulation_of(preset.extra.get("modulation", {}), model.card.latent_size)
    patch = dataclasses.replace(patch, modulation=modulation)
    offset, how = _offset(preset, model, patch, known)
    limit = _FAR * _spread(model)
    patch = dataclasses.replace(patch, offset=tuple(float(x) for x in np.clip(offset, -limit, limit)))
    field = _field_of(preset, model, patch, known=known)
    if field is not None and modulation.moves_pad:
        patch = dataclasses.replace(patch, pad=pad_grids_of(model).of(field, patch))
    replaced = [
        f"{model.bank[i].instrument} for {wanted}"
        for wanted, i in {preset.a: a, preset.b or preset.a: b}.items()
        if model.bank[i].name != wanted
    ]
    remark = _remark(preset, model, known, replaced, how)
    if left_out:
        remark = f"{remark}; left out: {left_out}" if remark else f"{preset.name}: left out {left_out}"
    return Fitted(patch, known or preset.model is None, remark, field)


def snapshot_of(preset: Preset, key: str, fitted: Fitted) -> Snapshot:
    """What the store takes over when a preset is loaded."""
    return Snapshot(fitted.patch, LoadedPreset(key, preset.name, fitted.patch), fitted.field)


def find_nearest(name: str, bank: tuple[BankNote, ...]) -> int:
    """Index of the bank note of that name; else the same instrument's, then the same kind's, nearest in pitch."""
    for i, note in enumerate(bank):
        if note.name == name:
            return i
    wanted = _NOTE_NAME.match(name)
    if wanted is None:
        return default_note(bank)
    pitch = int(wanted["pitch"])

    def distance(i: int) -> tuple[bool, bool, bool, int]:
        found = _NOTE_NAME.match(bank[i].name)
        parts = found.groupdict() if found else {}
        return (
            bank[i].family != wanted["family"],
            parts.get("instrument") != wanted["instrument"],
            parts.get("source") != wanted["source"],
            abs(bank[i].pitch - pitch),
        )

    best = min(range(len(bank)), key=distance)
    return default_note(bank, pitch) if distance(best)[0] else best


def _field_of(preset: Preset, model: Model, patch: Patch, *, known: bool) -> PadState | None:
    """The pad that a preset was made with, as this model has it; the usual one where its modulation needs one.

    A place on the map belongs to one model: in others the cursor goes to the note in slot A.
    """
    moves = patch.modulation.moves_pad
    if preset.pad is None and not moves:
        return None
    field = (preset.pad.state() if preset.pad else PadState()).within(model.card.latent_size)
    if known or not moves or field.mode != "map":
        return field
    x, y = pad_grids_of(model).places(field)[patch.slot_a]
    return dataclasses.replace(field, map_at=(float(x), float(y)))


def _spread(model: Model) -> Vector:
    """Standard deviation of each dimension, never zero."""
    return np.maximum(model.stats.std.astype(np.float64), 1e-6)


def _offset(preset: Preset, model: Model, patch: Patch, known: bool) -> tuple[Vector, str]:
    """Slider offsets in raw units, and how they were found."""
    size = model.card.latent_size
    if known:
        return np.asarray(preset.offset) * _spread(model) if len(preset.offset) == size else np.zeros(size), ""
    if len(preset.offset) == size and not preset.toward:
        return np.asarray(preset.offset) * _spread(model), "its code by dimension"
    center = center_of(patch, model)
    offset = np.asarray(preset.exaggerate * (center - model.stats.mean), dtype=np.float64)
    for name, share in preset.toward.items():
        note = model.bank[find_nearest(name, model.bank)]
        offset += share * (note_center(note)[0] - center)
    if preset.toward:
        return offset, "its code by the notes around it"
    return offset, "its sliders at rest" if preset.offset else ""


def _told_by_notes(offset: Vector, center: Vector, model: Model) -> dict[str, float]:
    """The offset as shares of the way to a few bank notes: orthogonal matching pursuit, in standard deviations.

    Source: Pati, Rezaiifar & Krishnaprasad (1993), "Orthogonal matching pursuit".
    """
    ways = ((centers_of(model) - center) / _spread(model)).T  # [latent, notes]
    target = offset / _spread(model)
    lengths = np.linalg.norm(ways, axis=0)
    usable = lengths > _NEGLIGIBLE
    chosen: list[int] = []
    shares: NDArray[np.floating] = np.zeros(0)
    rest = target
    for _ in range(min(_TOWARD_NOTES, len(target), int(usable.sum()))):
        fits = np.where(usable, np.abs(rest @ ways) / np.maximum(lengths, _NEGLIGIBLE), -1.0)
        fits[chosen] = -1.0
        chosen.append(int(fits.argmax()))
        shares = np.linalg.lstsq(ways[:, chosen], target, rcond=None)[0].astype(np.float64)
        rest = target - ways[:, chosen] @ shares
        if np.linalg.norm(rest) < 0.05 * np.linalg.norm(target):
            break
    return {model.bank[i].name: round(float(share), 5) for i, share in zip(chosen, shares, strict=True)}


def _remark(preset: Preset, model: Model, known: bool, replaced: list[str], how: str) -> str:
    here = model.card.title
    missing = f"{' and '.join(replaced)}" if replaced else ""
    if preset.model is None or known:
        return f"{here} lacks a note of {preset.name}: {missing}" if missing else ""
    parts = [part for part in (missing or "the same notes", how) if part]
    return f"{preset.name} was made for {preset.model.title}; {here} plays the nearest: {', '.join(parts)}"


def _extra_of(patch: Patch) -> dict[str, JsonValue]:
    """Parts of a sound that this module knows nothing of, where they differ from their defaults."""
    plain, hints = dataclasses.replace(type(patch)(model=patch.model)), get_type_hints(type(patch))
    return {
        field.name: TypeAdapter(hints[field.name]).dump_python(getattr(patch, field.name), mode="json")
        for field in dataclasses.fields(patch)
        if field.name not in _OWN_FIELDS and getattr(patch, field.name) != getattr(plain, field.name)
    }


def _with_extra(patch: Patch, extra: dict[str, JsonValue]) -> Patch:
    """The sound with such parts; those of another version are left out."""
    hints, names = get_type_hints(type(patch)), {field.name for field in dataclasses.fields(patch)}
    for name, value in extra.items():
        if name in names - _OWN_FIELDS:
            try:
                part = TypeAdapter(hints[name]).validate_python(value)
            except ValidationError as error:
                raise UserError(f"the preset's {name} does not fit this version: {error.errors()[0]['msg']}") from error
            patch = dataclasses.replace(patch, **{name: part})
    return patch
