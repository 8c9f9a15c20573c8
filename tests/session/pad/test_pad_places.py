"""The pad's cursor tells where the sound is, however it came about."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.patch.target import PAD_X
from synth_app.session import MidiLearn, SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.session.edit.midi_pad import register_pad
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.pad.pad_places import PadPlace
from synth_app.session.pad.timbre_map import interpolate
from synth_app.session.state.centers import patch_center, user_note_center
from synth_app.session.store.history import History


@pytest.fixture
def controller(store: SessionStore) -> PadController:
    store.pad.set_state(replace(store.state.pad, mode="map"))
    return PadController(store)


def place(controller: PadController) -> PadPlace:
    found = controller.map_place()
    assert found is not None
    return found


def corners(controller: PadController) -> PadPlace:
    found = controller.corner_place()
    assert found is not None
    return found


def far_note(store: SessionStore) -> UserNote:
    """Return a sound that no place of the map plays: a note, moved far along one dimension."""
    assert store.pad_grids is not None
    away = np.zeros(store.note_centers.shape[1], np.float32)
    away[9] = 6.0 * store.pad_grids.spread[9]
    return UserNote.of(replace(store.bank[7], z=store.bank[7].z + away, instrument="Elsewhere"))


def least_gap(store: SessionStore, vector: NDArray[np.float64]) -> float:
    """Return the least distance of any place on the map to a latent vector, by a dense grid."""
    assert store.pad_grids is not None
    positions, centers, spread = store.pad_grids.positions(store.state.pad), store.note_centers, store.pad_grids.spread
    steps = np.linspace(0.0, 1.0, 161)
    points = np.stack([part.ravel() for part in np.meshgrid(steps, steps)], axis=1)
    return float(np.linalg.norm((interpolate(positions, centers, points) - vector) / spread, axis=1).min())


def test_a_bank_note_is_at_its_own_place(store: SessionStore, controller: PadController) -> None:
    controller.move_on_map(0.2, 0.9)
    for index in (3, 17, 38):
        store.slots.show("a", index)
        x, y = controller.positions()[index]
        assert place(controller) == PadPlace((x, y), True)


def test_the_cursor_stays_where_it_made_the_sound_and_comes_back_by_undo(
    store: SessionStore, controller: PadController
) -> None:
    history = History(store, store.set_snapshot)
    controller.move_on_map(0.31, 0.62, hidden={"brass"})
    assert place(controller) == PadPlace((0.31, 0.62), True)
    with history.step("note"):
        store.slots.choose("a", 7)
    assert place(controller).at == pytest.approx(tuple(controller.positions()[7]))
    history.undo()
    assert place(controller) == PadPlace((0.31, 0.62), True)


def test_a_sound_off_the_map_is_at_the_nearest_place(store: SessionStore, controller: PadController) -> None:
    controller.move_on_map(0.2, 0.9)
    note = far_note(store)
    store.slots.play_user_note("a", note)
    found, vector = place(controller), user_note_center(note)
    assert not found.on
    assert store.pad_grids is not None
    there = interpolate(controller.positions(), store.note_centers, np.array([found.at]))[0]
    gap = float(np.linalg.norm((there - vector) / store.pad_grids.spread))
    assert gap == pytest.approx(least_gap(store, vector), rel=0.05)
    nearest = controller.nearest_note()
    assert nearest is not None
    gaps = np.linalg.norm((store.note_centers - vector) / store.pad_grids.spread, axis=1)
    assert nearest is store.bank[int(gaps.argmin())]


def test_sliders_move_the_sound_off_the_map(store: SessionStore, controller: PadController) -> None:
    store.slots.show("a", 7)
    assert place(controller).on
    grids = store.pad_grids
    assert grids is not None
    store.latents.set(9, float(store.latents.values()[9]) + 6.0 * float(grids.spread[9]))
    assert not place(controller).on
    store.latents.reset_all()
    assert place(controller).on


def test_a_map_of_one_pitch_places_notes_of_other_pitches(store: SessionStore, controller: PadController) -> None:
    store.pad.set_state(replace(store.state.pad, pitch=60))
    shown = controller.shown()
    store.slots.show("a", shown[2])
    x, y = map(float, controller.positions()[shown[2]])
    assert place(controller) == PadPlace((x, y), True)
    store.slots.show("a", next(i for i in range(len(store.bank)) if i not in shown))
    assert place(controller).at != (0.5, 0.5), "the middle is only where such notes have no position"


def test_the_cursor_survives_a_restart(
    store: SessionStore, controller: PadController, model: Model, path: Path
) -> None:
    controller.move_on_map(0.41, 0.37)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    again = SessionStore(saved)
    again.load_model_data(model, path)
    found = PadController(again).map_place()
    assert found == PadPlace((0.41, 0.37), True)


def test_pinned_handles_leave_the_cursor_under_the_mouse(store: SessionStore, controller: PadController) -> None:
    HandleEdits(store).toggle_pin(0)
    controller.move_on_map(0.2, 0.3)
    controller.move_on_map(0.7, 0.6)
    assert any(store.patch.offset)
    assert place(controller) == PadPlace((0.7, 0.6), False), "what sounds is not what the map plays there"


def test_the_corners_show_the_sound_that_plays(store: SessionStore, controller: PadController) -> None:
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    store.slots.choose("b", 31)
    controller.fill_corners()
    assert corners(controller) == PadPlace((0.0, 1.0), True), "slot A plays, which is corner 1"
    store.set_morph(0.25)
    found = corners(controller)
    assert found.on
    assert found.at == pytest.approx((0.25, 1.0), abs=0.01)
    controller.move_between(0.2, 0.7)
    assert corners(controller) == PadPlace((0.2, 0.7), True)
    names = set(store.state.pad.corners)
    other = next(i for i, note in enumerate(store.bank) if note.name not in names and note.pitch == 84)
    store.slots.show("a", other)
    assert not corners(controller).on


def test_an_own_sound_takes_the_first_corner(store: SessionStore, controller: PadController) -> None:
    note = far_note(store)
    store.slots.play_user_note("a", note)
    controller.fill_corners()
    assert store.state.pad.corners[0] == note
    assert corners(controller) == PadPlace((0.0, 1.0), True)


def test_a_captured_sound_stays_and_is_its_corner(store: SessionStore, controller: PadController) -> None:
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    controller.fill_corners()
    controller.move_between(0.4, 0.5)
    store.latents.set(2, float(store.latents.values()[2]) + 1.0)
    before = store.patch
    controller.put_present_sound(3)
    assert store.patch == before
    found = corners(controller)
    assert found.on
    assert found.at == pytest.approx((1.0, 0.0), abs=0.01)


def test_another_note_in_a_corner_leaves_a_sound_from_elsewhere(store: SessionStore, controller: PadController) -> None:
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    controller.fill_corners()
    names = set(store.state.pad.corners)
    elsewhere, other = [i for i, note in enumerate(store.bank) if note.name not in names and note.pitch == 84][:2]
    store.slots.show("a", elsewhere)
    before = store.patch
    controller.set_corner(2, store.bank[other].name)
    assert store.patch == before
    controller.move_between(0.0, 0.0)
    controller.set_corner(2, store.bank[elsewhere].name)
    assert store.model is not None
    np.testing.assert_allclose(patch_center(store.patch, store.model), store.note_centers[elsewhere], atol=1e-4)


def test_a_midi_knob_starts_from_the_cursor_that_is_shown(store: SessionStore, controller: PadController) -> None:
    """A knob that moves across must not jump up or down to where the cursor once was."""
    learn = MidiLearn(store)
    register_pad(learn, store, controller, frozenset)
    controller.move_on_map(0.1, 0.1)
    store.slots.show("a", 21)
    x, y = place(controller).at
    control = learn.control(PAD_X)
    assert control is not None
    assert control.read() == pytest.approx(x)
    control.write(0.8)
    assert store.state.pad.map_at == pytest.approx((0.8, y))
