"""Sounds that are tried out come back exactly, and are one undo step once they are kept."""

from dataclasses import replace

import pytest

from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import PatchChanged, VersionsChanged
from synth_app.session.state.state import SessionState
from tests.session.conftest import Bench


@pytest.fixture
def presets(bench: Bench) -> Bench:
    """With three presets; the last one moves over the pad. The present sound is a changed one of the first."""
    store = bench.store
    for name, note in (("One", 3), ("Two", 12), ("Moving", 20)):
        store.slots.choose("a", note)
        if name == "Moving":
            store.set_modulation(Modulation(connections=(Connection("lfo1", "pad_x", 0.5),)))
            store.pad.set_state(replace(store.state.pad, mode="map"))
        bench.service.save_as(name)
    bench.service.load("user/one")
    store.pad.set_state(replace(store.state.pad, mode="plane", axes=(2, 1)))
    store.set_param("sustain", 0.4)
    return bench


def sound(state: SessionState) -> tuple[object, ...]:
    """Return everything that leaving must bring back."""
    return state.patch, state.preset, state.pad, state.versions


def labels(bench: Bench) -> list[str]:
    return [step.label for step in bench.service.history.steps]


def test_leaving_brings_the_earlier_sound_back_exactly(presets: Bench) -> None:
    service, before, steps = presets.service, sound(presets.store.state), labels(presets)
    for key in ("user/two", "user/moving", "user/one", "user/two"):
        service.preview(key)
        assert service.audition.active
        assert service.current is not None
        assert service.current.key == key
    assert presets.store.state.patch.slot_a == 12
    service.audition.cancel()
    assert sound(presets.store.state) == before
    assert labels(presets) == steps
    assert not service.audition.active
    assert service.modified, "still a changed preset"


def test_what_is_set_on_the_pad_meanwhile_stays(presets: Bench) -> None:
    service, store = presets.service, presets.store
    store.pad.set_state(replace(store.state.pad, corners=("one", "two", "three", "four")))
    before = store.state
    service.preview("user/two")  # which has empty corners
    pad = store.state.pad
    store.pad.set_state(replace(pad, corners=(*pad.corners[:2], "mine", pad.corners[3])))
    service.preview("user/one")
    store.pad.set_state(replace(store.state.pad, mode="map", layout="umap"))
    assert service.audition.active, "none of this changes the sound"
    service.audition.cancel()
    assert store.patch == before.patch
    assert store.state.pad == replace(before.pad, mode="map", layout="umap", corners=("one", "two", "mine", "four"))


def test_leaving_keeps_what_can_be_repeated(presets: Bench) -> None:
    history = presets.service.history
    history.undo()
    assert history.redo_label == "Sustain"
    presets.service.preview("user/two")
    presets.service.audition.cancel()
    assert history.redo_label == "Sustain"
    history.redo()
    assert presets.store.patch.value("sustain") == 0.4


def test_choosing_is_one_undo_step(presets: Bench) -> None:
    service, before, steps = presets.service, presets.store.patch, labels(presets)
    for key in ("user/moving", "user/one", "user/two"):
        service.preview(key)
    service.audition.keep()
    assert labels(presets) == [*steps, "Preset Two"]
    chosen = presets.store.patch
    service.history.undo()
    assert presets.store.patch == before
    assert service.current is not None
    assert service.current.key == "user/one"
    service.history.redo()
    assert presets.store.patch == chosen
    service.audition.cancel()
    assert presets.store.patch == chosen, "nothing is tried out any more"


def test_a_move_of_the_user_chooses_what_is_heard(presets: Bench) -> None:
    service, steps = presets.service, labels(presets)
    service.preview("user/two")
    presets.store.latents.set(1, float(presets.store.latents.values()[1]) + 0.2)
    assert not service.audition.active
    assert labels(presets)[:-1] == [*steps, "Preset Two"]
    service.history.undo()
    assert not service.modified
    assert service.current is not None
    assert service.current.name == "Two"


def test_undo_while_a_preset_is_heard_returns_to_the_earlier_sound(presets: Bench) -> None:
    service, before = presets.service, presets.store.patch
    service.preview("user/two")
    assert service.history.undo_label == "Preset Two"
    heard = presets.store.patch
    service.history.undo()
    assert presets.store.patch == before
    service.history.redo()
    assert presets.store.patch == heard


def test_a_switch_of_versions_chooses_what_is_heard(presets: Bench) -> None:
    service = presets.service
    service.preview("user/two")
    heard = presets.store.patch
    service.versions.switch()
    assert not service.audition.active
    assert presets.store.patch == heard
    service.history.undo()
    assert (presets.store.patch, service.versions.name) == (heard, "1")
    assert labels(presets)[-1] == "Preset Two"


def test_saving_chooses_what_is_heard(presets: Bench) -> None:
    service = presets.service
    service.preview("user/two")
    service.save_as("Copy")
    service.audition.cancel()
    assert service.current is not None
    assert service.current.name == "Copy"


def test_another_model_ends_the_trial(presets: Bench) -> None:
    service, before = presets.service, presets.store.patch
    service.preview("user/two")
    service.load_with_model("user/two", presets.paths[1])
    assert presets.store.patch == before, "the trial ends at once"
    presets.deliver()
    assert presets.store.patch.model == str(presets.paths[1])
    service.audition.cancel()
    assert presets.store.patch.model == str(presets.paths[1])
    service.history.undo()
    presets.deliver()
    assert presets.store.patch == before


def test_each_sound_is_one_change(presets: Bench) -> None:
    changes: list[object] = []
    presets.store.subscribe(PatchChanged, changes.append)
    presets.store.subscribe(VersionsChanged, changes.append)
    presets.service.preview("user/two")
    presets.service.preview("user/moving")
    presets.service.audition.cancel()
    assert len(changes) == 3
