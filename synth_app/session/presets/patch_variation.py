"""New patches from old ones: randomized or mutated within locks, and interpolated between two patches."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import bank_centers
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.params import PARAMS, ParamSpec
from synth_app.patch import Patch, UserNote
from synth_app.patch.target import Target
from synth_app.session.state.centers import patch_center
from synth_app.session.store.modulation_variation import (
    MODULATION,
    interpolate_modulation,
    mutate_modulation,
    random_modulation,
)

NOTES = "notes"
# Groups of parameters that are unlocked by default. Tuning, level and the like are locked.
_OPEN_GROUPS = ("morph", "envelope")
_RANDOM_SPREAD, _MUTATION_SPREAD = 0.9, 0.35  # of latent offsets, in standard deviations of the data
_MUTATION_STEP = 0.12  # standard deviation of a parameter's mutation, in its normalized value
_NOTE_PROBABILITY = 0.35  # that a full mutation moves to a neighbouring note
_NEIGHBOURS = 8
_MIN_NORMALIZED = {"sustain": 0.4}  # at least, so that a random patch is audible
_MAX_NORMALIZED = {"attack_s": 0.6}  # at most, so that it starts in time
Vector = NDArray[np.float64]


def is_discrete(spec: ParamSpec) -> bool:
    """Return whether a parameter is a choice, so that an interpolation switches at 0.5."""
    return spec.curve == "steps"


def lock_names(latent_size: int) -> tuple[str, ...]:
    """Return the names of everything that can be locked: notes, modulation, each dimension and each parameter."""
    return (NOTES, MODULATION, *(str(Target.latent(i)) for i in range(latent_size)), *(spec.name for spec in PARAMS))


def locked_by_default(name: str) -> bool:
    """Return whether a part is locked by default."""
    return any(spec.name == name and spec.group not in _OPEN_GROUPS for spec in PARAMS)


def is_locked(name: str, locks: Mapping[str, bool]) -> bool:
    """Return whether a part is locked."""
    return locks.get(name, locked_by_default(name))


def interpolate_patches(x: Patch, y: Patch, fraction: float, model: Model) -> Patch:
    """Interpolate between the patches ``x`` (0) and ``y`` (1).

    Parameters are interpolated in their normalized values, so that decibels and logarithmic times move evenly; choices
    switch at 0.5. The sustained latent vector moves in a straight line. If each patch plays one note, the whole paths
    of the notes are morphed; otherwise the slots switch at 0.5.
    """
    if fraction <= 0.0 or fraction >= 1.0:
        return x if fraction <= 0.0 else y
    params = tuple(
        _interpolate(spec, p, q, fraction) for spec, p, q in zip(PARAMS, x.params, y.params, strict=True)
    )  # fmt: skip
    nearest = x if fraction < 0.5 else y
    middle = replace(nearest, params=params, modulation=interpolate_modulation(x.modulation, y.modulation, fraction))
    single = _only_note(x), _only_note(y)
    if (x.slot_a, x.slot_b, x.user_notes) == (y.slot_a, y.slot_b, y.user_notes):
        pass  # both slots are the same: the morph is interpolated like any parameter
    elif single[0] is not None and single[1] is not None:
        (a, own_a), (b, own_b) = single[0], single[1]
        middle = replace(middle, slot_a=a, slot_b=b, user_notes=(own_a, own_b)).with_param("morph", fraction)
    else:
        middle = middle.with_param("morph", nearest.value("morph"))
    z = (1.0 - fraction) * _sustained_vector(x, model) + fraction * _sustained_vector(y, model)
    offset_db = (1.0 - fraction) * x.offset_db + fraction * y.offset_db
    return replace(middle, offset=_floats(z - patch_center(middle, model)), offset_db=offset_db)


def randomize(patch: Patch, model: Model, amount: float, locks: Mapping[str, bool], rng: Generator) -> Patch:
    """Interpolate from the patch towards a random one, all the way for an amount of 1. Locked parts stay."""
    count = len(model.bank)
    a, b = (int(i) for i in rng.integers(count, size=2))
    target = patch if is_locked(NOTES, locks) else replace(patch, slot_a=a, slot_b=b, user_notes=(None, None))
    sample = rng.standard_normal(model.card.latent_size) * _RANDOM_SPREAD * model.stats.std
    for spec in PARAMS:
        normalized = rng.uniform(_MIN_NORMALIZED.get(spec.name, 0.0), _MAX_NORMALIZED.get(spec.name, 1.0))
        if not is_locked(spec.name, locks):
            target = target.with_param(spec.name, spec.from_normalized(normalized))
    target = replace(
        target, offset=_floats(sample), offset_db=0.0, modulation=random_modulation(model.card.latent_size, rng)
    )
    return _restore_locked(interpolate_patches(patch, target, amount, model), patch, model, locks)


def mutate(patch: Patch, model: Model, amount: float, locks: Mapping[str, bool], rng: Generator) -> Patch:
    """Return a random variation near the patch; an amount of 0-1 sets how far. Locked parts stay."""
    changed = patch
    if not is_locked(NOTES, locks):
        if rng.random() < amount * _NOTE_PROBABILITY:
            changed = replace(
                changed, slot_a=_neighbour(patch.slot_a, model, rng), user_notes=(None, changed.user_notes[1])
            )
        if rng.random() < amount * _NOTE_PROBABILITY:
            changed = replace(
                changed, slot_b=_neighbour(patch.slot_b, model, rng), user_notes=(changed.user_notes[0], None)
            )
    for spec in PARAMS:
        step = amount * _MUTATION_STEP * rng.standard_normal()
        if not is_locked(spec.name, locks):
            normalized = spec.to_normalized(patch.value(spec.name)) + step
            changed = changed.with_param(spec.name, spec.from_normalized(normalized))
    step_z = amount * _MUTATION_SPREAD * rng.standard_normal(model.card.latent_size) * model.stats.std
    modulation = mutate_modulation(patch.modulation, amount, rng)
    changed = replace(changed, offset=_floats(np.asarray(patch.offset) + step_z), modulation=modulation)
    return _restore_locked(changed, patch, model, locks)


def _restore_locked(changed: Patch, before: Patch, model: Model, locks: Mapping[str, bool]) -> Patch:
    """Restore the locked parts, and clamp every dimension to its slider's range."""
    if is_locked(NOTES, locks):
        changed = replace(changed, slot_a=before.slot_a, slot_b=before.slot_b, user_notes=before.user_notes)
    if is_locked(MODULATION, locks):
        changed = replace(changed, modulation=before.modulation)
    for spec in PARAMS:
        if is_locked(spec.name, locks):
            changed = changed.with_param(spec.name, before.value(spec.name))
    low, high = latent_ranges(model.stats, model.bank).T
    center, kept = patch_center(changed, model), _sustained_vector(before, model)
    z = np.clip(center + np.asarray(changed.offset), low, high)
    locked = np.array([is_locked(str(Target.latent(i)), locks) for i in range(len(z))])
    return replace(changed, offset=_floats(np.where(locked, kept, z) - center))


def _interpolate(spec: ParamSpec, x: float, y: float, fraction: float) -> float:
    if is_discrete(spec):
        return x if fraction < 0.5 else y
    if x == y:
        return x  # exactly, without rounding from a conversion and back
    return spec.from_normalized((1.0 - fraction) * spec.to_normalized(x) + fraction * spec.to_normalized(y))


def _only_note(patch: Patch) -> tuple[int, UserNote | None] | None:
    """Return the single note that plays; None if the patch morphs between two."""
    a, b = (patch.slot_a, patch.user_notes[0]), (patch.slot_b, patch.user_notes[1])
    morph = patch.value("morph")
    if a == b or morph == 0.0:
        return a
    return b if morph == 1.0 else None


def _sustained_vector(patch: Patch, model: Model) -> Vector:
    return np.asarray(patch_center(patch, model) + np.asarray(patch.offset, dtype=np.float64))


def _neighbour(index: int, model: Model, rng: Generator) -> int:
    """Return a random one of the nearest notes in the latent space."""
    centers = bank_centers(model.bank).astype(np.float64) / np.maximum(model.stats.std, 1e-6)
    order = np.argsort(np.linalg.norm(centers - centers[index], axis=1))
    return int(rng.choice(order[1 : _NEIGHBOURS + 1])) if len(order) > 1 else index


def _floats(values: Vector) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
