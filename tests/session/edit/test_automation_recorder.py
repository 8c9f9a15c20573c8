"""Gestures recorded, edited, saved: with a clock of the test's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth_app.engine.control.automation_player import AutomationPlayer
from synth_app.params import PARAMS, param
from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve, Patch
from synth_app.session import SessionStore, WindowSettings, load_session, save_session
from synth_app.session.edit.automation_recorder import AutomationRecorder
from synth_app.session.edit.pad_controller import PadController
from synth_app.session.state.automation_edit import clear, for_any_model, overlaid, scale, trim
from tests.session.conftest import Bench

RAMP = np.linspace(0.0, 0.5, 101)


class Hand:
    """Records on a bench, second by second."""

    def __init__(self, bench: Bench) -> None:
        self.now, self.bench, self.store = 100.0, bench, bench.store
        self.recorder = AutomationRecorder(bench.store, bench.desk.history.step, lambda: self.now)

    def key(self, *, down: bool) -> None:
        self.recorder.keys_held(down)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def sweep(self, name: str, start: float, end: float, seconds: float, steps: int = 60) -> None:
        """Move a parameter as a mouse does."""
        for share in np.linspace(0.0, 1.0, steps + 1)[1:]:
            self.wait(seconds / steps)
            self.store.set_param(name, start + share * (end - start))


@pytest.fixture
def hand(bench: Bench) -> Hand:
    return Hand(bench)


def value_at(patch: Patch, name: str, at_s: float) -> float:
    """What the engine makes of a parameter that long after the phrase began."""
    replay = AutomationPlayer(len(patch.offset))
    replay.set(patch)
    targets = np.array([*patch.params, *patch.offset])
    replay.write(round(at_s * 48_000), 0, targets)
    index = int(name[1:]) - 1 + len(PARAMS) if name[0] == "z" else [spec.name for spec in PARAMS].index(name)
    return float(targets[index])


def test_what_was_moved_is_played_and_the_control_goes_back(hand: Hand) -> None:
    hand.recorder.arm()
    assert hand.recorder.armed
    assert not hand.recorder.recording
    hand.store.set_param("morph", 0.1)  # before the first key: where the control stands
    hand.key(down=True)
    assert hand.recorder.recording
    hand.wait(0.5)
    hand.sweep("morph", 0.1, 0.9, 1.0)
    hand.wait(0.5)
    assert hand.recorder.finish()
    patch = hand.store.patch
    assert patch.value("morph") == 0.1
    assert patch.gesture is not None
    assert patch.gesture.seconds == pytest.approx(2.0, abs=0.03)
    for at, wanted in ((0.0, 0.1), (0.45, 0.1), (0.75, 0.3), (1.0, 0.5), (1.4, 0.82), (1.9, 0.9)):
        assert value_at(patch, "morph", at) == pytest.approx(wanted, abs=0.02), at
    assert value_at(patch, "motion", 1.0) == patch.value("motion"), "nothing else moves"


def test_a_control_stands_still_between_two_moves(hand: Hand) -> None:
    hand.recorder.arm()
    hand.key(down=True)
    hand.wait(0.1)
    hand.store.set_param("morph", 0.2)
    hand.wait(1.0)
    hand.store.set_param("morph", 0.8)
    hand.wait(0.2)
    hand.recorder.finish()
    assert value_at(hand.store.patch, "morph", 1.0) == pytest.approx(0.2, abs=0.01)
    assert value_at(hand.store.patch, "morph", 1.15) == pytest.approx(0.8, abs=0.01)


def test_sliders_and_the_map_are_kept_as_codes(hand: Hand) -> None:
    store = hand.store
    before = store.latent_values()
    hand.recorder.arm()
    hand.key(down=True)
    hand.wait(0.1)
    store.set_latent(2, float(before[2]) + 0.25)
    hand.wait(0.4)
    PadController(store).move_on_map(0.9, 0.1)
    goal = store.latent_values()
    hand.wait(0.4)
    assert hand.recorder.finish()
    patch = store.patch
    np.testing.assert_allclose(store.latent_values(), before)
    offset = before - store.center()
    assert value_at(patch, "z3", 0.3) - offset[2] == pytest.approx(0.25, abs=1e-3)
    late = [value_at(patch, f"z{i + 1}", 0.85) - offset[i] for i in range(len(before))]
    np.testing.assert_allclose(late, goal - before, atol=0.02)


def test_recording_over_a_gesture_adds_at_its_place(hand: Hand) -> None:
    moves = Automation((AutomationCurve.of("morph", np.linspace(0, 0.5, 2 * AUTOMATION_RATE_HZ)),))
    hand.store.put_gesture(moves)
    hand.key(down=True)
    hand.wait(0.5)
    hand.recorder.arm()
    assert hand.recorder.recording, "a key is held"
    hand.wait(0.5)
    hand.store.set_param("morph", 0.2)  # at 1.0 s of the gesture
    hand.wait(0.5)
    hand.store.set_param("morph", 0.0)  # back at 1.5 s
    hand.wait(1.0)
    assert hand.recorder.finish()
    patch = hand.store.patch
    assert patch.gesture is not None
    assert patch.gesture.frames == moves.frames
    for at, more in ((0.2, 0.0), (0.9, 0.0), (1.1, 0.2), (1.4, 0.2), (1.6, 0.0)):
        plain = np.interp(at * AUTOMATION_RATE_HZ, np.arange(moves.frames), moves.curves[0].array())
        assert value_at(patch, "morph", at) == pytest.approx(plain + more, abs=0.01), at


def test_the_latest_pass_counts_and_a_new_phrase_starts_over(hand: Hand) -> None:
    hand.store.put_gesture(Automation((AutomationCurve.of("width", np.full(AUTOMATION_RATE_HZ, -0.25)),)))
    hand.key(down=True)
    hand.recorder.arm()
    for value in (0.3, 0.6):  # two passes of a second
        hand.wait(0.5)
        hand.store.set_param("morph", value)
        hand.wait(0.5)
    hand.key(down=False)
    hand.key(down=True)  # a phrase of its own
    hand.store.set_param("morph", 0.9)
    hand.wait(0.25)
    hand.recorder.finish()
    patch = hand.store.patch
    assert value_at(patch, "morph", 0.1) == pytest.approx(0.9, abs=0.01)
    assert value_at(patch, "morph", 0.4) == pytest.approx(0.3, abs=0.01)
    assert value_at(patch, "morph", 0.8) == pytest.approx(0.6, abs=0.01)
    assert value_at(patch, "width", 0.8) == pytest.approx(0.75, abs=0.01)


def test_nothing_moved_leaves_nothing(hand: Hand) -> None:
    hand.recorder.arm()
    assert not hand.recorder.finish(), "no key came"
    hand.recorder.arm()
    hand.key(down=True)
    hand.wait(1.0)
    before = hand.store.patch
    assert not hand.recorder.finish()
    assert hand.store.patch == before
    hand.store.set_param("morph", 0.4)
    assert hand.store.patch.gesture is None


def test_another_model_ends_the_recording(hand: Hand) -> None:
    hand.recorder.arm()
    hand.key(down=True)
    hand.wait(0.2)
    hand.store.set_param("morph", 0.4)
    bench, path = hand.bench, hand.bench.paths[1]
    hand.store.load_model_data(bench.models[path], path)
    assert not hand.recorder.armed
    assert not hand.recorder.finish()


def test_recording_can_be_undone(hand: Hand) -> None:
    hand.recorder.arm()
    hand.key(down=True)
    hand.sweep("morph", 0.0, 1.0, 0.5)
    hand.recorder.finish()
    history = hand.bench.desk.history
    assert history.undo_label == "Gesture"
    recorded = hand.store.patch
    history.undo()
    assert hand.store.patch.gesture is None
    history.redo()
    assert hand.store.patch == recorded


def test_edits() -> None:
    moves = Automation((AutomationCurve.of("morph", RAMP), AutomationCurve.of("z2", 4 * RAMP)), looping=False)
    cut = trim(moves, 0.5, 1.5)
    assert cut.seconds == 1.0
    assert not cut.looping
    np.testing.assert_allclose(cut.curves[1].array(), 4 * RAMP[25:75], atol=1e-3)
    assert trim(moves, 1.0, 1.0).seconds == pytest.approx(0.1)
    assert trim(moves, 5.0, 9.0).seconds == pytest.approx(0.1)
    assert trim(moves, -3.0, 99.0) == moves
    louder = scale(moves, "z2", 1.5)
    np.testing.assert_allclose(louder.curves[1].array(), 6 * RAMP, atol=2e-3)
    assert louder.curves[0] == moves.curves[0]
    assert scale(moves, None, 99.0).curves[0].array().max() == 1.0, "a control's travel ends"
    left = clear(moves, "morph")
    assert left is not None
    assert [curve.target for curve in left.curves] == ["z2"]
    assert clear(left, "z2") is None
    kept = for_any_model(moves)
    assert kept is not None
    assert [curve.target for curve in kept.curves] == ["morph"]
    assert for_any_model(left) is None
    gone = overlaid(left, {"z2": -left.curves[0].array().astype(float)})
    assert gone is None


def test_preset_and_session_keep_it_exactly(bench: Bench, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    moves = Automation(
        (AutomationCurve.of("morph", rng.uniform(-1, 1, 500)), AutomationCurve.of("z3", rng.normal(0, 3, 500)))
    )
    bench.store.put_gesture(moves)
    entry = bench.desk.save_as("Wave")
    bench.store.put_gesture(None)
    assert bench.desk.modified
    bench.desk.load(entry.key)
    assert bench.store.patch.gesture == moves
    save_session(tmp_path / "session.json", bench.store.saved(WindowSettings()))
    saved, problem = load_session(tmp_path / "session.json")
    assert problem == ""
    again = SessionStore(saved)
    assert again.saved(WindowSettings()).gesture == saved.gesture, "kept until its model is there"
    again.load_model_data(bench.models[bench.paths[0]], bench.paths[0])
    assert again.patch.gesture == moves


def test_another_model_plays_only_what_it_has_too(bench: Bench) -> None:
    moves = Automation((AutomationCurve.of("morph", RAMP), AutomationCurve.of("z3", RAMP)))
    bench.store.put_gesture(moves)
    entry = bench.desk.save_as("Wave")
    path = bench.paths[1]
    bench.store.load_model_data(bench.models[path], path)
    assert bench.store.patch.gesture == replace(moves, curves=moves.curves[:1])
    bench.desk.load(entry.key)
    assert bench.store.patch.gesture == replace(moves, curves=moves.curves[:1])


def test_a_damaged_gesture_is_refused_whole(bench: Bench, tmp_path: Path) -> None:
    bench.store.put_gesture(Automation((AutomationCurve.of("morph", RAMP),)))
    save_session(tmp_path / "session.json", bench.store.saved(WindowSettings()))
    text = (tmp_path / "session.json").read_text()
    (tmp_path / "session.json").write_text(text.replace('"morph": "AAA', '"loudness": "AAA'))
    saved, problem = load_session(tmp_path / "session.json")
    assert saved.gesture is None
    assert "gesture" in problem


def test_travel_is_what_is_recorded(hand: Hand) -> None:
    """A logarithmic time moves by its travel, so the same gesture means the same from another place."""
    spec = param("release_s")
    hand.recorder.arm()
    hand.key(down=True)
    hand.wait(0.1)
    hand.store.set_param(
        "release_s", spec.from_normalized(spec.to_normalized(hand.store.patch.value("release_s")) + 0.2)
    )
    hand.wait(0.2)
    hand.recorder.finish()
    hand.store.set_param("release_s", 0.05)
    assert value_at(hand.store.patch, "release_s", 0.2) == pytest.approx(
        spec.from_normalized(spec.to_normalized(0.05) + 0.2), rel=1e-3
    )
