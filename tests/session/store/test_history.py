"""Undo and redo: one step per drag, across models, labelled after what changed."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_app.decoder import Model
from synth_app.handles import dimension_label
from synth_app.patch import Patch
from synth_app.session import SessionStore
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.state.state import Snapshot
from synth_app.session.store.history import BURST_S, MAX_STEPS, History
from tests.session.conftest import Bench


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(bench: Bench, clock: Clock) -> History:
    return History(bench.store, bench.store.set_snapshot, clock)


def labels(history: History) -> list[str]:
    return [step.label for step in history.steps]


def test_a_drag_is_one_step_even_with_pauses(bench: Bench, history: History, clock: Clock) -> None:
    before = bench.store.patch
    for end in (0.25, 0.35):  # the same slider twice, at once: two drags
        history.press()
        for value in np.linspace(0, 1, 20):
            bench.store.set_param("sustain", 1 - value)
            clock.now += 0.3
        clock.now += 10
        bench.store.set_param("sustain", end)
        history.release()
    assert labels(history) == ["Sustain", "Sustain"]
    history.undo()
    history.undo()
    assert bench.store.patch == before
    assert (history.undo_label, history.redo_label) == ("", "Sustain")


def test_one_drag_over_two_dimensions_is_one_step(bench: Bench, history: History) -> None:
    history.press()
    for dims in ([1], [1, 4], [4]):
        bench.store.latents.set_many([(d, float(bench.store.latents.values()[d]) + 0.01) for d in dims])
    history.release()
    model = bench.store.model
    assert model is not None
    assert labels(history) == [f"{dimension_label(model, 1)}, {dimension_label(model, 4)}"]


def test_a_burst_of_the_mouse_wheel_is_one_step_and_a_pause_ends_it(
    bench: Bench, history: History, clock: Clock
) -> None:
    for value in (0.9, 0.8, 0.7):
        bench.store.set_param("sustain", value)
        clock.now += BURST_S * 0.9
    clock.now += BURST_S
    bench.store.set_param("sustain", 0.6)
    bench.store.set_param("width", 0.5)
    assert labels(history) == ["Sustain", "Sustain", "Stereo width"]
    history.undo()
    history.undo()
    assert bench.store.patch.value("sustain") == pytest.approx(0.7)


def test_two_knobs_turned_at_once_are_one_step(bench: Bench, history: History, clock: Clock) -> None:
    for i in range(10):
        bench.store.set_param(("sustain", "width")[i % 2], 0.9 - 0.05 * i)
        clock.now += 0.02
    assert labels(history) == ["Sustain, Stereo width"]
    history.undo()
    assert (bench.store.patch.value("sustain"), bench.store.patch.value("width")) == (1, 1)


def test_two_quick_clicks_are_two_steps(bench: Bench, history: History) -> None:
    """A button acts after its mouse button is up, so its change belongs to no press."""
    for _ in range(2):
        history.press()
        history.release()
        bench.store.slots.swap()
    assert labels(history) == ["Swap of slots"] * 2


def test_a_drag_there_and_back_is_no_step(bench: Bench, history: History) -> None:
    history.press()
    bench.store.set_param("sustain", 0.5)
    bench.store.set_param("sustain", 1.0)
    history.release()
    assert labels(history) == []


def test_a_new_change_clears_redo(bench: Bench, history: History, clock: Clock) -> None:
    bench.store.set_param("sustain", 0.5)
    history.undo()
    clock.now += 10
    bench.store.set_param("width", 0.5)
    assert history.redo_label == ""
    history.redo()
    assert bench.store.patch.value("sustain") == 1.0


def test_steps_are_named(bench: Bench, history: History) -> None:
    store = bench.store
    acts: tuple[Callable[[], object], ...] = (
        lambda: store.slots.choose("b", 7),
        store.slots.swap,
        lambda: store.latents.set_many([(i, 0.1) for i in range(6)]),
        lambda: store.set_quality("eco"),
        store.reset,
    )
    for act in acts:
        act()
        history.press()
        history.release()
    assert labels(history) == ["Note in slot B", "Swap of slots", "Latent sliders", "Quality", "7 settings"]


def test_history_is_bounded(bench: Bench, history: History, clock: Clock) -> None:
    for i in range(MAX_STEPS + 20):
        clock.now += 10
        bench.store.set_param("sustain", i / 1000)
    assert len(history.steps) == MAX_STEPS
    for _ in range(MAX_STEPS + 5):
        history.undo()
    assert bench.store.patch.value("sustain") == pytest.approx(19 / 1000), "the oldest 20 are forgotten"


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0, 1)), min_size=1, max_size=25), st.data())
def test_undoing_all_and_redoing_all_is_exact(small: Model, acts: list[tuple[int, float]], data: st.DataObject) -> None:
    store = SessionStore()
    store.load_model_data(small, "m")
    clock = Clock()
    history = History(store, store.set_snapshot, clock)
    first = store.patch
    deeds: tuple[Callable[[float], object], ...] = (
        store.set_morph,
        lambda x: store.set_param("attack_s", x),
        lambda x: store.latents.set(int(5 * x), x - 0.5),
        lambda x: store.slots.choose("a", int(39 * x)),
        lambda _: store.slots.swap(),
        lambda x: history.press() if x > 0.5 else history.release(),
        lambda _: store.latents.reset_all(),
    )
    for kind, x in acts:
        clock.now += data.draw(st.sampled_from([0.1, 2.0]))
        deeds[kind](x)
    last = store.patch
    count = len(history.steps)
    for _ in range(count):
        history.undo()
    assert store.patch == first
    for _ in range(count):
        history.redo()
    assert store.patch == last


def test_undo_across_a_change_of_model(bench: Bench) -> None:
    store, history = bench.store, bench.service.history
    small, wide = bench.paths
    store.latents.set(2, 0.3)
    store.set_param("sustain", 0.5)
    before = store.patch
    store.load_model_data(bench.models[wide], wide)
    store.latents.set(8, 0.2)
    after = store.patch
    assert labels(history) == [dimension_label(bench.models[small], 2), "Sustain", "Change of model", "z9"]
    history.undo()
    history.undo()
    assert bench.requested == [small]
    assert store.patch.model == str(wide), "not before it is loaded"
    assert history.undo_label == "Change of model"
    bench.deliver()
    assert store.patch == before
    assert (history.undo_label, history.redo_label) == ("Sustain", "Change of model")
    history.redo()
    bench.deliver()
    history.redo()
    assert store.patch == after


def test_a_missing_model_leaves_the_history_unchanged(bench: Bench) -> None:
    store, service = bench.store, bench.service
    small, wide = bench.paths
    store.latents.set(2, 0.3)
    store.load_model_data(bench.models[wide], wide)
    here = store.patch
    service.history.undo()
    service.model_failed()
    assert service.history.undo_label == "Change of model"
    assert store.patch == here
    store.load_model_data(bench.models[small], small)
    assert store.patch.offset == (0.0,) * 6
    assert labels(service.history)[-1] == "Change of model", "chosen by hand later, it is a step like any other"


def test_undo_restores_the_preset(bench: Bench) -> None:
    service, store = bench.service, bench.store
    store.set_param("sustain", 0.5)
    entry = service.save_as("One")
    store.set_param("width", 0.2)
    service.save_as("Two")
    service.load(entry.key)
    assert labels(service.history)[-1] == "Preset One"
    service.history.undo()
    assert service.current is not None
    assert service.current.name == "Two"
    assert not service.modified
    service.history.redo()
    assert service.current.name == "One"


def test_undo_restores_the_pads_cursor_but_not_its_mode(bench: Bench) -> None:
    store, history, controller = bench.store, bench.service.history, PadController(bench.store)
    store.pad.set_state(replace(store.state.pad, mode="map"))
    first = store.patch
    history.press()
    for x in (0.2, 0.4, 0.6):
        controller.move_on_map(x, 0.5)
    history.release()
    assert labels(history) == ["Mix of notes"]
    last = store.patch
    store.pad.set_state(replace(store.state.pad, mode="morph"))
    history.undo()
    assert store.patch == first
    assert (store.state.pad.map_at, store.state.pad.mode) == (None, "morph")
    history.redo()
    assert store.patch == last
    assert store.state.pad.map_at == (0.6, 0.5)
    controller.close()


def test_a_change_after_an_undo_without_effect_is_recorded(bench: Bench) -> None:
    """An undo to a patch that equals the present one must not block the next change."""
    gone: list[Snapshot] = []
    history = History(bench.store, gone.append, Clock())
    bench.store.set_param("sustain", 0.5)
    patch: Patch = bench.store.patch
    step = history.steps[-1]
    history._done[-1] = replace(step, before=Snapshot(patch, None))
    history.undo()
    assert history.redo_label == "Sustain"
    bench.store.set_param("width", 0.5)
    assert history.undo_label == "Stereo width"
