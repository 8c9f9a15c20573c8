"""Breeds variations of a patch: seeded, equally loud, audibly different, with pinned handles where they were."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import FEWEST_NOTES
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.params import SPECTRAL_HANDLES
from synth_app.patch import Patch
from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.session.breeding.heard_patch import HeardPatch, PatchEar, distance_db
from synth_app.session.curves.handle_sound import patch_sound
from synth_app.session.edit.handle_pins import HandlePins
from synth_app.session.edit.handle_reader import HandleReader
from synth_app.session.presets.patch_variation import NOTES, mutate
from synth_app.session.presets.phrase import slot_key
from synth_app.session.state.centers import patch_center
from synth_app.support.errors import UserError

VARIATIONS = 4
LEAST_DB = 1.5  # distance of two variations: presets nearer than 1.25 dB are hard to tell apart by ear
_FROM_PARENT_DB = 2.0, 7.0  # distance from the parent at the smallest and the largest step
_APART = 0.6  # of the distance from the parent: how far variations are from each other, where that is possible
_SCALES = (0.5, 1.5, 4.0, 12.0)  # tried on each random direction, to find the one with the wanted distance
_CANDIDATES, _ROUNDS = 10, 5
_REACH = 0.4  # how far the distance from the parent may miss the wanted one, as a fraction of it
_LEAST_AMOUNT = 0.25  # of the mutation whose direction is scaled
# The notes and what decides between them stay, and so does what changes the level alone.
_KEPT = (NOTES, "morph", "detail", "style", "sustain")
_LEAST_STEP = 0.3  # of a handle, to be named
_NAMED = 2  # handles that tell what a variation is like
Floats = NDArray[np.float64]
# Makes variations as loud as their parent, from (parent, variations, MIDI key, model); None for one that cannot be.
Level = Callable[[Patch, Sequence[Patch], int, Model], Sequence[Patch | None]]


@dataclass(frozen=True)
class BreedRequest:
    """What is to be bred.

    Attributes:
        parent: the patch around which the variations lie; with its derived data if a pad or handles are modulated.
        step: 0-1, how far.
        seed: of the random numbers: the same request gives the same variations.
        locks: parts that do not change, as in ``SessionState.locks``.
        pinned: positions in ``HANDLES`` of the handles that stay where they are.
    """

    parent: Patch
    step: float
    seed: int
    locks: Mapping[str, bool] = field(default_factory=dict)
    pinned: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Variation:
    """One variation.

    Attributes:
        patch: as loud as the parent, without derived data.
        distance_db: from the parent.
        changes: the handles that it moves most, with the steps.
    """

    patch: Patch
    distance_db: float
    changes: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)  # equal only to itself: arrays have no single answer
class _Bred:
    """A candidate: a patch about as loud as the parent, what is heard of it, and how far it is from the parent."""

    patch: Patch
    heard: HeardPatch
    distance_db: float


def wanted_distance_db(step: float) -> float:
    """Return how far variations are from their parent for a step of 0-1."""
    near, far = _FROM_PARENT_DB
    return near + (far - near) * min(max(step, 0.0), 1.0)


class Breeder:
    """Breeds in one thread, beside other users of the model.

    Args:
        level: makes the chosen variations as loud as their parent; by default they stay as the decoder's frames tell.
    """

    def __init__(self, level: Level | None = None) -> None:
        self._level: Level = level or (lambda _parent, variations, _key, _model: variations)
        self._own: _Tools | None = None

    def breed(self, request: BreedRequest, model: Model) -> tuple[Variation, ...]:
        """Return ``VARIATIONS`` variations.

        Args:
            request: what is wanted, in ``model``.
            model: of which only the file is read.

        Raises:
            UserError: the sound changes too little, or locks and pins leave too little to vary.
        """
        if self._own is None or self._own.model is not model:
            self._own = _Tools.of(model)
        tools = self._own
        rng = np.random.default_rng(request.seed)
        parent = tools.ear.hear([request.parent])[0]
        found: list[_Bred] = []
        for last in range(_ROUNDS):
            found += _candidates(request, parent, tools, rng)
            chosen = _most_different(found)
            if len(chosen) < VARIATIONS or _apart(chosen) < _wanted_apart(request.step, strict=last < _ROUNDS - 1):
                continue
            bred = self._levelled(chosen, request.parent, model)
            if None not in bred:
                return tuple(_variation(each, request.parent, tools.reader) for each in bred if each is not None)
            refused = [each for each, levelled in zip(chosen, bred, strict=True) if levelled is None]
            found = [each for each in found if each not in refused]
        raise UserError(
            "this sound varies too little: choose a larger step, or release locks and pins, then breed again"
        )

    def _levelled(self, chosen: list[_Bred], parent: Patch, model: Model) -> list[_Bred | None]:
        """Return the candidates as loud as the parent; None for those that cannot be."""
        patches = self._level(parent, [each.patch for each in chosen], slot_key(parent, model), model)
        return [
            None if patch is None else replace(each, patch=patch) for each, patch in zip(chosen, patches, strict=True)
        ]


@dataclass(frozen=True)
class _Tools:
    """What breeding needs of one model; it belongs to one thread.

    Attributes:
        model: of which only the file is read.
        ear: hears patches.
        reader: of the handles; None where the bank is too small for them.
        ranges: float64 [latent, 2], of the sliders.
    """

    model: Model
    ear: PatchEar
    reader: HandleReader | None
    ranges: Floats

    @classmethod
    def of(cls, model: Model) -> "_Tools":
        """Return the tools for a model, with a copy of it for this thread."""
        own = Model(model.file)
        reader = HandleReader(own) if len(own.bank) >= FEWEST_NOTES else None
        return cls(model, PatchEar(own), reader, latent_ranges(own.stats, own.bank))


def _candidates(request: BreedRequest, parent: HeardPatch, tools: _Tools, rng: Generator) -> list[_Bred]:
    """Return patches at about the wanted distance from the parent."""
    locks = {**request.locks, **dict.fromkeys(_KEPT, True)}
    amount, ear = max(request.step, _LEAST_AMOUNT), tools.ear
    mutated = [mutate(request.parent, ear.model, amount, locks, rng) for _ in range(_CANDIDATES)]
    scaled = [_scaled(each, request.parent, tools, scale) for each in mutated for scale in _SCALES]
    tried = np.array([distance_db(heard, parent) for heard in ear.hear(scaled)]).reshape(-1, len(_SCALES))
    wanted = wanted_distance_db(request.step)
    made = [
        _pinned(_scaled(each, request.parent, tools, _scale_for(wanted, row)), request, tools.reader)
        for each, row in zip(mutated, tried, strict=True)
    ]
    bred = [
        _Bred(_as_loud(patch, request.parent, heard, parent), heard, distance_db(heard, parent))
        for patch, heard in zip(made, ear.hear(made), strict=True)
        if abs(request.parent.offset_db + parent.loudness_db - heard.loudness_db) <= MAX_OFFSET_DB
    ]
    least = max(LEAST_DB, (1.0 - _REACH) * wanted)
    return [each for each in bred if least <= each.distance_db <= (1.0 + _REACH) * wanted]


def _scaled(mutated: Patch, parent: Patch, tools: _Tools, scale: float) -> Patch:
    """Return a mutated patch whose latent vector moved ``scale`` times as far, within the ranges of the sliders."""
    start = np.asarray(parent.offset, np.float64)
    offset = start + scale * (np.asarray(mutated.offset) - start)
    low, high = tools.ranges.T
    center = patch_center(mutated, tools.ear.model)
    before = center + start
    inside = np.clip(center + offset, np.minimum(low, before), np.maximum(high, before))
    return replace(mutated, offset=tuple((inside - center).tolist()))


def _scale_for(wanted_db: float, tried_db: Floats) -> float:
    """Return the scale at which a direction has the wanted distance, from the distances at ``_SCALES``."""
    rising = np.maximum.accumulate(tried_db) + 1e-9 * np.arange(len(tried_db))
    scales = np.array(_SCALES)
    if wanted_db >= rising[-1]:
        return float(scales[-1])
    if wanted_db <= rising[0]:
        return float(scales[0] * wanted_db / max(rising[0], 1e-6))
    return float(np.interp(wanted_db, rising, scales))


def _pinned(patch: Patch, request: BreedRequest, reader: HandleReader | None) -> Patch:
    """Return a patch whose pinned handles are where the parent has them."""
    if reader is None or not request.pinned:
        return patch
    return HandlePins(lambda: reader).hold(request.parent, patch, request.pinned)


def _as_loud(patch: Patch, parent: Patch, heard: HeardPatch, parent_heard: HeardPatch) -> Patch:
    level_db = parent.offset_db + parent_heard.loudness_db - heard.loudness_db
    return replace(patch, offset_db=min(max(level_db, -MAX_OFFSET_DB), MAX_OFFSET_DB))


def _most_different(found: list[_Bred]) -> list[_Bred]:
    """Return candidates as far from each other as a greedy choice finds them, the first one first."""
    chosen, rest = found[:1], found[1:]
    while rest and len(chosen) < VARIATIONS:
        nearest = [min(distance_db(each.heard, other.heard) for other in chosen) for each in rest]
        chosen.append(rest.pop(int(np.argmax(nearest))))
    return chosen


def _apart(chosen: list[_Bred]) -> float:
    """Return the smallest distance of two."""
    pairs = [(x, y) for i, x in enumerate(chosen) for y in chosen[:i]]
    return min(distance_db(x.heard, y.heard) for x, y in pairs)


def _wanted_apart(step: float, *, strict: bool) -> float:
    return max(LEAST_DB, _APART * wanted_distance_db(step)) if strict else LEAST_DB


def _variation(bred: _Bred, parent: Patch, reader: HandleReader | None) -> Variation:
    patch = bred.patch.settings
    if reader is None:
        return Variation(patch, bred.distance_db, ())
    moved = reader.spectral(patch_sound(bred.patch, reader.model)) - reader.spectral(patch_sound(parent, reader.model))
    order = np.argsort(-np.abs(moved), kind="stable")[:_NAMED]
    named = tuple((SPECTRAL_HANDLES[i].label, float(moved[i])) for i in order if abs(moved[i]) >= _LEAST_STEP)
    return Variation(patch, bred.distance_db, named)
