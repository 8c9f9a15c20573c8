"""The desk: loading, saving, comparing, varying and morphing presets over a real store."""

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
from synth_app.params import PARAMS, ParamSpec
from synth_app.session import (
    PatchChanged,
    PresetService,
    Query,
    SavedSession,
    SessionStore,
    WindowSettings,
    write_preset,
)
from synth_app.session.pad.note_mixing import Blender, bank_part
from synth_app.session.presets.model_matching import nearest_model
from synth_app.session.presets.preset_service import same_patch
from synth_app.session.presets.preset_transfer import capture
from synth_app.session.presets.variation import _blend, blend_patches, is_locked, lock_names, mutate, randomize
from synth_app.session.state.preset import Preset
from synth_app.session.state.slider_ranges import latent_ranges
from synth_app.support.errors import UserError
from tests.session.conftest import Bench
from tests.session.presets.test_presets import sound_of


def test_modified_follows_the_sound_but_not_the_quality(bench: Bench) -> None:
    desk, store = bench.desk, bench.store
    desk.save_as("Mine", "pad", ("warm",))
    assert not desk.modified
    store.set_quality("eco")
    assert not desk.modified
    store.set_param("sustain", 0.5)
    assert desk.modified
    desk.save()
    assert not desk.modified
    store.set_param("sustain", 0.9)
    desk.load("user/mine")
    assert store.patch.value("sustain") == 0.5
    assert store.patch.quality == "eco", "a preset has no quality of its own"
    entry = desk.entry()
    assert entry is not None
    assert (entry.preset.category, entry.preset.tags) == ("pad", ("warm",))


def test_saving_over_what_ships_is_refused(bench: Bench) -> None:
    factory = capture(bench.store.patch, bench.models[bench.paths[0]], Preset(name="Shipped", a=""))
    write_preset(bench.library._factory / "shipped.json", factory)
    bench.desk.load("factory/shipped")
    assert not bench.desk.can_save()
    with pytest.raises(UserError, match="save a copy"):
        bench.desk.save()
    with pytest.raises(UserError, match="needs a name"):
        bench.desk.save_as("  ")
    bench.desk.save_as("Mine")
    assert bench.desk.can_save()


def test_prev_and_next_go_round_what_fits(bench: Bench) -> None:
    desk = bench.desk
    assert desk.step(1) is None
    for name, category in (("One", "pad"), ("Two", "bass"), ("Three", "pad")):
        desk.save_as(name, category)

    def walk(by: int, query: Query) -> str:
        desk.step(by, query)
        assert desk.current is not None
        return desk.current.name

    assert [walk(1, Query()) for _ in range(4)] == ["Two", "One", "Three", "Two"]
    assert [walk(-1, Query(category="pad")) for _ in range(3)] == ["Three", "One", "Three"]


def test_init_is_plain(bench: Bench) -> None:
    bench.store.set_param("sustain", 0.5)
    bench.store.set_latent(1, 0.4)
    bench.store.choose_slot("a", 30)
    bench.desk.init()
    patch = bench.store.patch
    assert not any(patch.offset)
    assert patch.params == tuple(spec.default for spec in PARAMS)
    assert bench.store.bank[patch.slot_a].family == "keyboard"
    assert bench.desk.current is None


def test_what_takes_the_pitch_is_locked_to_it_unless_told_otherwise(bench: Bench) -> None:
    """A model's plainest sound; a session's own lock stays."""
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


def test_a_preset_of_another_model_says_so_and_offers_it(bench: Bench) -> None:
    desk, store = bench.desk, bench.store
    small, wide = bench.paths
    store.choose_slot("a", 12)
    store.set_latent(3, 0.5)
    made = store.patch
    key = desk.save_as("Mine").key
    store.load_model_data(bench.models[wide], wide)
    loaded = desk.load(key)
    assert "made for Small" in loaded.remark
    assert loaded.better is not None
    assert loaded.better.path == small
    assert store.patch.slot_a == 12
    assert any(store.patch.offset)
    desk.load_with_model(key, small)
    bench.deliver()
    assert same_patch(store.patch, made)
    assert not desk.modified
    assert desk.history.undo_label == "Preset Mine"
    assert desk.load(key) == replace(loaded, remark="", better=None)


def test_the_nearest_model_is_offered_where_its_own_is_gone(bench: Bench) -> None:
    """Nearest by family, then by size; never one that is no nearer than the present one."""
    desk = bench.desk
    mine = bench.library.find(desk.save_as("Mine").key)
    assert mine is not None
    assert mine.preset.model is not None
    foreign = mine.preset.model.model_copy(update={"digest": "0" * 16, "name": "gone", "latent_size": 8})
    bench.library.replace(mine.key, mine.preset.model_copy(update={"model": foreign}))
    better = desk.load(mine.key).better
    assert better is not None
    assert better.path == bench.paths[1], "9 dimensions are nearer to 8 than 6"
    near = foreign.model_copy(update={"latent_size": 5})
    bench.library.replace(mine.key, mine.preset.model_copy(update={"model": near}))
    assert desk.load(mine.key).better is None


def test_the_model_itself_comes_before_one_trained_again(bench: Bench, tmp_path: Path) -> None:
    made = bench.library.find(bench.desk.save_as("Mine").key)
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


def test_another_model_ends_a_preset_morph(bench: Bench) -> None:
    one, two = bench.desk.save_as("One"), bench.desk.save_as("Two")
    bench.desk.begin_morph(one.key, two.key)
    wide = bench.paths[1]
    bench.store.load_model_data(bench.models[wide], wide)
    assert not bench.desk.morphing
    with pytest.raises(UserError, match="choose two"):
        bench.desk.set_preset_morph(0.5)


def test_two_versions(bench: Bench) -> None:
    desk, store = bench.desk, bench.store
    store.set_param("sustain", 0.5)
    desk.switch_version()
    assert (desk.version, store.patch.value("sustain")) == ("B", 0.5)
    store.set_param("sustain", 0.7)
    desk.switch_version()
    assert (desk.version, store.patch.value("sustain")) == ("A", 0.5)
    desk.switch_version()
    assert store.patch.value("sustain") == 0.7
    desk.copy_version()
    desk.switch_version()
    assert (desk.version, store.patch.value("sustain")) == ("A", 0.7)


def test_versions_of_two_models(bench: Bench) -> None:
    desk, store = bench.desk, bench.store
    _, wide = bench.paths
    store.set_latent(2, 0.4)
    first = store.patch
    desk.switch_version()
    store.load_model_data(bench.models[wide], wide)
    second = store.patch
    desk.switch_version()
    bench.deliver()
    assert store.patch == first
    desk.history.undo()
    bench.deliver()
    assert store.patch == second


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), amount=st.floats(0, 1), data=st.data())
def test_chance_keeps_locks_and_ranges(small: Model, seed: int, amount: float, data: st.DataObject) -> None:
    names = lock_names(6)
    locks = {name: data.draw(st.booleans()) for name in names}
    patch = sound_of(small, seed)
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
        was, now = code(patch, small), code(changed, small)
        for i in range(6):
            if locks[f"z{i + 1}"]:
                assert now[i] == pytest.approx(was[i], abs=1e-9)
            else:
                assert low[i] - 1e-9 <= now[i] <= high[i] + 1e-9


def code(patch: object, model: Model) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from synth_app.patch import Patch

    assert isinstance(patch, Patch)
    morph = patch.value("morph")
    notes = [own.note() if own else model.bank[i]
             for i, own in zip((patch.slot_a, patch.slot_b), patch.custom, strict=True)]  # fmt: skip
    a, b = (note_center(note)[0].astype(float) for note in notes)
    return np.asarray((1 - morph) * a + morph * b + np.array(patch.offset))


def test_amount_is_how_far_chance_goes(bench: Bench) -> None:
    """Median distance of the code over many draws grows with the amount, and is nothing at 0."""
    model, patch = bench.models[bench.paths[0]], bench.store.patch
    locks = {"notes": True}
    for act in (randomize, mutate):
        moved = []
        for amount in (0.0, 0.3, 1.0):
            rng = np.random.default_rng(1)
            far = [act(patch, model, amount, locks, rng) for _ in range(40)]
            moved.append(np.median([np.linalg.norm(code(s, model) - code(patch, model)) for s in far]))
        assert moved[0] < 1e-9
        assert moved[2] > 1.5 * moved[1] > 0


def test_locks_are_part_of_the_session(bench: Bench, make_bench: Callable[[SessionStore], Bench]) -> None:
    desk, store = bench.desk, bench.store
    assert desk.locked("gain_db")
    assert all(desk.locked(spec.name) for spec in PARAMS if spec.group == "effects")
    assert not desk.locked("z2")
    desk.set_lock(["z2", "notes"], locked=True)
    desk.set_lock(["gain_db"], locked=False)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    assert saved.locks == {"z2": True, "notes": True, "gain_db": False}
    fresh = make_bench(SessionStore(saved))
    fresh.store.load_model_data(fresh.models[fresh.paths[0]], fresh.paths[0])
    again: PresetService = fresh.desk
    assert [again.locked(n) for n in ("z2", "z3", "notes", "gain_db", "width")] == [True, False, True, False, True]
    again.set_lock(["z2"], locked=False)
    assert again.locks() == {"notes": True, "gain_db": False}, "only what differs from the usual is kept"
    with pytest.raises(UserError, match="can be locked"):
        desk.set_lock(["z99"], locked=True)
    assert is_locked("width", {})


def test_randomise_and_mutate_are_steps_of_their_own(bench: Bench) -> None:
    before = bench.store.patch
    bench.desk.randomize(0.8)
    bench.desk.randomize(0.8)
    bench.desk.mutate(0.5)
    assert [step.label for step in bench.desk.history.steps] == ["Randomise", "Randomise", "Mutate"]
    assert bench.store.patch != before


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.001, 0.999))
def test_a_morph_goes_straight_in_code_and_along_each_control(small: Model, seed: int, share: float) -> None:
    x, y = sound_of(small, seed), sound_of(small, seed + 1)
    if seed % 4 == 3:
        mix = Blender(small).mix([bank_part(small.bank[i], 0.5) for i in (3, 22)])
        y = replace(y, custom=(mix, mix))
    if seed % 2:
        x, y = replace(x, slot_b=x.slot_a), replace(y, slot_b=y.slot_a)
    middle = blend_patches(x, y, share, small)
    expected = (1 - share) * code(x, small) + share * code(y, small)
    np.testing.assert_allclose(code(middle, small), expected, atol=1e-9)
    for spec in PARAMS:
        if spec.curve == "steps":
            assert middle.value(spec.name) == (x if share < 0.5 else y).value(spec.name)
        elif spec.name != "morph":
            normalized = (1 - share) * spec.to_normalized(x.value(spec.name)) + share * spec.to_normalized(
                y.value(spec.name)
            )
            assert spec.to_normalized(middle.value(spec.name)) == pytest.approx(normalized, abs=1e-6)
    if seed % 2 and x.slot_a != y.slot_a:
        assert (middle.slot_a, middle.slot_b) == (x.slot_a, y.slot_a)
        assert middle.value("morph") == pytest.approx(share)
    assert blend_patches(x, y, 0.0, small) is x
    assert blend_patches(x, y, 1.0, small) is y


def test_a_choice_switches_half_way() -> None:
    spec = ParamSpec("shape", "Shape", "", 0, 3, 0, "steps", 0, "lfo", "")
    assert [_blend(spec, 0.0, 3.0, share) for share in (0.1, 0.49, 0.5, 0.9)] == [0, 0, 3, 3]


def test_preset_morph_is_continuous_one_step_and_exact_at_its_ends(bench: Bench) -> None:
    desk, store = bench.desk, bench.store
    with pytest.raises(UserError, match="choose two"):
        desk.set_preset_morph(0.5)
    store.set_param("attack_s", 0.01)
    one = desk.save_as("One")
    store.choose_slot("a", 25)
    store.set_param("attack_s", 1.0)
    two = desk.save_as("Two")
    desk.load(one.key)
    steps = len(desk.history.steps)
    desk.begin_morph(one.key, two.key)
    changes: list[PatchChanged] = []
    store.subscribe(PatchChanged, changes.append)
    desk.history.press()
    for share in np.linspace(0, 1, 41):
        desk.set_preset_morph(float(share))
        if share == 0.5:
            assert store.patch.value("attack_s") == pytest.approx(0.1, rel=1e-3), "half-way on a logarithmic control"
    desk.history.release()
    assert len(desk.history.steps) == steps + 1
    jumps = [np.linalg.norm(code(c.after, bench.models[bench.paths[0]]) - code(c.before, bench.models[bench.paths[0]]))
             for c in changes[1:]]  # fmt: skip
    assert max(jumps) < 2 * np.median(jumps)
    assert desk.current is not None
    assert desk.current.name == "Two"
    assert not desk.modified
    desk.set_preset_morph(0.0)
    assert desk.current.name == "One"
    assert not desk.modified


def test_deleting_the_present_preset_keeps_the_sound(bench: Bench) -> None:
    desk = bench.desk
    key = desk.save_as("Mine").key
    patch = bench.store.patch
    deleted = desk.delete(key)
    assert desk.current is None
    assert bench.store.patch == patch
    assert bench.library.restore(deleted).key == key


def test_session_remembers_preset_and_its_modified_sound(
    bench: Bench, make_bench: Callable[[SessionStore], Bench]
) -> None:
    bench.store.set_param("sustain", 0.5)
    bench.store.set_latent(2, 0.4)
    bench.desk.save_as("Mine")
    bench.store.set_param("width", 0.5)
    saved = SavedSession.model_validate_json(bench.store.saved(WindowSettings()).model_dump_json())
    again = make_bench(SessionStore(saved))
    assert again.store.saved(WindowSettings()).preset == "user/mine", "kept while its model is still loading"
    again.store.load_model_data(again.models[again.paths[0]], again.paths[0])
    assert again.desk.current is not None
    assert again.desk.current.name == "Mine"
    assert again.desk.modified
    assert same_patch(again.store.patch, bench.store.patch)
    assert again.desk.history.undo_label == "", "coming back is no step"
    again.store.set_param("width", 1.0)
    assert not again.desk.modified
