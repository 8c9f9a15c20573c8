"""Variations: seeded, equally loud, different by ear, with pins and locks kept; measured in the engine, too."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model, load_model
from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.export.auditions.variation_levels import level_variations
from synth_app.export.render import render_audio
from synth_app.export.request import RenderRequest
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.params import handle_index
from synth_app.patch import Patch, UserNote
from synth_app.patch.initial_patch import initial_params
from synth_app.session.breeding.breed import LEAST_DB, VARIATIONS, Breeder, BreedRequest, wanted_distance_db
from synth_app.session.breeding.trail import Trail
from synth_app.session.edit.handle_reader import HandleReader
from synth_app.session.presets.patch_variation import lock_names
from synth_app.support.compiling.librosa_import import librosa
from synth_app.support.errors import UserError

KINDS = ("note", "morph", "own sound")


@pytest.fixture(scope="module")
def path() -> Path:
    return find_model(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture(scope="module")
def breeder() -> Breeder:
    return Breeder()


def parent_of(kind: str, model: Model, path: Path) -> Patch:
    """Return a patch of a kind, at C4."""
    c4 = [i for i, note in enumerate(model.bank) if note.pitch == 60]
    a, b = c4[len(c4) // 4], c4[3 * len(c4) // 4]
    patch = Patch(str(path), a, a, (0.0,) * model.card.latent_size, initial_params(model.card))
    if kind == "morph":
        return replace(patch, slot_b=b).with_param("morph", 0.5)
    if kind == "own sound":
        note = model.bank[b]
        own = UserNote.of(replace(note, z=note.z + np.float32(0.1), instrument="Mine"), 60.3)
        return replace(patch, user_notes=(own, None))
    return patch


def rendered(patch: Patch) -> NDArray[np.float32]:
    return render_audio(RenderRequest(patch, Path(), 60, 100, 1.8, 0.2, ring_out=False))


def bands_db(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return mel bands over five parts of a sound, relative to its loudness."""
    power = librosa.feature.melspectrogram(y=audio.mean(axis=1), sr=48_000, n_fft=4096, hop_length=480, n_mels=48)
    parts = np.stack([part.mean(axis=1) for part in np.array_split(power[:, :170], 5, axis=1)])
    levels = 10.0 * np.log10(np.maximum(parts, 1e-12)) - integrated_loudness(audio)
    return np.asarray(np.maximum(levels, levels.max() - 60.0))


@pytest.mark.parametrize("kind", KINDS)
def test_variations_are_as_loud_and_differ_in_the_engine(kind: str, model: Model, path: Path) -> None:
    parent = parent_of(kind, model, path)
    found = Breeder(level_variations).breed(BreedRequest(parent, 0.4, 5), model)
    assert len(found) == VARIATIONS
    sounds = [rendered(each) for each in (parent, *(variation.patch for variation in found))]
    loudness = [integrated_loudness(each) for each in sounds]
    away_db = np.abs(np.subtract(loudness[1:], loudness[0]))
    assert away_db.max() <= 1.0, loudness
    heard = [bands_db(each) for each in sounds]
    apart = [float(np.abs(x - y).mean()) for x, y in combinations(heard, 2)]
    assert min(apart) >= LEAST_DB * 0.8, apart
    for variation in found:
        assert (variation.patch.slot_a, variation.patch.slot_b) == (parent.slot_a, parent.slot_b)
        assert variation.patch.user_notes == parent.user_notes
        assert variation.patch.value("morph") == parent.value("morph")


def test_a_variation_that_cannot_be_as_loud_is_replaced(model: Model, path: Path) -> None:
    parent, refused = parent_of("note", model, path), list[tuple[float, ...]]()

    def level(parent: Patch, variations: Sequence[Patch], key: int, model: Model) -> list[Patch | None]:
        assert key == 60
        if refused:
            return [replace(each, offset_db=each.offset_db + 1.0) for each in variations]
        refused.append(variations[0].offset)
        return [None, *variations[1:]]

    found = Breeder(level).breed(BreedRequest(parent, 0.4, 5), model)
    plain = Breeder().breed(BreedRequest(parent, 0.4, 5), model)
    assert len(found) == VARIATIONS
    offsets = [each.patch.offset for each in found]
    assert refused[0] == plain[0].patch.offset
    assert refused[0] not in offsets
    levels = {each.patch.offset: each.patch.offset_db for each in plain}
    same = [each.patch for each in found if each.patch.offset in levels]
    assert all(each.offset_db == pytest.approx(levels[each.offset] + 1.0) for each in same)


def test_a_larger_step_goes_further(breeder: Breeder, model: Model, path: Path) -> None:
    parent = parent_of("note", model, path)
    for step in (0.0, 0.5, 1.0):
        wanted = wanted_distance_db(step)
        found = breeder.breed(BreedRequest(parent, step, 1), model)
        distances = [each.distance_db for each in found]
        assert all(max(LEAST_DB, 0.6 * wanted) <= each <= 1.4 * wanted for each in distances), (step, distances)


def test_the_same_seed_gives_the_same_variations(model: Model, path: Path) -> None:
    parent = parent_of("note", model, path)
    first = Breeder().breed(BreedRequest(parent, 0.4, 9), model)
    assert Breeder().breed(BreedRequest(parent, 0.4, 9), model) == first
    assert Breeder().breed(BreedRequest(parent, 0.4, 10), model) != first


def test_pinned_handles_stay(breeder: Breeder, model: Model, path: Path) -> None:
    parent, reader = parent_of("note", model, path), HandleReader(model)
    free = breeder.breed(BreedRequest(parent, 0.6, 3), model)
    before = reader.positions(parent)
    moved = np.mean([np.abs(reader.positions(each.patch) - before) for each in free], axis=0)
    pinned = int(np.argmax(moved[:6]))
    assert moved[pinned] > 0.3
    held = breeder.breed(BreedRequest(parent, 0.6, 3, pinned=frozenset({pinned, handle_index("bite")})), model)
    for each in held:
        position = reader.positions(each.patch)
        assert position[pinned] == pytest.approx(before[pinned], abs=0.15)
        assert position[handle_index("bite")] == pytest.approx(before[handle_index("bite")], abs=0.15)


def test_locked_parts_stay_and_too_many_locks_are_told(breeder: Breeder, model: Model, path: Path) -> None:
    parent = parent_of("note", model, path)
    some = {"z1": True, "z2": True, "modulation": True, "attack_s": True}
    for each in breeder.breed(BreedRequest(parent, 0.4, 4, some), model):
        assert each.patch.offset[:2] == pytest.approx(parent.offset[:2], abs=1e-6)
        assert each.patch.modulation == parent.modulation
        assert each.patch.value("attack_s") == parent.value("attack_s")
    everything = dict.fromkeys(lock_names(model.card.latent_size), True)
    with pytest.raises(UserError, match="release locks"):
        breeder.breed(BreedRequest(parent, 0.4, 4, everything), model)


def test_changes_name_the_handles_that_move_most(breeder: Breeder, model: Model, path: Path) -> None:
    parent, reader = parent_of("note", model, path), HandleReader(model)
    for each in breeder.breed(BreedRequest(parent, 0.7, 6), model):
        moved = (reader.positions(each.patch) - reader.positions(parent))[:6]
        assert each.changes
        assert each.changes[0][1] == pytest.approx(moved[np.abs(moved).argmax()], abs=1e-6)


def test_the_trail_goes_back_and_branches(breeder: Breeder, model: Model, path: Path) -> None:
    parent, trail = parent_of("note", model, path), Trail()
    trail.begin(parent)
    trail.show(breeder.breed(BreedRequest(parent, 0.4, 1), model))
    first = trail.generations[0]
    trail.pick(2)
    assert (trail.at, trail.generations[1].picked) == (1, 2)
    second = trail.generations[1].parent
    assert second == first.variations[2].patch.settings
    assert trail.go(0) == parent.settings
    assert trail.present == first, "with the same variations as before"
    assert trail.index_of(second) == 1, "the later generation stays"
    trail.pick(0)
    assert [each.picked for each in trail.generations] == [None, 0], "a pick takes the place of the later ones"
    assert trail.index_of(second) is None
