"""The pad's grids in each mode, and how they follow the user's settings."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import PadGrid, UserNote
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.patch.pad_grid import SIDE
from synth_app.session import Preset, SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.pad.pad_grids import pad_grids_of
from synth_app.session.pad.timbre_map import neighbour_weights
from synth_app.session.presets.patch_equality import same_patch
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_transfer import snapshot_of, transfer_preset
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.preset import preset_json
from tests.session.conftest import Bench

OVER_PAD = Modulation(connections=(Connection("lfo1", "pad_x", 0.5), Connection("lfo2", "pad_y", 0.3)))


def _pad(store: SessionStore) -> PadGrid:
    assert store.patch.pad_grid is not None
    return store.patch.pad_grid


def test_only_a_patch_that_moves_over_the_pad_has_a_grid(bench: Bench) -> None:
    store = bench.store
    assert store.patch.pad_grid is None
    store.set_modulation(OVER_PAD)
    assert _pad(store).latent_size == 6
    store.set_modulation(Modulation(connections=(replace(OVER_PAD.connections[0], on=False),)))
    assert store.patch.pad_grid is None


def test_two_dimensions_span_a_plane_between_the_sliders_ends(bench: Bench) -> None:
    store = bench.store
    store.pad.set_axes(4, 1)
    store.set_modulation(OVER_PAD)
    store.latents.set(4, float(store.ranges[4] @ (0.75, 0.25)))
    store.latents.set(1, float(store.ranges[1] @ (0.4, 0.6)))
    pad = _pad(store)
    assert pad.at == pytest.approx((0.25, 0.6))
    nodes = pad.even_nodes()
    for line, dim in ((nodes[7, :, 4], 4), (nodes[:, 20, 1], 1)):
        low, high = store.ranges[dim]
        np.testing.assert_allclose(line, np.linspace(float(low), float(high), SIDE), atol=1e-5)
    assert not nodes[:, :, [0, 2, 3, 5]].any()


def test_the_map_grid_equals_what_its_cursor_plays(bench: Bench) -> None:
    store, controller = bench.store, PadController(bench.store)
    store.set_modulation(OVER_PAD)
    store.pad.set_state(replace(store.state.pad, mode="map", pitch=60))
    assert _pad(store).at == (0.5, 0.5), "a cursor that was never moved"
    controller.move_on_map(0.3, 0.6)
    pad, rows = _pad(store), controller.shown()
    assert pad.at == (0.3, 0.6)
    for x, y in ((0, 0), (5, 17), (32, 20)):
        near = neighbour_weights(controller.positions()[rows], (x / 32, y / 32))
        wanted = sum(weight * store.note_centers[rows[i]] for i, weight in near)
        np.testing.assert_allclose(pad.nodes()[y, x], wanted, atol=1e-4)
    store.pad.set_state(replace(store.state.pad, layout="umap"))
    assert _pad(store).codes == pad.codes, "no such map yet"
    store.pad.set_umap(np.random.default_rng(0).normal(size=(len(store.bank), 2)))
    assert _pad(store).codes != pad.codes


def test_the_corner_grid_equals_what_the_cursor_mixes(bench: Bench) -> None:
    store, controller = bench.store, PadController(bench.store)
    store.set_modulation(OVER_PAD)
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    assert store.patch.pad_grid is None, "nothing in the corners"
    own = UserNote.of(replace(store.bank[5], z=store.bank[5].z + 0.5))
    names = [store.bank[i].name for i in (0, 9, 17)]
    store.pad.set_state(replace(store.state.pad, corners=(names[0], names[1], names[2], own), morph_at=(0.2, 0.9)))
    codes = [store.note_centers[0], store.note_centers[9], store.note_centers[17], store.note_centers[5] + 0.5]
    assert _pad(store).at == (0.2, 0.9)
    nodes = _pad(store).even_nodes()
    for x, y in ((0, 0), (11, 30), (32, 7)):
        weights = corner_weights(x / 32, y / 32)
        wanted = sum(weight * code for weight, code in zip(weights, codes, strict=True))
        np.testing.assert_allclose(nodes[y, x], wanted, atol=1e-4)
    controller.set_corner(1, "")
    nodes = _pad(store).even_nodes()
    assert np.isfinite(nodes).all()
    np.testing.assert_allclose(nodes[32, 16], codes[0], atol=1e-4)  # half-way to the empty corner only A plays
    np.testing.assert_allclose(nodes[32, 32], np.mean([codes[0], codes[2], codes[3]], axis=0), atol=1e-3)


def test_a_change_of_mode_is_an_undo_step_if_it_is_audible(bench: Bench) -> None:
    store, history = bench.store, bench.service.history
    PadController(store).move_on_map(0.3, 0.6)
    store.set_modulation(OVER_PAD)
    plane = store.patch
    store.pad.set_state(replace(store.state.pad, mode="map"))
    assert store.patch != plane
    assert history.undo_label == "Pad"
    history.undo()
    assert (store.patch, store.state.pad.mode) == (plane, "plane")
    history.redo()
    assert store.state.pad.mode == "map"
    store.latents.set(2, 0.5)
    store.pad.set_state(replace(store.state.pad, mode="plane"))
    store.latents.set(0, 0.5)  # the cursor goes with the slider
    assert "Pad" not in history.undo_label


def test_a_change_of_mode_there_and_back_is_no_undo_step(bench: Bench) -> None:
    store, history = bench.store, bench.service.history
    store.set_modulation(OVER_PAD)
    steps = history.steps
    history.press()
    for mode in ("map", "plane"):
        store.pad.set_state(replace(store.state.pad, mode=mode))
    history.release()
    assert history.steps == steps


def test_undo_steps_and_presets_hold_no_grid(bench: Bench, small: Model) -> None:
    store, history = bench.store, bench.service.history
    store.set_modulation(OVER_PAD)
    assert (_pad(store).side, store.patch.settings.pad_grid) == (2, None)
    assert replace(store.patch.settings, pad_grid=_pad(store)) == store.patch
    assert history.steps[-1].after.patch == store.patch.settings
    assert "pad_grid" not in capture_preset(store.patch, small, Preset(name="X", a="")).extra


def test_a_change_of_mode_without_modulation_does_not_change_the_patch(bench: Bench) -> None:
    store, patch = bench.store, bench.store.patch
    store.pad.set_state(replace(store.state.pad, mode="map", map_at=(0.5, 0.5)))
    assert store.patch is patch


def test_a_preset_sets_the_pad_that_it_moves_over(bench: Bench, small: Model, wide: Model) -> None:
    store = bench.store
    store.pad.set_axes(5, 2)
    store.set_modulation(OVER_PAD)
    store.latents.set(5, 0.3)
    made, field = store.patch, store.state.pad
    preset = Preset.model_validate_json(preset_json(capture_preset(made, small, Preset(name="Walk", a=""), field)))
    store.set_modulation(Modulation())
    store.pad.set_axes(0, 1)
    store.pad.set_state(PadState(mode="map"))
    fitted = transfer_preset(preset, small, made.model, made.quality)
    assert same_patch(fitted.patch, made)
    store.set_snapshot(snapshot_of(preset, "k", fitted))
    assert same_patch(store.patch, made)
    assert (store.state.pad.mode, store.state.pad.axes) == ("plane", (5, 2))
    other = transfer_preset(preset, wide, "w", "live").patch
    assert other.pad_grid is not None
    assert other.pad_grid.latent_size == 9
    walked = replace(made, pad_grid=PadGrid.of(np.zeros((2, 2, 6)), (0.5, 0.5)))
    assert not same_patch(walked, made), "another grid makes another patch"


def test_dimensions_that_a_model_lacks_become_the_first_two(small: Model) -> None:
    assert PadState(axes=(8, 2)).within(6).axes == (0, 1)
    assert PadState(axes=(5, 2)).within(6).axes == (5, 2)
    assert PadState(axes=(5, 2)).within(1).axes == (0, 0)
    preset = Preset(name="X", a=small.bank[0].name, extra={"modulation": {"connections": [
        {"source": "lfo1", "target": "pad_x", "amount": 0.5}]}})  # fmt: skip
    fitted = transfer_preset(preset, small, "m", "live")
    assert fitted.patch.pad_grid is not None, "a pad that nobody set is the plane of the first two"


def test_the_pad_grid_is_restored_with_a_session(bench: Bench, small: Model) -> None:
    store = bench.store
    store.pad.set_axes(3, 1)
    store.set_modulation(OVER_PAD)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    again = SessionStore(saved)
    again.load_model_data(small, bench.paths[0])
    assert again.patch == store.patch
    assert again.state.pad.axes == (3, 1)


def test_a_map_that_arrives_later_is_no_undo_step(bench: Bench) -> None:
    store, history = bench.store, bench.service.history
    store.set_modulation(OVER_PAD)
    store.pad.set_state(replace(store.state.pad, mode="map", layout="umap", map_at=(0.3, 0.6)))
    store.latents.set(2, 0.4)
    steps = history.steps
    store.pad.set_umap(np.random.default_rng(0).normal(size=(len(store.bank), 2)))
    assert history.steps == steps
    label = history.undo_label
    for _ in range(3):
        history.undo()
    assert history.undo_label != label
    assert not history.steps
    for _ in range(3):
        history.redo()
    assert history.steps[-1].label == label
    assert store.patch.offset[2] != 0.0


def test_a_morph_towards_a_preset_that_moves_over_its_pad_uses_that_pad_all_the_way(bench: Bench, small: Model) -> None:
    store, service = bench.store, bench.service
    plain = capture_preset(store.patch, small, Preset(name="Plain", a=""))
    names = [store.bank[i].name for i in (0, 9, 17, 22)]
    store.pad.set_state(PadState(mode="morph", corners=(names[0], names[1], names[2], names[3])))
    store.set_modulation(OVER_PAD)
    moving = capture_preset(store.patch, small, Preset(name="Moving", a=""), store.state.pad)
    keys = [service.library.add(each).key for each in (plain, moving)]
    store.set_modulation(Modulation())
    store.pad.set_state(PadState())
    service.morph.begin(*keys)
    codes = []
    for fraction in (0.3, 0.99, 1.0, 0.5):
        service.morph.set(fraction)
        codes.append(_pad(store).codes)
        assert store.state.pad.mode == "morph"
    assert len(set(codes)) == 1


def test_in_other_models_the_map_cursor_goes_to_the_note_in_slot_a(small: Model, wide: Model) -> None:
    preset = Preset(name="Walk", a=wide.bank[7].name, pad=PadState(mode="map", map_at=(0.9, 0.05)), extra={
        "modulation": {"connections": [{"source": "lfo1", "target": "pad_x", "amount": 0.5}]}})  # fmt: skip
    for model in (small, wide):
        fitted = transfer_preset(preset, model, "m", "live")
        assert fitted.pad is not None
        x, y = pad_grids_of(model).positions(fitted.pad)[fitted.patch.slot_a]
        assert fitted.pad.map_at == (x, y)
        assert fitted.patch.pad_grid is not None
        assert fitted.patch.pad_grid.at == (x, y)


def test_another_note_in_a_corner_is_one_undo_step(bench: Bench) -> None:
    store, controller, history = bench.store, PadController(bench.store), bench.service.history
    names = [store.bank[i].name for i in (0, 9, 17, 22)]
    store.pad.set_state(PadState(mode="morph", corners=(names[0], names[1], names[2], names[3])))
    store.set_modulation(OVER_PAD)
    before, corners = len(history.steps), store.state.pad.corners
    controller.set_corner(1, store.bank[30].name)
    assert len(history.steps) == before + 1
    history.undo()
    assert store.state.pad.corners == corners
