"""Handles in the session: read off the sound, moved, saved, undone."""

from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.handles import SPECTRAL_HANDLES
from synth_app.modelfile import find_model
from synth_app.params import HANDLES
from synth_app.patch.patch import MAX_OFFSET_DB, Patch
from synth_app.session import SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.automation_recorder import AutomationRecorder
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.preset_transfer import transfer_preset
from synth_app.session.state.preset import Preset
from synth_app.session.store.history import History
from synth_app.support.errors import UserError

BODY, HOLLOW = 1, 4


@pytest.fixture(scope="module")
def path() -> Path:
    """A shipped model: its bank has hundreds of notes."""
    return find_model("pca-16k")


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture
def edits(store: SessionStore) -> HandleEdits:
    return HandleEdits(store)


def test_without_a_model_there_are_no_handles() -> None:
    edits = HandleEdits(SessionStore())
    assert not edits.available
    edits.set(0, 1.0)


def test_another_note_has_other_positions(store: SessionStore, edits: HandleEdits) -> None:
    assert edits.available
    first = edits.positions()
    np.testing.assert_array_equal(first, edits.note_positions())
    store.slots.choose("a", (store.patch.slot_a + 40) % len(store.bank))
    assert np.abs(edits.positions() - first).max() > 0.3
    bank = [positions[store.patch.slot_a] for positions in edits.bank_positions()[: len(SPECTRAL_HANDLES)]]
    np.testing.assert_allclose(edits.positions()[: len(SPECTRAL_HANDLES)], bank, atol=1e-3)


@pytest.mark.parametrize("handle", range(len(SPECTRAL_HANDLES)))
def test_a_handle_moves_alone_and_keeps_the_loudness(store: SessionStore, edits: HandleEdits, handle: int) -> None:
    before = edits.positions()
    edits.set(handle, float(before[handle]) + 1.0)
    change = edits.positions() - before
    assert change[handle] == pytest.approx(1.0, abs=0.15)
    assert np.abs(np.delete(change, handle)).max() < 0.35
    assert store.patch.offset_db != 0.0
    np.testing.assert_array_equal(edits.note_positions(), before)


@pytest.mark.parametrize("exact", [False, True])
def test_a_position_is_reached_within_the_sliders_and_pins_hold(
    store: SessionStore, edits: HandleEdits, exact: bool
) -> None:
    """Of these moves, some need dimensions that are soon at the end of their sliders."""
    edits.toggle_pin(HOLLOW)
    for index in range(0, len(store.bank), len(store.bank) // 6):
        store.slots.choose("a", index)
        before = edits.positions()
        edits.set(BODY, float(before[BODY]) + 2.0, exact=exact)
        change = edits.positions() - before
        assert change[BODY] == pytest.approx(2.0, abs=0.005 if exact else 0.02)
        assert change[HOLLOW] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("handle", [6, 7])
def test_bite_and_movement_move_their_parameters_alone(store: SessionStore, edits: HandleEdits, handle: int) -> None:
    before, patch = edits.positions(), store.patch
    edits.set(handle, float(before[handle]) + 0.8)
    change = edits.positions() - before
    assert change[handle] == pytest.approx(0.8, abs=0.1)
    np.testing.assert_allclose(np.delete(change, handle), 0.0, atol=1e-9)
    assert store.patch == patch.with_param(HANDLES[handle].target, store.patch.value(HANDLES[handle].target))
    assert edits.step(handle) is None


def test_there_and_back_is_no_change(store: SessionStore, edits: HandleEdits) -> None:
    store.latents.set(0, float(store.latents.values()[0]) + 0.2)
    start, at = store.patch, float(edits.positions()[BODY])
    for position in (at + 0.5, at + 1.5, at - 1.0, at):
        edits.set(BODY, position)
    np.testing.assert_allclose(store.patch.offset, start.offset, atol=1e-6)
    assert store.patch.offset_db == pytest.approx(start.offset_db, abs=1e-6)


def test_the_step_of_a_handle_is_what_a_move_adds(store: SessionStore, edits: HandleEdits) -> None:
    step, before = edits.step(HOLLOW), store.latents.values()
    assert step is not None
    edits.set(HOLLOW, float(edits.positions()[HOLLOW]) + 1.0)
    np.testing.assert_allclose(store.latents.values() - before, step, atol=3e-4)  # decoded alone and in a batch


def test_undo_takes_a_move_back(store: SessionStore, edits: HandleEdits) -> None:
    history = History(store, store.set_snapshot)
    before = store.patch
    edits.set(BODY, float(edits.positions()[BODY]) + 1.0)
    assert history.undo_label == "Handle"
    history.undo()
    assert store.patch == before


def test_presets_and_sessions_keep_the_level(store: SessionStore, edits: HandleEdits, model: Model, path: Path) -> None:
    edits.set(BODY, float(edits.positions()[BODY]) + 1.0)
    preset = capture_preset(store.patch, model, Preset(name="Full", a=""))
    again = transfer_preset(preset, model, str(path), store.patch.quality).patch
    assert again.offset_db == store.patch.offset_db
    np.testing.assert_allclose(again.offset, store.patch.offset, atol=1e-5)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    restored = SessionStore(saved)
    restored.load_model_data(model, path)
    assert restored.patch.offset_db == store.patch.offset_db
    assert SavedSession.model_validate_json("{}").offset_db == 0.0


def test_a_preset_for_another_model_has_no_level(store: SessionStore, edits: HandleEdits, model: Model) -> None:
    edits.set(BODY, float(edits.positions()[BODY]) + 1.0)
    preset = capture_preset(store.patch, model, Preset(name="Full", a=""))
    other = find_model("vae-16k")
    assert transfer_preset(preset, load_model(other), str(other), store.patch.quality).patch.offset_db == 0.0


def test_a_new_note_and_a_reset_have_no_level(store: SessionStore, edits: HandleEdits) -> None:
    for clear in (store.latents.reset_all, lambda: store.slots.choose("a", 3), store.reset):
        edits.set(BODY, float(edits.positions()[BODY]) + 1.0)
        assert store.patch.offset_db != 0.0
        clear()
        assert store.patch.offset_db == 0.0
        assert not any(store.patch.offset)


def test_a_level_out_of_range_is_refused() -> None:
    for level_db in (MAX_OFFSET_DB + 0.1, float("nan")):
        with pytest.raises(UserError):
            Patch("", offset_db=level_db)


def test_a_moved_handle_is_recorded_in_steps(store: SessionStore, edits: HandleEdits) -> None:
    now = [0.0]
    recorder = AutomationRecorder(store, clock_s=lambda: now[0])
    recorder.arm()
    recorder.keys_held(True)
    start = float(edits.positions()[BODY])
    for steps in (0.3, 0.7, 1.0):
        now[0] += 0.1
        edits.set(BODY, start + steps)
    store.latents.set(2, float(store.latents.values()[2]) + 0.4)
    now[0] += 0.1
    assert recorder.finish()
    automation = store.patch.automation
    assert automation is not None
    assert {curve.target for curve in automation.curves} == {"handle_body", "z3"}
    body = next(curve for curve in automation.curves if curve.target == "handle_body")
    assert body.array().max() == pytest.approx(1.0, abs=2e-3)
    assert store.patch.moved_handles == {BODY}
    assert not any(store.patch.offset), "the controls are where they were"
