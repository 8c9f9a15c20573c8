"""Morphs between two presets: linear, continuous, one undo step."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.decoder import Model
from synth_app.params import PARAMS, ParamSpec
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import (
    PatchChanged,
)
from synth_app.session.pad.note_mixing import NoteMixer, bank_part
from synth_app.session.presets.patch_variation import (
    _interpolate,
    interpolate_patches,
)
from synth_app.support.errors import UserError
from tests.session.conftest import Bench
from tests.session.presets.test_preset_service import latent_of
from tests.session.presets.test_presets import random_patch


def test_another_model_ends_a_preset_morph(bench: Bench) -> None:
    one, two = bench.service.save_as("One"), bench.service.save_as("Two")
    bench.service.morph.begin(one.key, two.key)
    wide = bench.paths[1]
    bench.store.load_model_data(bench.models[wide], wide)
    assert not bench.service.morph.active
    with pytest.raises(UserError, match="choose two"):
        bench.service.morph.set(0.5)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), fraction=st.floats(0.001, 0.999))
def test_a_morph_is_linear_in_latent_vector_and_normalized_values(small: Model, seed: int, fraction: float) -> None:
    x, y = random_patch(small, seed), random_patch(small, seed + 1)
    if seed % 4 == 3:
        mix = NoteMixer(small).mix([bank_part(small.bank[i], 0.5) for i in (3, 22)])
        y = replace(y, user_notes=(mix, mix))
    if seed % 2:
        x, y = replace(x, slot_b=x.slot_a), replace(y, slot_b=y.slot_a)
    middle = interpolate_patches(x, y, fraction, small)
    expected = (1 - fraction) * latent_of(x, small) + fraction * latent_of(y, small)
    np.testing.assert_allclose(latent_of(middle, small), expected, atol=1e-9)
    for spec in PARAMS:
        if spec.curve == "steps":
            assert middle.value(spec.name) == (x if fraction < 0.5 else y).value(spec.name)
        elif spec.name != "morph":
            normalized = (1 - fraction) * spec.to_normalized(x.value(spec.name)) + fraction * spec.to_normalized(
                y.value(spec.name)
            )
            assert spec.to_normalized(middle.value(spec.name)) == pytest.approx(normalized, abs=1e-6)
    if seed % 2 and x.slot_a != y.slot_a:
        assert (middle.slot_a, middle.slot_b) == (x.slot_a, y.slot_a)
        assert middle.value("morph") == pytest.approx(fraction)
    assert interpolate_patches(x, y, 0.0, small) is x
    assert interpolate_patches(x, y, 1.0, small) is y


def test_a_choice_switches_at_one_half() -> None:
    spec = ParamSpec("shape", "Shape", "", 0, 3, 0, "steps", 0, "lfo", "")
    assert [_interpolate(spec, 0.0, 3.0, fraction) for fraction in (0.1, 0.49, 0.5, 0.9)] == [0, 0, 3, 3]


def test_preset_morph_is_continuous_one_step_and_exact_at_its_ends(bench: Bench) -> None:
    service, store = bench.service, bench.store
    with pytest.raises(UserError, match="choose two"):
        service.morph.set(0.5)
    store.set_param("attack_s", 0.01)
    one = service.save_as("One")
    store.slots.choose("a", 25)
    store.set_param("attack_s", 1.0)
    two = service.save_as("Two")
    service.load(one.key)
    steps = len(service.history.steps)
    service.morph.begin(one.key, two.key)
    changes: list[PatchChanged] = []
    store.subscribe(PatchChanged, changes.append)
    service.history.press()
    for fraction in np.linspace(0, 1, 41):
        service.morph.set(float(fraction))
        if fraction == 0.5:
            assert store.patch.value("attack_s") == pytest.approx(0.1, rel=1e-3), "half-way on a logarithmic control"
    service.history.release()
    assert len(service.history.steps) == steps + 1
    model = bench.models[bench.paths[0]]
    jumps = [np.linalg.norm(latent_of(each.after, model) - latent_of(each.before, model)) for each in changes[1:]]
    assert max(jumps) < 2 * np.median(jumps)
    assert service.current is not None
    assert service.current.name == "Two"
    assert not service.modified
    service.morph.set(0.0)
    assert service.current.name == "One"
    assert not service.modified


@pytest.mark.parametrize(("single_x", "single_y"), [(False, False), (True, False), (False, True)])
def test_mixed_slots_switch_to_the_second_patch_at_exactly_one_half(
    small: Model, single_x: bool, single_y: bool
) -> None:
    """Where a patch mixes two notes, the slots cannot be morphed; at 0.5 they are those of the second patch."""
    x, y = replace(random_patch(small, 1), slot_a=3, slot_b=9), replace(random_patch(small, 2), slot_a=14, slot_b=20)
    x = x.with_param("morph", 0.0 if single_x else 0.25)
    y = y.with_param("morph", 1.0 if single_y else 0.75)
    for fraction, wanted in ((np.nextafter(0.5, 0.0), x), (0.5, y), (np.nextafter(0.5, 1.0), y)):
        middle = interpolate_patches(x, y, float(fraction), small)
        assert (middle.slot_a, middle.slot_b, middle.user_notes) == (wanted.slot_a, wanted.slot_b, wanted.user_notes)
        assert middle.value("morph") == wanted.value("morph")
        np.testing.assert_allclose(latent_of(middle, small), (latent_of(x, small) + latent_of(y, small)) / 2, atol=1e-9)


def test_a_preset_morph_at_exactly_one_half_moves_over_the_second_preset_s_pad(bench: Bench) -> None:
    service, store = bench.service, bench.store
    over_pad = Modulation(connections=(Connection("lfo1", "pad_x", 0.5),))
    keys = []
    for axes, slot_a, slot_b in (((0, 1), 3, 9), ((2, 3), 14, 20)):
        store.slots.choose("a", slot_a)
        store.slots.choose("b", slot_b)
        store.set_morph(0.5)
        store.set_modulation(over_pad)
        store.pad.set_axes(*axes)
        keys.append(service.save_as(f"Over {axes}").key)
    service.morph.begin(*keys)
    for fraction, slots, axes in ((0.499, (3, 9), (0, 1)), (0.5, (14, 20), (2, 3)), (0.501, (14, 20), (2, 3))):
        service.morph.set(fraction)
        assert (store.patch.slot_a, store.patch.slot_b) == slots
        assert store.state.pad.axes == axes
        assert service.current is not None
        assert service.current.key == keys[0], "it counts as the first preset until the morph is at 1"
