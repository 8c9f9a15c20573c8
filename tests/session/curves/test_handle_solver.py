"""Curves of moved handles in the session: solved for renders and presets, kept by files, no undo step."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_model
from synth_app.params import MACROS
from synth_app.patch import Automation, AutomationCurve, HandleCurves, Patch
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import SavedSession, SessionStore, WindowSettings
from synth_app.session.curves.handle_solver import HandleScales, HandleSolver, with_handle_curves
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.presets.saved_patch import SavedPatch, describe_patch
from synth_app.session.state.preset import Preset
from synth_app.session.store.history import History
from synth_app.support.errors import UserError

LINK = Connection("lfo1", "handle_body", 1.0)


@pytest.fixture(scope="module")
def path() -> Path:
    return find_model("pca-16k")


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


def moving(patch: Patch) -> Patch:
    return replace(patch, modulation=replace(patch.modulation, connections=(LINK,)))


def test_the_curve_agrees_with_the_slider(store: SessionStore, model: Model) -> None:
    patch = with_handle_curves(moving(store.patch), model)
    assert patch.handle_curves is not None
    edits = HandleEdits(store)
    before = edits.positions()
    node = patch.handle_curves.array()[1, 5].astype(np.float64)
    store.latents.set_many(enumerate((store.latents.values() + node[:-1]).tolist()), float(node[-1]))
    change = edits.positions() - before
    assert change[1] == pytest.approx(1.0, abs=0.1)
    assert np.abs(np.delete(change, 1)).max() < 0.35


def test_only_patches_that_move_a_handle_have_curves(store: SessionStore, model: Model) -> None:
    assert with_handle_curves(store.patch, model) is store.patch
    moved = with_handle_curves(moving(store.patch), model)
    assert with_handle_curves(replace(moved, modulation=Modulation()), model).handle_curves is None
    curve = AutomationCurve.of("handle_air", np.linspace(0.0, 1.0, 50))
    for playing in (True, False):
        automated = replace(store.patch, automation=Automation((curve,), playing=playing))
        assert (with_handle_curves(automated, model).handle_curves is not None) == playing


def test_a_solver_answers_again_without_solving(store: SessionStore, model: Model) -> None:
    solver, scale = HandleSolver(), HandleScales.of(model)
    first = solver.curves(moving(store.patch), model, scale)
    assert solver.curves(moving(store.patch).with_param("gain_db", -3.0), model, scale) is first
    store.slots.choose("a", 50)
    assert solver.curves(moving(store.patch), model, scale) != first


def test_the_store_keeps_the_last_curves_until_new_ones_come(store: SessionStore, model: Model) -> None:
    curves = HandleSolver().curves(moving(store.patch), model, HandleScales.of(model))
    store.set_modulation(moving(store.patch).modulation)
    assert store.patch.handle_curves is None
    store.set_handle_curves(curves, model)
    store.slots.choose("a", 50)
    assert store.patch.handle_curves == curves
    store.set_modulation(Modulation())
    assert store.patch.handle_curves is None
    store.set_handle_curves(curves, load_model(find_model("pca-16k")))
    assert store.patch.handle_curves is None, "of a model that is no longer loaded"


def test_solved_curves_are_no_undo_step_and_no_modification(store: SessionStore, model: Model) -> None:
    history = History(store, store.set_snapshot)
    store.set_modulation(moving(store.patch).modulation)
    steps = history.steps
    store.set_handle_curves(HandleSolver().curves(store.patch, model, HandleScales.of(model)), model)
    assert history.steps == steps
    history.undo()
    assert not store.patch.modulation.connections


def test_presets_solve_their_curves_and_audio_files_keep_them(store: SessionStore, model: Model, path: Path) -> None:
    store.set_modulation(moving(store.patch).modulation)
    patch = with_handle_curves(store.patch, model)
    preset = capture_preset(patch, model, Preset(name="Moving", a=""))
    assert "handle_curves" not in preset.extra
    assert transfer_preset(preset, model, str(path), patch.quality).patch.handle_curves == patch.handle_curves
    saved = SavedPatch.model_validate_json(describe_patch(patch, model, "Moving"))
    assert saved.patch(str(path)) == patch
    other = find_model("vae-16k")
    elsewhere = transfer_preset(preset, load_model(other), str(other), patch.quality).patch.handle_curves
    assert elsewhere is not None
    assert elsewhere != patch.handle_curves


def test_macro_names_are_saved_with_presets_sessions_and_files(store: SessionStore, model: Model, path: Path) -> None:
    store.set_macro_name(2, "  Warmth ")
    history_names = ("", "", "Warmth", *[""] * 5)
    assert store.patch.macro_names == history_names
    preset = capture_preset(store.patch, model, Preset(name="Warm", a=""))
    again = Preset.model_validate_json(preset.model_dump_json())
    assert transfer_preset(again, model, str(path), store.patch.quality).patch.macro_names == history_names
    assert SavedPatch.model_validate_json(describe_patch(store.patch, model, "x")).macro_names == history_names
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    assert SessionStore(saved).patch.macro_names == history_names


def test_macro_names_that_do_not_fit_are_refused(store: SessionStore) -> None:
    with pytest.raises(UserError, match="16 letters"):
        store.set_macro_name(0, "x" * 17)
    with pytest.raises(UserError, match="8 names"):
        Patch("", macro_names=("",) * (len(MACROS) - 1))


def test_damaged_curves_are_refused() -> None:
    with pytest.raises(UserError):
        HandleCurves(3, b"")
