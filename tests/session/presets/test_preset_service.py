"""The preset service loads, saves, compares, varies and morphs presets over a real store."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.decoder import Model
from synth_app.modelfile import KeyRange, ModelEntry, note_center
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.params import PARAMS
from synth_app.session import (
    PresetService,
    Query,
    SavedSession,
    SessionStore,
    WindowSettings,
    write_preset,
)
from synth_app.session.presets.model_matching import nearest_model
from synth_app.session.presets.patch_equality import same_patch
from synth_app.session.presets.patch_variation import (
    is_locked,
    lock_names,
    mutate,
    randomize,
)
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.state.preset import Preset
from synth_app.support.errors import UserError
from tests.session.conftest import Bench
from tests.session.presets.test_presets import random_patch


def test_modified_depends_on_the_patch_but_not_on_quality(bench: Bench) -> None:
    service, store = bench.service, bench.store
    service.save_as("Mine", "pad", ("warm",))
    assert not service.modified
    store.set_quality("eco")
    assert not service.modified
    store.set_param("sustain", 0.5)
    assert service.modified
    service.save()
    assert not service.modified
    store.set_param("sustain", 0.9)
    service.load("user/mine")
    assert store.patch.value("sustain") == 0.5
    assert store.patch.quality == "eco", "a preset has no quality of its own"
    entry = service.entry()
    assert entry is not None
    assert (entry.preset.category, entry.preset.tags) == ("pad", ("warm",))


def test_saving_over_a_factory_preset_is_refused(bench: Bench) -> None:
    factory = capture_preset(bench.store.patch, bench.models[bench.paths[0]], Preset(name="Shipped", a=""))
    write_preset(bench.library._factory / "shipped.json", factory)
    bench.service.load("factory/shipped")
    assert not bench.service.can_save()
    with pytest.raises(UserError, match="save a copy"):
        bench.service.save()
    with pytest.raises(UserError, match="needs a name"):
        bench.service.save_as("  ")
    bench.service.save_as("Mine")
    assert bench.service.can_save()


def test_previous_and_next_cycle_through_matching_presets(bench: Bench) -> None:
    service = bench.service
    assert service.step(1) is None
    for name, category in (("One", "pad"), ("Two", "bass"), ("Three", "pad")):
        service.save_as(name, category)

    def walk(by: int, query: Query) -> str:
        service.step(by, query)
        assert service.current is not None
        return service.current.name

    assert [walk(1, Query()) for _ in range(4)] == ["Two", "One", "Three", "Two"]
    assert [walk(-1, Query(category="pad")) for _ in range(3)] == ["Three", "One", "Three"]


def test_init_sets_default_values(bench: Bench) -> None:
    bench.store.set_param("sustain", 0.5)
    bench.store.latents.set(1, 0.4)
    bench.store.slots.choose("a", 30)
    bench.service.init()
    patch = bench.store.patch
    assert not any(patch.offset)
    assert patch.params == tuple(spec.default for spec in PARAMS)
    assert bench.store.bank[patch.slot_a].family == "keyboard"
    assert bench.service.current is None


def test_pitch_conditioned_models_start_with_the_lock_on(bench: Bench) -> None:
    """The lock gives the purest sound; the lock of a saved session stays."""
    path = bench.paths[0]
    plain = bench.models[path]
    card = plain.card.model_copy(update={"key_range": KeyRange(lowest=21, highest=108)})
    pitched = SimpleNamespace(card=card, bank=plain.bank, stats=plain.stats, file=plain.file)
    store = SessionStore()
    store.load_model_data(cast(Model, pitched), path)
    assert store.patch.value("lock") == 1.0
    store.set_param("lock", 0.3)
    store.load_model_data(cast(Model, pitched), path)
    assert store.patch.value("lock") == 0.3, "a choice is kept"
    store.reset()
    assert store.patch.value("lock") == 1.0
    store.load_model_data(plain, path)
    store.reset()
    assert store.patch.value("lock") == 0.0
    again = SessionStore(SavedSession(model=str(path), params={"lock": 0.0}))
    again.load_model_data(cast(Model, pitched), path)
    assert again.patch.value("lock") == 0.0


def test_a_preset_of_another_model_suggests_that_model(bench: Bench) -> None:
    service, store = bench.service, bench.store
    small, wide = bench.paths
    store.slots.choose("a", 12)
    store.latents.set(3, 0.5)
    made = store.patch
    key = service.save_as("Mine").key
    store.load_model_data(bench.models[wide], wide)
    loaded = service.load(key)
    assert "made for Small" in loaded.remark
    assert loaded.better is not None
    assert loaded.better.path == small
    assert store.patch.slot_a == 12
    assert any(store.patch.offset)
    service.load_with_model(key, small)
    bench.deliver()
    assert same_patch(store.patch, made)
    assert not service.modified
    assert service.history.undo_label == "Preset Mine"
    assert service.load(key) == replace(loaded, remark="", better=None)


def test_the_nearest_model_is_suggested_if_its_own_is_missing(bench: Bench) -> None:
    """Nearest by family, then by size; never one that is no nearer than the present one."""
    service = bench.service
    mine = bench.library.find(service.save_as("Mine").key)
    assert mine is not None
    assert mine.preset.model is not None
    foreign = mine.preset.model.model_copy(update={"digest": "0" * 16, "name": "gone", "latent_size": 8})
    bench.library.replace(mine.key, mine.preset.model_copy(update={"model": foreign}))
    better = service.load(mine.key).better
    assert better is not None
    assert better.path == bench.paths[1], "9 dimensions are nearer to 8 than 6"
    near = foreign.model_copy(update={"latent_size": 5})
    bench.library.replace(mine.key, mine.preset.model_copy(update={"model": near}))
    assert service.load(mine.key).better is None


def test_the_model_itself_comes_before_one_trained_again(bench: Bench, tmp_path: Path) -> None:
    made = bench.library.find(bench.service.save_as("Mine").key)
    assert made is not None
    small, wide = (ModelEntry(path, bench.models[path].card) for path in bench.paths)
    assert small.card is not None
    assert wide.card is not None
    again = ModelEntry(tmp_path / "again", small.card.model_copy(update={"description": "trained again"}))
    for models in ((again, small, wide), (small, again, wide)):
        better = nearest_model(made.preset, wide.card, models)
        assert better is not None
        assert better.path == small.path
    assert again.card is not None
    better = nearest_model(made.preset, again.card, (again, small, wide))
    assert better is not None
    assert better.path == small.path


def test_two_versions(bench: Bench) -> None:
    service, store = bench.service, bench.store
    store.set_param("sustain", 0.5)
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("2", 0.5)
    store.set_param("sustain", 0.7)
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("1", 0.5)
    service.versions.switch()
    assert store.patch.value("sustain") == 0.7
    service.versions.copy()
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("1", 0.7)


def test_versions_of_two_models(bench: Bench) -> None:
    service, store = bench.service, bench.store
    _, wide = bench.paths
    store.latents.set(2, 0.4)
    first = store.patch
    service.versions.switch()
    store.load_model_data(bench.models[wide], wide)
    second = store.patch
    service.versions.switch()
    bench.deliver()
    assert store.patch == first
    service.history.undo()
    bench.deliver()
    assert store.patch == second


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), amount=st.floats(0, 1), data=st.data())
def test_random_variations_respect_locks_and_ranges(
    small: Model, seed: int, amount: float, data: st.DataObject
) -> None:
    names = lock_names(6)
    locks = {name: data.draw(st.booleans()) for name in names}
    patch = random_patch(small, seed)
    low, high = latent_ranges(small.stats, small.bank).T
    rng = np.random.default_rng(seed)
    for act in (randomize, mutate):
        changed = act(patch, small, amount, locks, rng)
        if locks["notes"]:
            assert (changed.slot_a, changed.slot_b) == (patch.slot_a, patch.slot_b)
        for spec in PARAMS:
            if locks[spec.name]:
                assert changed.value(spec.name) == patch.value(spec.name)
            assert spec.minimum <= changed.value(spec.name) <= spec.maximum
        was, now = latent_of(patch, small), latent_of(changed, small)
        for i in range(6):
            if locks[f"z{i + 1}"]:
                assert now[i] == pytest.approx(was[i], abs=1e-9)
            else:
                assert low[i] - 1e-9 <= now[i] <= high[i] + 1e-9


def latent_of(patch: object, model: Model) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from synth_app.patch import Patch

    assert isinstance(patch, Patch)
    morph = patch.value("morph")
    notes = [own.note() if own else model.bank[i]
             for i, own in zip((patch.slot_a, patch.slot_b), patch.user_notes, strict=True)]  # fmt: skip
    a, b = (note_center(note)[0].astype(float) for note in notes)
    return np.asarray((1 - morph) * a + morph * b + np.array(patch.offset))


def test_amount_sets_how_far_random_variations_go(bench: Bench) -> None:
    """The median distance of random latent vectors grows with the amount, and is 0 at 0."""
    model, patch = bench.models[bench.paths[0]], bench.store.patch
    locks = {"notes": True}
    for act in (randomize, mutate):
        moved = []
        for amount in (0.0, 0.3, 1.0):
            rng = np.random.default_rng(1)
            far = [act(patch, model, amount, locks, rng) for _ in range(40)]
            moved.append(np.median([np.linalg.norm(latent_of(s, model) - latent_of(patch, model)) for s in far]))
        assert moved[0] < 1e-9
        assert moved[2] > 1.5 * moved[1] > 0


def test_locks_are_part_of_the_session(bench: Bench, make_bench: Callable[[SessionStore], Bench]) -> None:
    service, store = bench.service, bench.store
    assert service.variations.locked("gain_db")
    assert all(service.variations.locked(spec.name) for spec in PARAMS if spec.group == "effects")
    assert not service.variations.locked("z2")
    service.variations.set_lock(["z2", "notes"], locked=True)
    service.variations.set_lock(["gain_db"], locked=False)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    assert saved.locks == {"z2": True, "notes": True, "gain_db": False}
    fresh = make_bench(SessionStore(saved))
    fresh.store.load_model_data(fresh.models[fresh.paths[0]], fresh.paths[0])
    again: PresetService = fresh.service
    assert [again.variations.locked(n) for n in ("z2", "z3", "notes", "gain_db", "width")] == [
        True,
        False,
        True,
        False,
        True,
    ]
    again.variations.set_lock(["z2"], locked=False)
    assert again.variations.locks() == {"notes": True, "gain_db": False}, "only what differs from the usual is kept"
    with pytest.raises(UserError, match="can be locked"):
        service.variations.set_lock(["z99"], locked=True)
    assert is_locked("width", {})


def test_randomize_and_mutate_are_undo_steps(bench: Bench) -> None:
    before = bench.store.patch
    bench.service.variations.randomize(0.8)
    bench.service.variations.randomize(0.8)
    bench.service.variations.mutate(0.5)
    assert [step.label for step in bench.service.history.steps] == ["Randomize", "Randomize", "Mutate"]
    assert bench.store.patch != before


def test_deleting_the_present_preset_keeps_the_patch(bench: Bench) -> None:
    service = bench.service
    key = service.save_as("Mine").key
    patch = bench.store.patch
    deleted = service.delete(key)
    assert service.current is None
    assert bench.store.patch == patch
    assert bench.library.restore(deleted).key == key


def test_a_session_restores_the_preset_and_the_modified_patch(
    bench: Bench, make_bench: Callable[[SessionStore], Bench]
) -> None:
    bench.store.set_param("sustain", 0.5)
    bench.store.latents.set(2, 0.4)
    bench.service.save_as("Mine")
    bench.store.set_param("width", 0.5)
    saved = SavedSession.model_validate_json(bench.store.saved(WindowSettings()).model_dump_json())
    again = make_bench(SessionStore(saved))
    assert again.store.saved(WindowSettings()).preset == "user/mine", "kept while its model is still loading"
    again.store.load_model_data(again.models[again.paths[0]], again.paths[0])
    assert again.service.current is not None
    assert again.service.current.name == "Mine"
    assert again.service.modified
    assert same_patch(again.store.patch, bench.store.patch)
    assert again.service.history.undo_label == "", "coming back is no step"
    again.store.set_param("width", 1.0)
    assert not again.service.modified


def test_undo_returns_to_the_version_of_that_time(bench: Bench) -> None:
    """The letter and both sounds belong to the undo state: no version is lost, and none is shown under the other."""
    service, store = bench.service, bench.store
    store.set_param("sustain", 0.5)
    service.versions.switch()
    store.set_param("sustain", 0.7)
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("1", 0.5)
    service.history.undo()
    assert (service.versions.name, store.patch.value("sustain")) == ("2", 0.7)
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("1", 0.5), "the other version is still there"
    service.versions.switch()
    assert (service.versions.name, store.patch.value("sustain")) == ("2", 0.7)
    for number, value in (("1", 0.5), ("2", 0.7), ("2", 0.5), ("1", 0.5), ("1", 1.0)):
        service.history.undo()
        assert (service.versions.name, store.patch.value("sustain")) == (number, value)
    for number, value in (("1", 0.5), ("2", 0.5), ("2", 0.7), ("1", 0.5), ("2", 0.7)):
        service.history.redo()
        assert (service.versions.name, store.patch.value("sustain")) == (number, value)
    service.versions.copy()
    service.versions.switch()
    assert store.patch.value("sustain") == 0.7
    service.history.undo()
    assert service.history.undo_label == "Copy to version 1"
    service.history.undo()
    service.versions.switch()
    assert store.patch.value("sustain") == 0.5, "undo brings back what a copy replaced"


def test_a_version_whose_model_cannot_be_loaded_leaves_the_number(bench: Bench) -> None:
    service, store = bench.service, bench.store
    service.versions.switch()
    store.load_model_data(bench.models[bench.paths[1]], bench.paths[1])
    service.versions.switch()
    service.model_failed()
    assert service.versions.name == "2"
