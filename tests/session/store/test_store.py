"""The store: slider values, messages to observers, and what a change of model keeps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model, load_model
from synth_app.modelfile import note_center
from synth_app.params import defaults, param_index
from synth_app.patch import Patch
from synth_app.session import (
    DeviceChanged,
    ModelChanged,
    PadAxesChanged,
    PatchChanged,
    SavedSession,
    SessionStore,
    WindowSettings,
    latent_ranges,
)
from synth_app.session.state.state import Snapshot
from synth_app.support.errors import UserError
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("store") / "m.safetensors", latent=6)


def notices(store: SessionStore) -> list[object]:
    seen: list[object] = []
    for kind in (PatchChanged, PadAxesChanged, DeviceChanged, ModelChanged):
        store.subscribe(kind, seen.append)
    return seen


def test_fresh_model_shows_its_note(store: SessionStore, model: Model, path: Path) -> None:
    patch = store.patch
    assert (patch.model, patch.offset) == (str(path), (0.0,) * 6)
    note = store.slots.note("a")
    assert note is not None
    assert (note.family, note.pitch) == ("keyboard", 60)
    other = store.slots.note("b")
    assert other is not None
    assert other.family != "keyboard"
    assert other.pitch == 60
    np.testing.assert_allclose(store.latents.values(), note_center(note)[0], rtol=1e-6)


def test_sliders_show_centre_plus_offset_and_morph_moves_them(store: SessionStore, model: Model) -> None:
    store.slots.choose("a", 3)
    store.slots.choose("b", 20)
    a, b = note_center(model.bank[3])[0], note_center(model.bank[20])[0]
    store.set_morph(0.25)
    np.testing.assert_allclose(store.latents.values(), 0.75 * a + 0.25 * b, rtol=1e-5, atol=1e-6)
    value = float(store.latents.values()[2]) + 0.125
    store.latents.set(2, value)
    assert store.patch.offset[2] == pytest.approx(0.125, abs=1e-6)
    store.set_morph(0.75)
    assert store.latents.values()[2] == pytest.approx(0.25 * a[2] + 0.75 * b[2] + 0.125, abs=1e-5)
    store.latents.reset(2)
    assert store.patch.offset[2] == 0.0


@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data())
def test_set_latent_shows_the_clamped_value(store_factory: SessionStore, data: st.DataObject) -> None:
    store = store_factory
    store.set_morph(data.draw(st.floats(0, 1)))
    dim = data.draw(st.integers(0, 5))
    value = data.draw(st.floats(-1e3, 1e3))
    others = np.delete(store.latents.values(), dim)
    store.latents.set(dim, value)
    low, high = store.ranges[dim]
    assert store.latents.values()[dim] == pytest.approx(min(max(value, low), high), abs=1e-6)
    np.testing.assert_allclose(np.delete(store.latents.values(), dim), others, atol=1e-9)


@pytest.fixture(scope="module")
def store_factory(model: Model, path: Path) -> SessionStore:
    store = SessionStore()
    store.load_model_data(model, path)
    return store


def test_equal_values_notify_no_observer(store: SessionStore) -> None:
    store.latents.set(1, float(store.latents.values()[1]) + 0.1)
    seen = notices(store)
    store.set_param("gain_db", store.patch.value("gain_db"))
    store.set_morph(0.0)
    store.latents.set(1, float(store.latents.values()[1]))
    store.latents.set_many(enumerate(map(float, store.latents.values())))
    store.pad.set_axes(*store.state.pad.axes)
    store.set_device(DeviceSettings())
    store.latents.reset(0)
    assert seen == []


def test_rounding_between_value_and_offset_is_no_change(store: SessionStore) -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        store.set_morph(float(rng.random()))
        dim = int(rng.integers(6))
        store.latents.set(dim, float(rng.uniform(*store.ranges[dim])))
        before, values = store.patch, store.latents.values()
        inside = np.flatnonzero((values >= store.ranges[:, 0]) & (values <= store.ranges[:, 1]))
        store.latents.set_many((int(dim), float(values[dim])) for dim in inside)
        assert store.patch == before


def test_each_change_is_one_message_with_both_patches(store: SessionStore) -> None:
    seen = notices(store)
    before = store.patch
    store.latents.set_many([(0, 0.5), (1, -0.5)])
    assert seen == [PatchChanged(before, store.patch)]
    store.set_param("attack_s", 99.0)
    assert store.patch.value("attack_s") == 5.0
    change = seen[-1]
    assert isinstance(change, PatchChanged)
    assert change.params == {"attack_s"}
    store.pad.set_axes(2, 4)
    store.set_device(DeviceSettings("", 44_100, 512))
    assert seen[2:] == [PadAxesChanged(2, 4), DeviceChanged(DeviceSettings("", 44_100, 512))]


def test_an_unsubscribed_callback_is_not_called(store: SessionStore) -> None:
    seen: list[object] = []
    end = store.subscribe(PatchChanged, seen.append)
    store.set_morph(0.5)
    end()
    end()
    store.set_morph(0.6)
    assert len(seen) == 1


def test_choosing_resets_the_offset_and_showing_also_morphs(store: SessionStore) -> None:
    store.latents.set(0, float(store.latents.values()[0]) + 0.2)
    store.set_morph(0.4)
    store.slots.choose("b", 7)
    assert (store.patch.slot_b, store.patch.value("morph")) == (7, 0.4)
    assert not any(store.patch.offset)
    seen = notices(store)
    store.slots.show("b", 9)
    assert (store.patch.slot_b, store.patch.value("morph")) == (9, 1.0)
    np.testing.assert_allclose(store.latents.values(), note_center(store.bank[9])[0], rtol=1e-5)
    store.slots.show("a", 11)
    assert (store.patch.slot_a, store.patch.slot_b, store.patch.value("morph")) == (11, 9, 0.0)
    assert len(seen) == 2


def test_swapping_keeps_the_latent_values(store: SessionStore) -> None:
    store.set_morph(0.3)
    store.latents.set(0, float(store.latents.values()[0]) + 0.2)
    before, slots = store.latents.values(), (store.patch.slot_a, store.patch.slot_b)
    store.slots.swap()
    assert (store.patch.slot_b, store.patch.slot_a) == slots
    np.testing.assert_allclose(store.latents.values(), before, atol=1e-9)


def test_reset_keeps_the_slots(store: SessionStore) -> None:
    store.slots.show("a", 5)
    store.set_param("decay_s", 1.0)
    store.latents.set(0, 1.0)
    store.reset()
    assert store.patch.slot_a == 5
    assert store.patch.params == defaults()
    assert not any(store.patch.offset)


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.latents.set(6, 0.0),
        lambda s: s.latents.set(-1, 0.0),
        lambda s: s.latents.reset(6),
        lambda s: s.slots.choose("a", 40),
        lambda s: s.slots.show("b", -1),
        lambda s: s.set_param("nonsense", 1.0),
        lambda s: s.set_param("gain_db", float("nan")),
        lambda s: s.pad.set_axes(0, 6),
    ],
)
def test_bad_input_changes_nothing(store: SessionStore, act: Callable[[SessionStore], object]) -> None:
    seen, before = notices(store), store.state
    with pytest.raises(UserError):
        act(store)
    assert store.state == before
    assert seen == []


def test_another_model_keeps_notes_by_name_and_drops_the_offset(store: SessionStore, tmp_path: Path) -> None:
    store.slots.show("a", 13)
    store.latents.set(0, 1.0)
    store.set_param("morph", 0.7)
    store.pad.set_axes(4, 5)
    name = store.bank[13].name
    other_path = make_model(tmp_path / "other.safetensors", latent=3)
    other = load_model(other_path)
    seen = notices(store)
    store.load_model_data(other, other_path)
    note = store.slots.note("a")
    assert note is not None
    assert note.name == name
    assert store.patch.offset == (0.0,) * 3
    assert store.patch.value("morph") == 0.7
    assert max(store.state.pad.axes) < 3
    assert [type(change) for change in seen] == [ModelChanged, PatchChanged, PadAxesChanged]


def test_an_expected_snapshot_is_for_the_model_at_its_path_alone(store: SessionStore, tmp_path: Path) -> None:
    wanted_path = make_model(tmp_path / "wanted.safetensors", latent=4)
    other_path = make_model(tmp_path / "other.safetensors", latent=3)
    made: list[Model] = []

    def make(model: Model) -> Snapshot:
        made.append(model)
        size = model.card.latent_size
        return Snapshot(Patch(str(wanted_path), 5, 6, (0.25,) * size), None)

    store.expect_model(str(wanted_path), make)
    store.load_model_data(load_model(other_path), other_path)
    assert made == []
    assert store.patch.model == str(other_path)
    assert list(store.patch.offset) == [0.0] * 3
    store.load_model_data(load_model(wanted_path), wanted_path)
    assert made == [], "another model came in between"
    assert list(store.patch.offset) == [0.0] * 4

    store.expect_model(str(wanted_path), make)
    store.cancel_expected()
    store.load_model_data(load_model(wanted_path), wanted_path)
    assert made == []

    store.expect_model(str(wanted_path), make)
    store.load_model_data(load_model(wanted_path), wanted_path)
    assert len(made) == 1
    assert (store.patch.slot_a, store.patch.slot_b) == (5, 6)
    assert list(store.patch.offset) == [0.25] * 4


def test_the_patch_fits_the_model_when_observers_are_notified(store: SessionStore, tmp_path: Path) -> None:
    sizes = []
    store.subscribe(ModelChanged, lambda change: sizes.append((len(store.latents.values()), len(store.ranges))))
    other_path = make_model(tmp_path / "other.safetensors", latent=4)
    store.load_model_data(load_model(other_path), other_path)
    assert sizes == [(4, 4)]


def test_ranges_hold_data_and_every_note(model: Model) -> None:
    ranges = latent_ranges(model.stats, model.bank)
    assert (ranges[:, 0] < model.stats.percentiles[0]).all()
    assert (ranges[:, 1] > model.stats.percentiles[-1]).all()
    for note in model.bank:
        center = note_center(note)[0]
        assert (ranges[:, 0] <= center).all()
        assert (center <= ranges[:, 1]).all()


def test_a_saved_session_is_restored_unchanged(store: SessionStore, model: Model, path: Path) -> None:
    store.slots.choose("a", 3)
    store.slots.choose("b", 17)
    store.set_param("release_s", 1.25)
    store.set_morph(0.35)
    store.latents.set(4, float(store.latents.values()[4]) - 0.1)
    store.pad.set_axes(3, 1)
    store.set_device(DeviceSettings("Speakers", 44_100, 512))
    text = store.saved(WindowSettings(width=1500, height=900)).model_dump_json()
    again = SessionStore(SavedSession.model_validate_json(text))
    waiting = again.saved(WindowSettings(width=1500, height=900))
    assert waiting.model_dump_json() == text, "before its model is loaded nothing is lost"
    again.load_model_data(model, path)
    assert again.state == store.state


def test_saved_slots_are_not_used_for_another_model(
    store: SessionStore, model: Model, path: Path, tmp_path: Path
) -> None:
    store.latents.set(0, float(store.latents.values()[0]) + 0.3)
    saved = store.saved(WindowSettings())
    other = tmp_path / "copy.safetensors"
    other.write_bytes(path.read_bytes())
    again = SessionStore(saved)
    again.load_model_data(load_model(other), other)
    assert not any(again.patch.offset)


def test_out_of_range_saved_parameters_are_clamped(model: Model, path: Path) -> None:
    again = SessionStore(SavedSession(params={"gain_db": 500.0, "from_the_future": 1.0}))
    assert again.patch.value("gain_db") == 12.0
    assert len(again.patch.params) == len(defaults())
    assert again.patch.params[param_index("width")] == 1.0
