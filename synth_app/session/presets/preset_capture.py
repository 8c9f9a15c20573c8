"""Converts a patch to a preset: exactly for its own model, and in terms of bank notes for other models."""

import dataclasses
import hashlib
from functools import lru_cache
from typing import get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue, TypeAdapter

from synth_app.decoder import Model
from synth_app.modelfile import ModelCard, bank_centers
from synth_app.params import PARAMS
from synth_app.patch import Patch
from synth_app.session.state.centers import patch_center
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import ModelMark, Preset, preset_json
from synth_app.session.state.saved_modulation import modulation_json

Vector = NDArray[np.float64]
CONVERTED_FIELDS = {
    "model", "slot_a", "slot_b", "offset", "params", "quality", "user_notes", "automation", "modulation", "pad_grid",
    "handle_curves", "style_texture", "style_changes",
}  # fmt: skip
_MAX_TOWARD_NOTES = 6  # that describe a latent vector; in 16 dimensions they explain most of it
_NEGLIGIBLE = 1e-3  # standard deviations
_GOOD_RESIDUAL = 0.05  # of the norm


def model_mark(card: ModelCard) -> ModelMark:
    """Return what identifies a model in a preset."""
    return ModelMark(
        name=card.name, title=card.title, family=card.family, latent_size=card.latent_size, digest=card_digest(card)
    )


def card_digest(card: ModelCard) -> str:
    """Return a digest of a model card. It differs between two trainings of a model."""
    return _digest_of_json(card.model_dump_json())


@lru_cache(maxsize=32)
def _digest_of_json(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def latent_spread(model: Model) -> Vector:
    """Return the standard deviation of each latent dimension in the training data, never zero."""
    return np.maximum(model.stats.std.astype(np.float64), 1e-6)


def capture_preset(patch: Patch, model: Model, like: Preset, pad: PadState | None = None) -> Preset:
    """Return the patch as a preset with the name and description of ``like``.

    Args:
        patch: of ``model``.
        model: the loaded model.
        like: the preset from which everything that the patch does not contain is taken.
        pad: the pad; its corners are saved, and all of it if modulation moves over it.

    Returns:
        the preset as its file holds it. ``transfer_preset`` makes the same patch of it in this model, and a similar one
        in others.
    """
    a, b = model.bank[patch.slot_a], model.bank[patch.slot_b]
    offset = np.asarray(patch.offset, dtype=np.float64)
    spread = latent_spread(model)
    center = patch_center(dataclasses.replace(patch, user_notes=(None, None)), model)
    displacement = patch_center(patch, model) + offset - center
    moved = bool(np.abs(displacement / spread).max(initial=0.0) > _NEGLIGIBLE)
    modulation = modulation_json(patch.modulation)
    saves_pad = pad is not None and (any(pad.corners) or patch.modulation.moves_pad)
    captured = like.model_copy(
        update={
            "model": model_mark(model.card),
            "a": a.name,
            "b": "" if b.name == a.name else b.name,
            "own": patch.user_notes,
            "style": patch.style_texture,
            "exaggerate": 0.0,
            "toward": _toward_notes(displacement, center, model) if moved else {},
            "offset": tuple(float(x) for x in offset / spread) if offset.any() else (),
            "params": {
                spec.name: value for spec, value in zip(PARAMS, patch.params, strict=True) if value != spec.default
            },
            "pad": pad if saves_pad else None,
            "gesture": patch.automation,
            "extra": extra_fields(patch) | ({"modulation": modulation} if modulation else {}),
        }
    )
    return Preset.model_validate_json(preset_json(captured))


def _toward_notes(displacement: Vector, center: Vector, model: Model) -> dict[str, float]:
    """Describe a displacement as fractions of the directions to a few bank notes, by orthogonal matching pursuit.

    Distances are in standard deviations. Source: Pati, Rezaiifar & Krishnaprasad (1993), "Orthogonal matching pursuit".
    """
    ways = ((bank_centers(model.bank).astype(np.float64) - center) / latent_spread(model)).T  # [latent, notes]
    target = displacement / latent_spread(model)
    lengths = np.linalg.norm(ways, axis=0)
    usable = lengths > _NEGLIGIBLE
    chosen: list[int] = []
    fractions: NDArray[np.floating] = np.zeros(0)
    residual = target
    for _ in range(min(_MAX_TOWARD_NOTES, len(target), int(usable.sum()))):
        matches = np.where(usable, np.abs(residual @ ways) / np.maximum(lengths, _NEGLIGIBLE), -1.0)
        matches[chosen] = -1.0
        chosen.append(int(matches.argmax()))
        fractions = np.linalg.lstsq(ways[:, chosen], target, rcond=None)[0].astype(np.float64)
        residual = target - ways[:, chosen] @ fractions
        if np.linalg.norm(residual) < _GOOD_RESIDUAL * np.linalg.norm(target):
            break
    return {model.bank[i].name: round(float(each), 5) for i, each in zip(chosen, fractions, strict=True)}


def extra_fields(patch: Patch) -> dict[str, JsonValue]:
    """Return the patch's fields that this module does not convert, where they differ from their defaults."""
    default, hints = dataclasses.replace(type(patch)(model=patch.model)), get_type_hints(type(patch))
    return {
        field.name: TypeAdapter(hints[field.name]).dump_python(getattr(patch, field.name), mode="json")
        for field in dataclasses.fields(patch)
        if field.name not in CONVERTED_FIELDS and getattr(patch, field.name) != getattr(default, field.name)
    }
