"""Pins: a handle stays where it is while the sound changes by slots, morph, sliders and chance."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from synth_app.decoder import Model, load_model
from synth_app.modelfile import find_model
from synth_app.params import HANDLES, handle_index
from synth_app.session import SavedSession, SessionStore, WindowSettings
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.session.edit.latent_edits import randomize
from synth_app.session.presets.variations import Variations
from synth_app.session.store.history import History

BODY, NOISE, BITE = (handle_index(name) for name in ("body", "noise", "bite"))


@pytest.fixture(scope="module")
def path() -> Path:
    return find_model("pca-16k")


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture
def edits(store: SessionStore) -> HandleEdits:
    return HandleEdits(store)


def _roam(store: SessionStore) -> dict[str, Callable[[], None]]:
    rng, count = np.random.default_rng(2), len(store.bank)
    history = History(store, store.set_snapshot)

    def morph() -> None:
        store.slots.choose("b", count // 2)
        store.set_morph(0.6)

    return {
        "slot": lambda: store.slots.choose("a", count // 3),
        "morph": morph,
        "slider": lambda: store.latents.set(0, float(store.latents.values()[0]) + 0.4),
        "random vector": lambda: randomize(store, rng),
        "mutation": lambda: Variations(store, history, seed=1).mutate(0.6),
        "reset": store.latents.reset_all,
    }


@pytest.mark.parametrize("how", ["slot", "morph", "slider", "random vector", "mutation", "reset"])
def test_a_pinned_handle_stays_while_the_sound_changes(store: SessionStore, edits: HandleEdits, how: str) -> None:
    store.latents.set(1, float(store.latents.values()[1]) + 0.3)  # so that a reset changes something
    free_store = store.patch
    before = edits.positions()
    _roam(store)[how]()
    free = edits.positions() - before
    store.apply_patch(free_store, roaming=False)
    pinned = max((h for h in range(6)), key=lambda h: abs(free[h]))  # the one that would move most
    assert abs(free[pinned]) > 0.1
    edits.toggle_pin(pinned)
    _roam(store)[how]()
    assert edits.positions()[pinned] == pytest.approx(before[pinned], abs=0.15)
    others = np.delete(edits.positions() - before - free, [pinned, 6, 7])
    assert np.median(np.abs(others)) < 0.35, "the others go where the sound goes"


def test_a_pinned_bite_follows_another_note_by_its_parameter(store: SessionStore, edits: HandleEdits) -> None:
    wanted = float(edits.positions()[BITE])
    edits.toggle_pin(BITE)
    for index in range(0, len(store.bank), len(store.bank) // 5):
        store.slots.choose("a", index)
        inside = abs(store.patch.value(HANDLES[BITE].target)) < 23.9
        assert edits.positions()[BITE] == pytest.approx(wanted, abs=0.1) or not inside


def test_roaming_there_and_back_leaves_nothing_behind(store: SessionStore, edits: HandleEdits) -> None:
    edits.toggle_pin(BODY)
    start = store.latents.values()
    for step in np.linspace(0.0, 1.0, 9).tolist() + np.linspace(1.0, 0.0, 9).tolist():
        store.latents.set(0, float(start[0]) + step)
    np.testing.assert_allclose(store.latents.values()[1:], start[1:], atol=0.05)


def test_one_change_is_one_undo_step_with_its_correction(store: SessionStore, edits: HandleEdits) -> None:
    history = History(store, store.set_snapshot)
    edits.toggle_pin(NOISE)
    before = store.patch
    store.slots.choose("a", 40)
    assert any(store.patch.offset)
    history.undo()
    assert store.patch == before


def test_a_moved_pin_holds_its_new_position(store: SessionStore, edits: HandleEdits) -> None:
    edits.toggle_pin(BODY)
    store.slots.choose("a", 30)
    edits.set(BODY, 0.5)
    reached = float(edits.positions()[BODY])
    store.slots.choose("a", 31)
    assert edits.positions()[BODY] == pytest.approx(reached, abs=0.2)


def test_another_loaded_sound_takes_the_pin_with_it(store: SessionStore, edits: HandleEdits) -> None:
    edits.toggle_pin(BODY)
    store.slots.choose("a", 30)
    store.reset()
    loaded = float(edits.positions()[BODY])
    store.slots.choose("a", 31)
    assert edits.positions()[BODY] == pytest.approx(loaded, abs=0.15)


def test_sessions_keep_pins(store: SessionStore, edits: HandleEdits, model: Model, path: Path) -> None:
    edits.toggle_pin(BODY)
    saved = SavedSession.model_validate_json(store.saved(WindowSettings()).model_dump_json())
    restored = SessionStore(saved)
    restored.load_model_data(model, path)
    assert restored.state.pinned == {BODY}
    other = SavedSession.model_validate_json('{"pins": ["body", "sparkle"]}')
    assert other.known_pins() == {"body"}
    edits.toggle_pin(BODY)
    assert not store.state.pins
