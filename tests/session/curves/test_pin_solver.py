"""Pinned handles stay while something moves the morph: what the solver adds at each morph, read by the handles."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_model
from synth_app.params import HANDLES, handle_index
from synth_app.patch import Automation, AutomationCurve, Patch
from synth_app.patch.handle_curves import PIN_NODES
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import SessionStore
from synth_app.session.curves.handle_solver import needs_curves, with_handle_curves
from synth_app.session.edit.handle_reader import FIRST_OF_PATH, HandleReader
from synth_app.session.presets.preset_capture import capture_preset
from synth_app.session.presets.saved_patch import SavedPatch, describe_patch
from synth_app.session.state.preset import Preset

BODY, NOISE, BITE = (handle_index(name) for name in ("body", "noise", "bite"))
SWEEP = Modulation(connections=(Connection("lfo1", "morph", 0.5),))


@pytest.fixture(scope="module")
def path() -> Path:
    return find_model("pca-16k")


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture
def swept(store: SessionStore) -> Patch:
    """A morph between two unlike notes, moved by an LFO."""
    store.slots.choose("b", len(store.bank) // 2)
    store.set_morph(0.3)
    store.set_modulation(SWEEP)
    return store.patch


def at_morph(patch: Patch, morph: float) -> Patch:
    """Return the patch as the engine plays it at a morph: with the pins there instead of those at its own morph."""
    moved = patch.with_param("morph", morph)
    pins = patch.handle_curves.pin_array() if patch.handle_curves else None
    if pins is None:
        return moved
    here, there = (
        np.array([np.interp(at, np.linspace(0.0, 1.0, PIN_NODES), column) for column in pins.T])
        for at in (patch.value("morph"), morph)
    )
    added = there - here
    bite = HANDLES[BITE].target
    offset = np.asarray(patch.offset) + added[:-3]
    moved = replace(moved, offset=tuple(offset.tolist()), offset_db=patch.offset_db + float(added[-3]))
    return moved.with_param(bite, patch.value(bite) + float(added[-2]))


@pytest.mark.parametrize("handle", [BODY, NOISE, BITE])
def test_a_pinned_handle_stays_at_every_morph(swept: Patch, model: Model, handle: int) -> None:
    reader, morphs = HandleReader(model), (0.0, 0.17, 0.52, 0.81, 1.0)
    if handle < FIRST_OF_PATH:  # morph to the note that differs most
        bank = reader.bank_positions()[handle]
        swept = replace(swept, slot_b=int(np.abs(bank - bank[swept.slot_a]).argmax()))
    wanted = float(reader.positions(swept)[handle])
    pinned = with_handle_curves(swept, model, frozenset({handle}))
    held = [float(reader.positions(at_morph(pinned, morph))[handle]) - wanted for morph in morphs]
    free = [float(reader.positions(at_morph(swept, morph))[handle]) - wanted for morph in morphs]
    assert max(map(abs, free)) > 0.5, "a handle that the morph does not move proves nothing"
    assert max(map(abs, held)) < 0.3


def test_only_pinned_handles_under_a_moved_morph_need_curves(swept: Patch, model: Model) -> None:
    pinned = frozenset({BODY})
    assert needs_curves(swept, model, pinned)
    assert not needs_curves(swept, model)
    still = replace(swept, modulation=Modulation())
    assert not needs_curves(still, model, pinned)
    curve = AutomationCurve.of("morph", np.linspace(0.0, 0.5, 50))
    for playing in (True, False):
        automated = replace(still, automation=Automation((curve,), playing=playing))
        assert needs_curves(automated, model, pinned) == playing


def test_the_store_drops_the_pins_with_the_last_pin(store: SessionStore, swept: Patch, model: Model) -> None:
    store.set_pins(frozenset({"body"}))
    curves = with_handle_curves(swept, model, store.state.pinned).handle_curves
    assert curves is not None
    store.set_handle_curves(curves, model)
    store.set_morph(0.4)
    assert store.patch.handle_curves == curves, "the last ones serve until new ones come"
    store.set_pins(frozenset())
    emptied: object = store.patch.handle_curves
    assert emptied is None


def test_audio_files_keep_pins_and_presets_leave_them_out(swept: Patch, model: Model, path: Path) -> None:
    patch = with_handle_curves(swept, model, frozenset({BODY}))
    assert SavedPatch.model_validate_json(describe_patch(patch, model, "Swept")).patch(str(path)) == patch
    assert "handle_curves" not in capture_preset(patch, model, Preset(name="Swept", a="")).extra
