"""What modulation moves over on the pad, in each of its modes, and how that follows what the user sets."""

from dataclasses import replace

import numpy as np
import pytest

from synth_app.decoder import Model
from synth_app.patch import PadGrid, UserNote
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.patch.pad_grid import SIDE
from synth_app.session import PadState, Preset, SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.pad.pad_grids import pad_grids_of
from synth_app.session.pad.timbre_map import neighbour_weights
from synth_app.session.presets.preset_service import same_patch
from synth_app.session.presets.preset_transfer import capture, fit, snapshot_of
from synth_app.session.state.preset import preset_json
from synth_app.session.state.saved_notes import SavedPad
from tests.session.conftest import Bench

OVER_PAD = Modulation(connections=(Connection("lfo1", "pad_x", 0.5), Connection("lfo2", "pad_y", 0.3)))


def _pad(store: SessionStore) -> PadGrid:
    assert store.patch.pad is not None
    return store.patch.pad


def test_only_a_sound_that_moves_over_the_pad_has_one(bench: Bench) -> None:
    store = bench.store
    assert store.patch.pad is None
    store.set_modulation(OVER_PAD)
    assert _pad(store).latent_size == 6
    store.set_modulation(Modulation(connections=(replace(OVER_PAD.connections[0], on=False),)))
    assert store.patch.pad is None


def test_two_dimensions_span_a_plane_between_the_sliders_ends(bench: Bench) -> None:
    store = bench.store
    store.set_pad(4, 1)
    store.set_modulation(OVER_PAD)
    store.set_latent(4, float(store.ranges[4] @ (0.75, 0.25)))
    store.set_latent(1, float(store.ranges[1] @ (0.4, 0.6)))
    pad = _pad(store)
    assert pad.at == pytest.approx((0.25, 0.6))
    nodes = pad.even_nodes()
    for line, dim in ((nodes[7, :, 4], 4), (nodes[:, 20, 1], 1)):
        low, high = store.ranges[dim]
        np.testing.assert_allclose(line, np.linspace(float(low), float(high), SIDE), atol=1e-5)
    assert not nodes[:, :, [0, 2, 3, 5]].any()


def test_the_map_holds_what_its_cursor_would_play(bench: Bench) -> None:
    store, timbre = bench.store, PadController(bench.store)
    store.set_modulation(OVER_PAD)
    store.set_field(replace(store.state.field, mode="map", pitch=60))
    assert _pad(store).at == (0.5, 0.5), "a cursor that was never moved"
    timbre.move_on_map(0.3, 0.6)
    pad, rows = _pad(store), timbre.shown()
    assert pad.at == (0.3, 0.6)
    for x, y in ((0, 0), (5, 17), (32, 20)):
        near = neighbour_weights(timbre.places()[rows], (x / 32, y / 32))
        wanted = sum(weight * store.note_centers[rows[i]] for i, weight in near)
        np.testing.assert_allclose(pad.nodes()[y, x], wanted, atol=1e-4)
    store.set_field(replace(store.state.field, layout="umap"))
    assert _pad(store).codes == pad.codes, "no such map yet"
    store.offer_umap(np.random.default_rng(0).normal(size=(len(store.bank), 2)))
    assert _pad(store).codes != pad.codes


def test_corners_are_mixed_as_the_cursor_mixes_them(bench: Bench) -> None:
    store, timbre = bench.store, PadController(bench.store)
    store.set_modulation(OVER_PAD)
    store.set_field(replace(store.state.field, mode="morph"))
    assert store.patch.pad is None, "nothing in the corners"
    own = UserNote.of(replace(store.bank[5], z=store.bank[5].z + 0.5))
    names = [store.bank[i].name for i in (0, 9, 17)]
    store.set_field(replace(store.state.field, corners=(names[0], names[1], names[2], own), morph_at=(0.2, 0.9)))
    codes = [store.note_centers[0], store.note_centers[9], store.note_centers[17], store.note_centers[5] + 0.5]
    assert _pad(store).at == (0.2, 0.9)
    nodes = _pad(store).even_nodes()
    for x, y in ((0, 0), (11, 30), (32, 7)):
        weights = corner_weights(x / 32, y / 32)
        wanted = sum(weight * code for weight, code in zip(weights, codes, strict=True))
        np.testing.assert_allclose(nodes[y, x], wanted, atol=1e-4)
    timbre.set_corner(1, "")
    nodes = _pad(store).even_nodes()
    assert np.isfinite(nodes).all()
    np.testing.assert_allclose(nodes[32, 16], codes[0], atol=1e-4)  # half-way to the empty corner only A is heard
    np.testing.assert_allclose(nodes[32, 32], np.mean([codes[0], codes[2], codes[3]], axis=0), atol=1e-3)


def test_another_mode_is_heard_named_and_taken_back(bench: Bench) -> None:
    store, history = bench.store, bench.desk.history
    PadController(store).move_on_map(0.3, 0.6)
    store.set_modulation(OVER_PAD)
    plane = store.patch
    store.set_field(replace(store.state.field, mode="map"))
    assert store.patch != plane
    assert history.undo_label == "Pad"
    history.undo()
    assert (store.patch, store.state.field.mode) == (plane, "plane")
    history.redo()
    assert store.state.field.mode == "map"
    store.set_latent(2, 0.5)
    store.set_field(replace(store.state.field, mode="plane"))
    store.set_latent(0, 0.5)  # the cursor goes with the slider
    assert "Pad" not in history.undo_label


def test_a_mode_that_nothing_moves_over_is_no_change_of_sound(bench: Bench) -> None:
    store, patch = bench.store, bench.store.patch
    store.set_field(replace(store.state.field, mode="map", map_at=(0.5, 0.5)))
    assert store.patch is patch


def test_a_preset_brings_the_pad_that_it_moves_over(bench: Bench, small: Model, wide: Model) -> None:
    store = bench.store
    store.set_pad(5, 2)
    store.set_modulation(OVER_PAD)
    store.set_latent(5, 0.3)
    made, field = store.patch, store.state.field
    preset = Preset.model_validate_json(preset_json(capture(made, small, Preset(name="Walk", a=""), field)))
    store.set_modulation(Modulation())
    store.set_pad(0, 1)
    store.set_field(PadState(mode="map"))
    fitted = fit(preset, small, made.model, made.quality)
    assert same_patch(fitted.patch, made)
    store.put(snapshot_of(preset, "k", fitted))
    assert same_patch(store.patch, made)
    assert (store.state.field.mode, store.state.pad) == ("plane", (5, 2))
    other = fit(preset, wide, "w", "live").patch
    assert other.pad is not None
    assert other.pad.latent_size == 9
    walked = replace(made, pad=PadGrid.of(np.zeros((2, 2, 6)), (0.5, 0.5)))
    assert not same_patch(walked, made), "another surface is another sound"


def test_dimensions_that_a_model_lacks_become_the_first_two(small: Model) -> None:
    assert PadState(axes=(8, 2)).within(6).axes == (0, 1)
    assert PadState(axes=(5, 2)).within(6).axes == (5, 2)
    assert PadState(axes=(5, 2)).within(1).axes == (0, 0)
    preset = Preset(name="X", a=small.bank[0].name, extra={"modulation": {"connections": [
        {"source": "lfo1", "target": "pad_x", "amount": 0.5}]}})  # fmt: skip
    fitted = fit(preset, small, "m", "live")
    assert fitted.patch.pad is not None, "a pad that nobody set is the plane of the first two"


def test_it_comes_back_after_a_restart(bench: Bench, small: Model) -> None:
    store = bench.store
    store.set_pad(3, 1)
    store.set_modulation(OVER_PAD)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    again = SessionStore(saved)
    again.load_model_data(small, bench.paths[0])
    assert again.patch == store.patch
    assert again.state.pad == (3, 1)


def test_a_map_that_comes_later_is_nobody_s_step_and_undo_goes_on(bench: Bench) -> None:
    store, history = bench.store, bench.desk.history
    store.set_modulation(OVER_PAD)
    store.set_field(replace(store.state.field, mode="map", layout="umap", map_at=(0.3, 0.6)))
    store.set_latent(2, 0.4)
    steps = history.steps
    store.offer_umap(np.random.default_rng(0).normal(size=(len(store.bank), 2)))
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
    store, desk = bench.store, bench.desk
    plain = capture(store.patch, small, Preset(name="Plain", a=""))
    names = [store.bank[i].name for i in (0, 9, 17, 22)]
    store.set_field(PadState(mode="morph", corners=(names[0], names[1], names[2], names[3])))
    store.set_modulation(OVER_PAD)
    moving = capture(store.patch, small, Preset(name="Moving", a=""), store.state.field)
    keys = [desk.library.add(each).key for each in (plain, moving)]
    store.set_modulation(Modulation())
    store.set_field(PadState())
    desk.begin_morph(*keys)
    codes = []
    for share in (0.3, 0.99, 1.0, 0.5):
        desk.set_preset_morph(share)
        codes.append(_pad(store).codes)
        assert store.state.field.mode == "morph"
    assert len(set(codes)) == 1


def test_a_place_on_the_map_becomes_that_of_the_note_in_other_models(small: Model, wide: Model) -> None:
    preset = Preset(name="Walk", a=wide.bank[7].name, pad=SavedPad(mode="map", map_at=(0.9, 0.05)), extra={
        "modulation": {"connections": [{"source": "lfo1", "target": "pad_x", "amount": 0.5}]}})  # fmt: skip
    for model in (small, wide):
        fitted = fit(preset, model, "m", "live")
        assert fitted.field is not None
        x, y = pad_grids_of(model).places(fitted.field)[fitted.patch.slot_a]
        assert fitted.field.map_at == (x, y)
        assert fitted.patch.pad is not None
        assert fitted.patch.pad.at == (x, y)


def test_another_sound_in_a_corner_is_one_step(bench: Bench) -> None:
    store, timbre, history = bench.store, PadController(bench.store), bench.desk.history
    names = [store.bank[i].name for i in (0, 9, 17, 22)]
    store.set_field(PadState(mode="morph", corners=(names[0], names[1], names[2], names[3])))
    store.set_modulation(OVER_PAD)
    before, corners = len(history.steps), store.state.field.corners
    timbre.set_corner(1, store.bank[30].name)
    assert len(history.steps) == before + 1
    history.undo()
    assert store.state.field.corners == corners
