"""Mixing notes, the map, the four corners, and how sessions store them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from synth_app.decoder import Model
from synth_app.engine.spectral.loudness import k_weights, loudness_db
from synth_app.modelfile import note_center
from synth_app.patch import Patch, UserNote
from synth_app.session import PadState, SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.pad.note_mixing import NoteMixer, bank_part, corner_weights
from synth_app.session.pad.timbre_map import neighbour_weights, pca_positions
from synth_app.session.state.saved_note import SavedNote
from synth_app.support.errors import UserError
from tests.ui.model_fixture import PITCHES


def test_a_mix_of_one_note_is_that_note(model: Model) -> None:
    note = model.bank[7]
    mixed = NoteMixer(model).mix([bank_part(note, 0.3), bank_part(model.bank[9], 0.0)])
    np.testing.assert_array_equal(mixed.codes(), note.z)
    np.testing.assert_array_equal(mixed.gains(), note.gain_db)
    assert (mixed.pitch, mixed.family, mixed.name) == (note.pitch, note.family, note.instrument)
    assert (*mixed.marks, mixed.own_loop) == tuple(vars(note.marks).values())


def test_a_mix_is_the_mean_frame_by_frame_where_the_parts_are_equally_long(model: Model) -> None:
    a, b = model.bank[2], model.bank[12]
    mixed = NoteMixer(model).mix([bank_part(a, 1.0), bank_part(b, 3.0)])
    np.testing.assert_allclose(mixed.codes(), 0.25 * a.z + 0.75 * b.z, atol=1e-5)
    assert mixed.pitch == pytest.approx(0.25 * a.pitch + 0.75 * b.pitch)
    assert mixed.family == ""


def test_parts_of_other_lengths_are_aligned_by_their_marks(model: Model) -> None:
    a = model.bank[2]
    stretched = replace(
        a,
        z=np.repeat(a.z, 2, axis=0),
        gain_db=np.repeat(a.gain_db, 2),
        marks=replace(a.marks, attack_end=4, loop_start=8, loop_end=24, release_start=30),
    )
    mixed = NoteMixer(model).mix([bank_part(a, 0.5), bank_part(stretched, 0.5)])
    assert mixed.marks == (3, 6, 18, 22)
    np.testing.assert_allclose(mixed.codes()[mixed.marks[0]], 0.5 * (a.z[2] + stretched.z[4]), atol=1e-5)


def test_a_mix_is_as_loud_as_its_parts_on_average(model: Model) -> None:
    """Oracle: the K-weighted power of the decoded centres, computed here."""
    spec = model.spec
    weights = k_weights(spec.bins, spec.sample_rate / spec.n_fft)

    def loud(code: np.ndarray, gain: float) -> float:
        frame = model.decode(code[None].astype(np.float32), np.zeros(1, np.float32))[0]
        return float(loudness_db((frame - frame.max())[None], weights)[0]) + gain

    a, b = model.bank[2], model.bank[38]
    mixed = NoteMixer(model).mix([bank_part(a, 0.5), bank_part(b, 0.5)]).note()
    wanted = np.mean([loud(*note_center(note)) for note in (a, b)])
    assert loud(*note_center(mixed)) == pytest.approx(wanted, abs=0.05)


def test_weights_that_cancel_are_refused(model: Model) -> None:
    with pytest.raises(UserError, match="positive weight"):
        NoteMixer(model).mix([bank_part(model.bank[0], 1.0), bank_part(model.bank[1], -1.0)])


@settings(max_examples=60, derandomize=True)
@given(x=st.floats(0, 1), y=st.floats(0, 1))
def test_corner_weights_are_bilinear(x: float, y: float) -> None:
    weights = corner_weights(x, y)
    assert sum(weights) == pytest.approx(1.0)
    places = np.array([[0, 1], [1, 1], [0, 0], [1, 0]])
    np.testing.assert_allclose(np.array(weights) @ places, [x, y], atol=1e-12)


PLACES = np.random.default_rng(3).random((60, 2))


@settings(max_examples=150, derandomize=True)
@given(x=st.floats(0, 1), y=st.floats(0, 1), step=st.floats(1e-7, 1e-6), angle=st.floats(0, 6.3))
def test_weights_on_the_map_are_continuous(x: float, y: float, step: float, angle: float) -> None:
    def dense(at: tuple[float, float]) -> np.ndarray:
        out = np.zeros(len(PLACES))
        for i, weight in neighbour_weights(PLACES, at):
            out[i] = weight
        return out

    here = dense((x, y))
    assert here.min() >= 0
    assert here.sum() == pytest.approx(1.0)
    assert (here > 0).sum() <= 4
    there = dense((x + step * np.cos(angle), y + step * np.sin(angle)))
    nearest = np.hypot(*(PLACES - (x, y)).T).min()
    assert np.abs(here - there).max() < 1e-3 + 50 * step / max(nearest, 1e-3)


def test_at_a_note_only_that_note_has_a_weight() -> None:
    for i in (0, 17, 59):
        assert neighbour_weights(PLACES, (PLACES[i, 0], PLACES[i, 1])) == [(i, 1.0)]
    twice = np.concatenate([PLACES, PLACES[:1]])
    assert neighbour_weights(twice, (PLACES[0, 0], PLACES[0, 1])) == [(0, 0.5), (60, 0.5)]
    assert neighbour_weights(PLACES[:1], (0.9, 0.9)) == [(0, 1.0)]


def test_pca_positions_keep_the_order_of_distances_in_a_plane() -> None:
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(40, 2)) @ np.linalg.qr(rng.normal(size=(9, 9)))[0][:2]
    places = pca_positions(flat)
    assert places.min() >= 0
    assert places.max() <= 1
    order, ours = np.argsort(pdist(flat)), np.argsort(pdist((places - places.mean(0)) / places.std(0) * flat.std()))
    assert np.corrcoef(np.argsort(order), np.argsort(ours))[0, 1] > 0.9
    np.testing.assert_array_equal(pca_positions(np.ones((3, 1))), np.full((3, 2), 0.5))


def test_moving_on_the_map_plays_the_note_under_the_cursor(store: SessionStore) -> None:
    controller = PadController(store)
    store.pad.set_state(replace(store.state.pad, mode="map"))
    x, y = controller.positions()[13]
    store.latents.set(0, 1.0)
    store.set_morph(0.7)
    controller.move_on_map(float(x), float(y))
    custom = store.patch.user_notes[0]
    assert custom is not None
    np.testing.assert_array_equal(custom.codes(), store.bank[13].z)
    assert store.patch.value("morph") == 0
    assert not any(store.patch.offset)
    np.testing.assert_allclose(store.latents.values(), store.note_centers[13], atol=1e-5)
    assert store.state.pad.map_at == (x, y)
    store.slots.choose("a", 3)
    assert store.patch.user_notes == (None, None), "a note of the bank takes the slot back"


def test_only_shown_notes_take_part(store: SessionStore) -> None:
    controller = PadController(store)
    assert controller.pitches() == PITCHES
    store.pad.set_state(replace(store.state.pad, pitch=60))
    assert [store.bank[i].pitch for i in controller.shown()] == [60] * 8
    assert all(store.bank[i].family != "brass" for i in controller.shown({"brass"}))
    controller.move_on_map(0.4, 0.6, hidden={"brass"})
    assert store.patch.user_notes[0] is not None
    assert store.patch.user_notes[0].pitch == pytest.approx(60.0), "one layer of the map keeps its pitch everywhere"
    before = store.patch
    controller.move_on_map(0.1, 0.1, hidden={note.family for note in store.bank})
    assert store.patch == before


def test_one_pitch_has_a_map_of_its_own(store: SessionStore) -> None:
    controller = PadController(store)
    store.pad.set_state(replace(store.state.pad, pitch=60, layout="umap"))
    rows = controller.shown()
    np.testing.assert_array_equal(controller.positions()[rows], pca_positions(store.note_centers[rows]))
    rng = np.random.default_rng(0)
    store.pad.set_umap(rng.normal(size=(len(store.bank), 2)))
    places = controller.positions()[rows]
    assert places.min() == pytest.approx(0.04)
    assert places.max() == pytest.approx(0.96)
    store.pad.set_state(replace(store.state.pad, pitch=61))
    assert len(controller.shown()) == len(store.bank), "a pitch that this bank lacks shows all"


def test_the_present_patch_can_be_captured_in_a_corner(store: SessionStore) -> None:
    controller = PadController(store)
    store.slots.choose("b", 20)
    store.set_morph(0.25)
    store.latents.set(2, 0.5)
    values = store.latents.values()
    note = controller.capture()
    store.slots.play_user_note("a", note)
    np.testing.assert_allclose(store.latents.values(), values, atol=1e-4)
    assert not any(store.patch.offset)


def test_corners_hold_bank_notes_and_user_notes(store: SessionStore, model: Model) -> None:
    controller = PadController(store)
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    controller.fill_corners()
    names = store.state.pad.corners
    assert len(set(names)) == 4
    assert names[0] == store.bank[store.patch.slot_a].name
    own = UserNote.of(replace(model.bank[5], instrument="Mine", gain_db=model.bank[5].gain_db - 3), 61.25)
    controller.set_corner(3, own)
    controller.move_between(1.0, 0.0)
    assert store.patch.user_notes[0] == replace(own)
    controller.move_between(0.5, 0.5)
    mixed = store.patch.user_notes[0]
    assert mixed is not None
    pitches = [note.pitch for c in names[:3] if (note := controller.corner_note(c))]
    assert mixed.pitch == pytest.approx((sum(pitches) + 61.25) / 4)
    controller.set_corner(0, "no such note")
    assert controller.corner_note("no such note") is None
    with pytest.raises(UserError, match="does not fit"):
        store.pad.set_umap(np.zeros((3, 2)))


def test_the_pad_and_user_notes_survive_a_restart(store: SessionStore, model: Model, path: Path) -> None:
    controller = PadController(store)
    store.pad.set_state(PadState(mode="morph", layout="umap", pitch=60, map_at=(0.25, 1.0)))
    controller.fill_corners()
    controller.set_corner(1, UserNote.of(model.bank[4], 60.5))
    controller.move_between(0.25, 0.75)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    again = SessionStore(saved)
    again.load_model_data(model, path)
    mine, kept = store.patch.user_notes[0], again.patch.user_notes[0]
    assert mine is not None
    assert kept is not None
    np.testing.assert_allclose(kept.codes(), mine.codes(), rtol=1e-3, atol=1e-3)
    assert replace(kept, z=mine.z, gain_db=mine.gain_db) == mine
    assert replace(again.state.pad, corners=("",) * 4) == replace(store.state.pad, corners=("",) * 4)
    assert isinstance(again.state.pad.corners[1], UserNote)


def test_a_damaged_saved_note_is_refused(model: Model) -> None:
    good = SavedNote.of(UserNote.of(model.bank[0]))
    for change in ({"z": "%%%"}, {"z": good.z[:-8]}, {"marks": (3, 2, 1, 0)}, {"pitch": 400.0}):
        with pytest.raises(ValueError, match=r"\w"):
            SavedNote.model_validate({**good.model_dump(), **change})
    with pytest.raises(ValueError, match="less than or equal"):
        SavedSession.model_validate({"field": {"morph_at": (0.5, 1.5)}})


def test_a_note_of_another_model_is_refused_and_changes_nothing(store: SessionStore) -> None:
    before: Patch = store.patch
    alien = UserNote("Alien", "", 60.0, 3, bytes(4 * 3 * 10), bytes(4 * 10), (0, 1, 5, 8))
    with pytest.raises(UserError, match="3 dimensions"):
        store.slots.play_user_note("a", alien)
    assert store.patch is before


def test_swapping_slots_swaps_user_notes(store: SessionStore, model: Model) -> None:
    store.slots.play_user_note("a", UserNote.of(model.bank[4]))
    values = store.latents.values()
    store.slots.swap()
    assert store.patch.user_notes[0] is None
    assert store.patch.user_notes[1] is not None
    np.testing.assert_allclose(store.latents.values(), values)
