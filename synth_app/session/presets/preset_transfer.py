"""Converts a preset to a patch: exactly in the model it was made with, and as near as possible in other models."""

import dataclasses
import re
from dataclasses import dataclass
from typing import get_type_hints

import numpy as np
from pydantic import JsonValue, TypeAdapter, ValidationError

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, default_note, note_center
from synth_app.params import PARAMS, param
from synth_app.patch import Patch
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.session.curves.handle_solver import with_handle_curves
from synth_app.session.pad.pad_grids import pad_grids_of
from synth_app.session.presets.preset_capture import CONVERTED_FIELDS, Vector, card_digest, latent_spread
from synth_app.session.state.automation_edit import for_any_model
from synth_app.session.state.centers import patch_center
from synth_app.session.state.changes import LoadedPreset
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import Preset
from synth_app.session.state.saved_modulation import read_modulation
from synth_app.session.state.state import Snapshot
from synth_app.support.errors import UserError

_NOTE_NAME = re.compile(r"^(?P<instrument>(?P<family>.+?)_(?P<source>[a-z]+)_\d+)-(?P<pitch>\d{3})-\d{3}$")
_MAX_OFFSET = 20.0  # standard deviations; larger values in a file could give infinite decoder output


@dataclass(frozen=True)
class TransferredPreset:
    """A preset as one model plays it.

    Attributes:
        patch: ready for the engine.
        exact: whether the model is the one it was made with, or it was made for all models.
        remark: one line for the user if something had to be replaced, else "".
        pad: the pad that it was made with or moves over; None if it has none.
    """

    patch: Patch
    exact: bool
    remark: str
    pad: PadState | None = None


def transfer_preset(preset: Preset, model: Model, path: str, quality: str) -> TransferredPreset:
    """Return the patch of a preset in a model, or the nearest one that the model can play.

    Notes are found by name, then by instrument, then by family. The latent vector is exact in the model that the preset
    was made with. In other models it follows from bank notes; without these, it follows from the standardized
    dimensions if the latent sizes are equal.

    Args:
        preset: to play.
        model: loaded from ``path``.
        path: for ``Patch.model``.
        quality: for ``Patch.quality``; presets have none.

    Raises:
        UserError: the model has no note bank, or the preset has a field that does not fit this version.
    """
    if not model.bank:
        raise UserError(f"{path}: this model has no note bank to play {preset.name!r} with; choose another model")
    same_model = _made_with(preset, model)
    patch, method = _sound(preset, model, path, quality)
    automation = preset.gesture if same_model else for_any_model(preset.gesture)
    modulation, left_out = read_modulation(preset.extra.get("modulation", {}), model.card.latent_size)
    patch = dataclasses.replace(patch, automation=automation, style_texture=preset.style)
    patch = dataclasses.replace(_with_extra_fields(patch, preset.extra), modulation=modulation)
    patch = dataclasses.replace(patch, offset_db=patch.offset_db if same_model else 0.0)
    pad = _pad_of(preset, model, patch, same_model=same_model)
    if pad is not None and modulation.moves_pad:
        patch = pad_grids_of(model).add_to(patch, pad)
    patch = with_handle_curves(patch, model)
    remark = _remark(preset, model, same_model, _replaced_notes(preset, model, patch), method)
    if left_out:
        remark = f"{remark}; {left_out}" if remark else f"{preset.name}: {left_out}"
    return TransferredPreset(patch, same_model or preset.model is None, remark, pad)


def preset_sound(preset: Preset, model: Model, path: str) -> Patch:
    """Return the slots, parameters and latent vector of a preset in a model with a bank, without anything that moves.

    It takes less than a millisecond, and tells where a preset is on the map.
    """
    return _sound(preset, model, path, DEFAULT_QUALITY)[0]


def snapshot_of(preset: Preset, key: str, transferred: TransferredPreset) -> Snapshot:
    """Return what the store sets when a preset is loaded."""
    return Snapshot(transferred.patch, LoadedPreset(key, preset.name, transferred.patch), transferred.pad)


def find_nearest(name: str, bank: tuple[BankNote, ...]) -> int:
    """Return the index of the bank note of that name.

    If there is none, it is the note nearest in pitch of the same instrument, else of the same source and family, else
    of the same family, else the default note at that pitch.
    """
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


def _made_with(preset: Preset, model: Model) -> bool:
    return preset.model is not None and preset.model.digest == card_digest(model.card)


def _sound(preset: Preset, model: Model, path: str, quality: str) -> tuple[Patch, str]:
    """Return a preset's slots, parameters and latent vector, and how the vector was found in another model."""
    same_model, patch = _made_with(preset, model), _slots_and_params(preset, model, path, quality)
    patch = dataclasses.replace(patch, user_notes=preset.own if same_model else (None, None))
    offset, method = _offset(preset, model, patch, same_model)
    limit = _MAX_OFFSET * latent_spread(model)
    return dataclasses.replace(patch, offset=tuple(float(x) for x in np.clip(offset, -limit, limit))), method


def _slots_and_params(preset: Preset, model: Model, path: str, quality: str) -> Patch:
    a, b = find_nearest(preset.a, model.bank), find_nearest(preset.b or preset.a, model.bank)
    patch = Patch(path, a, b, (0.0,) * model.card.latent_size, quality=quality)
    for name, value in preset.params.items():
        if any(spec.name == name for spec in PARAMS):  # other names belong to other versions
            patch = patch.with_param(name, param(name).clamp(value))
    return patch


def _pad_of(preset: Preset, model: Model, patch: Patch, *, same_model: bool) -> PadState | None:
    """Return the preset's pad in this model; the default pad if its modulation needs one.

    A position on the map is valid for one model; in another model the cursor goes to the note in slot A.
    """
    moves = patch.modulation.moves_pad
    if preset.pad is None and not moves:
        return None
    pad = (preset.pad or PadState()).within(model.card.latent_size)
    if same_model or not moves or pad.mode != "map":
        return pad
    x, y = pad_grids_of(model).positions(pad)[patch.slot_a]
    return dataclasses.replace(pad, map_at=(float(x), float(y)))


def _offset(preset: Preset, model: Model, patch: Patch, same_model: bool) -> tuple[Vector, str]:
    """Return the offsets of the latent sliders in latent units, and how they were found."""
    size = model.card.latent_size
    if same_model:
        return np.asarray(preset.offset) * latent_spread(model) if len(preset.offset) == size else np.zeros(size), ""
    if len(preset.offset) == size and not preset.toward:
        return np.asarray(preset.offset) * latent_spread(model), "its latent vector by dimension"
    center = patch_center(patch, model)
    offset = np.asarray(preset.exaggerate * (center - model.stats.mean), dtype=np.float64)
    for name, fraction in preset.toward.items():
        note = model.bank[find_nearest(name, model.bank)]
        offset += fraction * (note_center(note)[0] - center)
    if preset.toward:
        return offset, "its latent vector by nearby notes"
    return offset, "its latent sliders at zero" if preset.offset else ""


def _replaced_notes(preset: Preset, model: Model, patch: Patch) -> list[str]:
    indices = {preset.a: patch.slot_a, preset.b or preset.a: patch.slot_b}
    return [f"{model.bank[i].instrument} for {wanted}" for wanted, i in indices.items() if model.bank[i].name != wanted]


def _remark(preset: Preset, model: Model, same_model: bool, replaced: list[str], method: str) -> str:
    title, missing = model.card.title, " and ".join(replaced)
    if preset.model is None or same_model:
        return f"{title} lacks a note of {preset.name}: {missing}" if missing else ""
    parts = [part for part in (missing or "the same notes", method) if part]
    return f"{preset.name} was made for {preset.model.title}; {title} plays the nearest: {', '.join(parts)}"


def _with_extra_fields(patch: Patch, extra: dict[str, JsonValue]) -> Patch:
    """Return the patch with a preset's extra fields; those of other versions are left out."""
    hints, names = get_type_hints(type(patch)), {field.name for field in dataclasses.fields(patch)}
    for name, value in extra.items():
        if name in names - CONVERTED_FIELDS:
            try:
                part = TypeAdapter(hints[name]).validate_python(value)
            except ValidationError as error:
                raise UserError(f"the preset's {name} does not fit this version: {error.errors()[0]['msg']}") from error
            patch = dataclasses.replace(patch, **{name: part})
    return patch
