"""New sounds from old ones: by chance, within locks, and between two sounds."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.params import PARAMS, ParamSpec
from synth_app.patch import Patch, UserNote
from synth_app.session.state.slider_ranges import latent_ranges
from synth_app.session.state.state import center_of, centers_of
from synth_app.session.store.modulation_variation import (
    MODULATION,
    blended_modulation,
    mutated_modulation,
    random_modulation,
)

NOTES = "notes"
# Chance plays with these unless told otherwise: tuning, level and the like are the player's own.
_OPEN_GROUPS = ("morph", "envelope")
_FAR, _NEAR = 0.9, 0.35  # standard deviations of a random code around its notes, of a mutation
_NEAR_NORMALIZED = 0.12  # of a control's way, for a mutation
_NOTE_CHANCE = 0.35  # that a full mutation moves on to a neighbouring note
_NEIGHBOURS = 8
_HELD = {"sustain": 0.4}  # least share of the way for what would leave a random sound inaudible
_QUICK = {"attack_s": 0.6}  # most share of the way
Vector = NDArray[np.float64]


def is_discrete(spec: ParamSpec) -> bool:
    """Whether values between two choices mean nothing, so that a morph switches half-way."""
    return spec.curve == "steps"


def lock_names(latent_size: int) -> tuple[str, ...]:
    """Everything that can be locked: the notes, the modulation, each dimension, each parameter."""
    return (NOTES, MODULATION, *(f"z{i + 1}" for i in range(latent_size)), *(spec.name for spec in PARAMS))


def locked_usually(name: str) -> bool:
    """Whether a part is locked before the user says anything."""
    return any(spec.name == name and spec.group not in _OPEN_GROUPS for spec in PARAMS)


def is_locked(name: str, locks: Mapping[str, bool]) -> bool:
    """Whether chance must leave a part alone."""
    return locks.get(name, locked_usually(name))


def blend_patches(x: Patch, y: Patch, share: float, model: Model) -> Patch:
    """A sound on the way from ``x`` (0) to ``y`` (1).

    Parameters go along the way of their own controls, so decibels and logarithmic times move evenly; choices switch
    half-way. The sustained code goes in a straight line. Where each sound is one note, the notes' whole paths are
    morphed; else the paths switch half-way.
    """
    if share <= 0.0 or share >= 1.0:
        return x if share <= 0.0 else y
    params = tuple(
        _blend(spec, p, q, share) for spec, p, q in zip(PARAMS, x.params, y.params, strict=True)
    )  # fmt: skip
    near = x if share < 0.5 else y
    middle = replace(near, params=params, modulation=blended_modulation(x.modulation, y.modulation, share))
    single = _only_note(x), _only_note(y)
    if (x.slot_a, x.slot_b, x.custom) == (y.slot_a, y.slot_b, y.custom):
        pass  # the morph between them is a parameter like any other
    elif single[0] is not None and single[1] is not None:
        (a, own_a), (b, own_b) = single[0], single[1]
        middle = replace(middle, slot_a=a, slot_b=b, custom=(own_a, own_b)).with_param("morph", share)
    else:
        middle = middle.with_param("morph", near.value("morph"))
    code = (1.0 - share) * _code(x, model) + share * _code(y, model)
    return replace(middle, offset=_plain(code - center_of(middle, model)))


def randomize(patch: Patch, model: Model, amount: float, locks: Mapping[str, bool], rng: Generator) -> Patch:
    """Go from ``sound`` towards a random one, all the way for an amount of 1; what is locked stays."""
    count = len(model.bank)
    a, b = (int(i) for i in rng.integers(count, size=2))
    target = patch if is_locked(NOTES, locks) else replace(patch, slot_a=a, slot_b=b, custom=(None, None))
    drawn = rng.standard_normal(model.card.latent_size) * _FAR * model.stats.std
    for spec in PARAMS:
        normalized = rng.uniform(_HELD.get(spec.name, 0.0), _QUICK.get(spec.name, 1.0))
        if not is_locked(spec.name, locks):
            target = target.with_param(spec.name, spec.from_normalized(normalized))
    target = replace(target, offset=_plain(drawn), modulation=random_modulation(model.card.latent_size, rng))
    return _keep_locked(blend_patches(patch, target, amount, model), patch, model, locks)


def mutate(patch: Patch, model: Model, amount: float, locks: Mapping[str, bool], rng: Generator) -> Patch:
    """A close relative of ``sound``; what is locked stays."""
    changed = patch
    if not is_locked(NOTES, locks):
        if rng.random() < amount * _NOTE_CHANCE:
            changed = replace(changed, slot_a=_neighbour(patch.slot_a, model, rng), custom=(None, changed.custom[1]))
        if rng.random() < amount * _NOTE_CHANCE:
            changed = replace(changed, slot_b=_neighbour(patch.slot_b, model, rng), custom=(changed.custom[0], None))
    for spec in PARAMS:
        step = amount * _NEAR_NORMALIZED * rng.standard_normal()
        if not is_locked(spec.name, locks):
            normalized = spec.to_normalized(patch.value(spec.name)) + step
            changed = changed.with_param(spec.name, spec.from_normalized(normalized))
    step_z = amount * _NEAR * rng.standard_normal(model.card.latent_size) * model.stats.std
    moving = mutated_modulation(patch.modulation, amount, rng)
    changed = replace(changed, offset=_plain(np.asarray(patch.offset) + step_z), modulation=moving)
    return _keep_locked(changed, patch, model, locks)


def _keep_locked(changed: Patch, before: Patch, model: Model, locks: Mapping[str, bool]) -> Patch:
    """Put back what is locked, and bring every dimension into its slider's range."""
    if is_locked(NOTES, locks):
        changed = replace(changed, slot_a=before.slot_a, slot_b=before.slot_b, custom=before.custom)
    if is_locked(MODULATION, locks):
        changed = replace(changed, modulation=before.modulation)
    for spec in PARAMS:
        if is_locked(spec.name, locks):
            changed = changed.with_param(spec.name, before.value(spec.name))
    low, high = latent_ranges(model.stats, model.bank).T
    center, kept = center_of(changed, model), _code(before, model)
    code = np.clip(center + np.asarray(changed.offset), low, high)
    held = np.array([is_locked(f"z{i + 1}", locks) for i in range(len(code))])
    return replace(changed, offset=_plain(np.where(held, kept, code) - center))


def _blend(spec: ParamSpec, x: float, y: float, share: float) -> float:
    if is_discrete(spec):
        return x if share < 0.5 else y
    if x == y:
        return x  # not through the curve and back
    return spec.from_normalized((1.0 - share) * spec.to_normalized(x) + share * spec.to_normalized(y))


def _only_note(patch: Patch) -> tuple[int, UserNote | None] | None:
    """The one note that is heard; None for a sound between two."""
    a, b = (patch.slot_a, patch.custom[0]), (patch.slot_b, patch.custom[1])
    morph = patch.value("morph")
    if a == b or morph == 0.0:
        return a
    return b if morph == 1.0 else None


def _code(patch: Patch, model: Model) -> Vector:
    return np.asarray(center_of(patch, model) + np.asarray(patch.offset, dtype=np.float64))


def _neighbour(index: int, model: Model, rng: Generator) -> int:
    """One of the notes that lie nearest in the latent space."""
    centers = centers_of(model) / np.maximum(model.stats.std, 1e-6)
    order = np.argsort(np.linalg.norm(centers - centers[index], axis=1))
    return int(rng.choice(order[1 : _NEIGHBOURS + 1])) if len(order) > 1 else index


def _plain(values: Vector) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
