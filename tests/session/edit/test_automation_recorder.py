"""Automation is recorded, edited and saved. The tests have a clock of their own."""

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
from synth_app.session.state.automation_edit import (
    add_curve,
    add_layer,
    clear,
    for_any_model,
    scale,
    set_curve,
    set_seconds,
    trim,
)
from synth_app.support.errors import UserError
from tests.session.conftest import Bench

RAMP = np.linspace(0.0, 0.5, 101)


class Player:
    """Plays and records on a bench with a clock."""

    def __init__(self, bench: Bench) -> None:
        self.now, self.bench, self.store = 100.0, bench, bench.store
        self.recorder = AutomationRecorder(bench.store, bench.service.history.step, lambda: self.now)

    def key(self, *, down: bool) -> None:
        self.recorder.keys_held(down)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def sweep(self, name: str, start: float, end: float, seconds: float, steps: int = 60) -> None:
        """Move a parameter as a mouse does."""
        for fraction in np.linspace(0.0, 1.0, steps + 1)[1:]:
            self.wait(seconds / steps)
            self.store.set_param(name, start + fraction * (end - start))


@pytest.fixture
def player(bench: Bench) -> Player:
    return Player(bench)


def value_at(patch: Patch, name: str, at_s: float) -> float:
    """Return a parameter's value in the engine, some time after the phrase began."""
    replay = AutomationPlayer(len(patch.offset))
    replay.set(patch)
    targets = np.array([*patch.params, *patch.offset])
    replay.write(round(at_s * 48_000), 0, targets)
    index = int(name[1:]) - 1 + len(PARAMS) if name[0] == "z" else [spec.name for spec in PARAMS].index(name)
    return float(targets[index])


def test_recorded_moves_are_played_and_the_control_returns(player: Player) -> None:
    player.recorder.arm()
    assert player.recorder.armed
    assert not player.recorder.recording
    player.store.set_param("morph", 0.1)  # before the first key: where the control stands
    player.key(down=True)
    assert player.recorder.recording
    player.wait(0.5)
    player.sweep("morph", 0.1, 0.9, 1.0)
    player.wait(0.5)
    assert player.recorder.finish()
    patch = player.store.patch
    assert patch.value("morph") == 0.1
    assert patch.automation is not None
    assert patch.automation.seconds == pytest.approx(2.0, abs=0.03)
    for at, wanted in ((0.0, 0.1), (0.45, 0.1), (0.75, 0.3), (1.0, 0.5), (1.4, 0.82), (1.9, 0.9)):
        assert value_at(patch, "morph", at) == pytest.approx(wanted, abs=0.02), at
    assert value_at(patch, "motion", 1.0) == patch.value("motion"), "nothing else moves"


def test_a_control_stands_still_between_two_moves(player: Player) -> None:
    player.recorder.arm()
    player.key(down=True)
    player.wait(0.1)
    player.store.set_param("morph", 0.2)
    player.wait(1.0)
    player.store.set_param("morph", 0.8)
    player.wait(0.2)
    player.recorder.finish()
    assert value_at(player.store.patch, "morph", 1.0) == pytest.approx(0.2, abs=0.01)
    assert value_at(player.store.patch, "morph", 1.15) == pytest.approx(0.8, abs=0.01)


def test_moves_of_sliders_and_map_are_recorded_as_latent_offsets(player: Player) -> None:
    store = player.store
    before = store.latents.values()
    player.recorder.arm()
    player.key(down=True)
    player.wait(0.1)
    store.latents.set(2, float(before[2]) + 0.25)
    player.wait(0.4)
    PadController(store).move_on_map(0.9, 0.1)
    goal = store.latents.values()
    player.wait(0.4)
    assert player.recorder.finish()
    patch = store.patch
    np.testing.assert_allclose(store.latents.values(), before)
    offset = before - store.latents.center()
    assert value_at(patch, "z3", 0.3) - offset[2] == pytest.approx(0.25, abs=1e-3)
    late = [value_at(patch, f"z{i + 1}", 0.85) - offset[i] for i in range(len(before))]
    np.testing.assert_allclose(late, goal - before, atol=0.02)


def test_recording_over_automation_adds_at_the_playback_position(player: Player) -> None:
    moves = Automation((AutomationCurve.of("morph", np.linspace(0, 0.5, 2 * AUTOMATION_RATE_HZ)),))
    player.store.set_automation(moves)
    player.key(down=True)
    player.wait(0.5)
    player.recorder.arm()
    assert player.recorder.recording, "a key is held"
    player.wait(0.5)
    player.store.set_param("morph", 0.2)  # at 1.0 s of the gesture
    player.wait(0.5)
    player.store.set_param("morph", 0.0)  # back at 1.5 s
    player.wait(1.0)
    assert player.recorder.finish()
    patch = player.store.patch
    assert patch.automation is not None
    assert patch.automation.frames == moves.frames
    for at, more in ((0.2, 0.0), (0.9, 0.0), (1.1, 0.2), (1.4, 0.2), (1.6, 0.0)):
        plain = np.interp(at * AUTOMATION_RATE_HZ, np.arange(moves.frames), moves.curves[0].array())
        assert value_at(patch, "morph", at) == pytest.approx(plain + more, abs=0.01), at


def test_the_latest_pass_wins_and_a_new_phrase_starts_over(player: Player) -> None:
    player.store.set_automation(Automation((AutomationCurve.of("width", np.full(AUTOMATION_RATE_HZ, -0.25)),)))
    player.key(down=True)
    player.recorder.arm()
    for value in (0.3, 0.6):  # two passes of a second
        player.wait(0.5)
        player.store.set_param("morph", value)
        player.wait(0.5)
    player.key(down=False)
    player.key(down=True)  # a phrase of its own
    player.store.set_param("morph", 0.9)
    player.wait(0.25)
    player.recorder.finish()
    patch = player.store.patch
    assert value_at(patch, "morph", 0.1) == pytest.approx(0.9, abs=0.01)
    assert value_at(patch, "morph", 0.4) == pytest.approx(0.3, abs=0.01)
    assert value_at(patch, "morph", 0.8) == pytest.approx(0.6, abs=0.01)
    assert value_at(patch, "width", 0.8) == pytest.approx(0.75, abs=0.01)


def test_a_recording_without_moves_sets_no_automation(player: Player) -> None:
    player.recorder.arm()
    assert not player.recorder.finish(), "no key came"
    player.recorder.arm()
    player.key(down=True)
    player.wait(1.0)
    before = player.store.patch
    assert not player.recorder.finish()
    assert player.store.patch == before
    player.store.set_param("morph", 0.4)
    assert player.store.patch.automation is None


def test_another_model_ends_the_recording(player: Player) -> None:
    player.recorder.arm()
    player.key(down=True)
    player.wait(0.2)
    player.store.set_param("morph", 0.4)
    bench, path = player.bench, player.bench.paths[1]
    player.store.load_model_data(bench.models[path], path)
    assert not player.recorder.armed
    assert not player.recorder.finish()


def test_recording_can_be_undone(player: Player) -> None:
    player.recorder.arm()
    player.key(down=True)
    player.sweep("morph", 0.0, 1.0, 0.5)
    player.recorder.finish()
    history = player.bench.service.history
    assert history.undo_label == "Automation"
    recorded = player.store.patch
    history.undo()
    assert player.store.patch.automation is None
    history.redo()
    assert player.store.patch == recorded


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
    gone = add_layer(left, {"z2": -left.curves[0].array().astype(float)})
    assert gone is None


def test_preset_and_session_store_automation_exactly(bench: Bench, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    moves = Automation(
        (AutomationCurve.of("morph", rng.uniform(-1, 1, 500)), AutomationCurve.of("z3", rng.normal(0, 3, 500)))
    )
    bench.store.set_automation(moves)
    entry = bench.service.save_as("Wave")
    bench.store.set_automation(None)
    assert bench.service.modified
    bench.service.load(entry.key)
    assert bench.store.patch.automation == moves
    save_session(tmp_path / "session.json", bench.store.saved(WindowSettings()))
    saved, problem = load_session(tmp_path / "session.json")
    assert problem == ""
    again = SessionStore(saved)
    assert again.saved(WindowSettings()).gesture == saved.gesture, "kept until its model is there"
    again.load_model_data(bench.models[bench.paths[0]], bench.paths[0])
    assert again.patch.automation == moves


def test_another_model_plays_only_curves_of_parameters(bench: Bench) -> None:
    moves = Automation((AutomationCurve.of("morph", RAMP), AutomationCurve.of("z3", RAMP)))
    bench.store.set_automation(moves)
    entry = bench.service.save_as("Wave")
    path = bench.paths[1]
    bench.store.load_model_data(bench.models[path], path)
    assert bench.store.patch.automation == replace(moves, curves=moves.curves[:1])
    bench.service.load(entry.key)
    assert bench.store.patch.automation == replace(moves, curves=moves.curves[:1])


def test_damaged_automation_is_refused(bench: Bench, tmp_path: Path) -> None:
    bench.store.set_automation(Automation((AutomationCurve.of("morph", RAMP),)))
    save_session(tmp_path / "session.json", bench.store.saved(WindowSettings()))
    text = (tmp_path / "session.json").read_text()
    (tmp_path / "session.json").write_text(text.replace('"morph": "AAA', '"loudness": "AAA'))
    saved, problem = load_session(tmp_path / "session.json")
    assert saved.gesture is None
    assert "gesture" in problem


def test_normalized_values_are_recorded(player: Player) -> None:
    """A logarithmic time moves in its normalized value, so automation has the same effect from another start."""
    spec = param("release_s")
    player.recorder.arm()
    player.key(down=True)
    player.wait(0.1)
    player.store.set_param(
        "release_s", spec.from_normalized(spec.to_normalized(player.store.patch.value("release_s")) + 0.2)
    )
    player.wait(0.2)
    player.recorder.finish()
    player.store.set_param("release_s", 0.05)
    assert value_at(player.store.patch, "release_s", 0.2) == pytest.approx(
        spec.from_normalized(spec.to_normalized(0.05) + 0.2), rel=1e-3
    )


def test_recorded_curves_are_in_order_of_their_names(player: Player) -> None:
    player.recorder.arm()
    player.key(down=True)
    for name in ("width", "morph", "formant", "spread", "lock"):
        player.sweep(name, 0.0, 0.5, 0.2)
    assert player.recorder.finish()
    automation = player.store.patch.automation
    assert automation is not None
    targets = [curve.target for curve in automation.curves]
    assert targets == sorted(targets)
    assert len(targets) == 5


def test_curves_are_added_replaced_and_made_longer() -> None:
    begun = add_curve(None, "morph", 2.0)
    assert begun.seconds == 2.0
    assert not begun.curves[0].array().any()
    both = add_curve(begun, "z2", 9.0)
    assert [curve.target for curve in both.curves] == ["morph", "z2"]
    assert both.seconds == 2.0
    assert add_curve(both, "z2", 9.0) is both
    changed = set_curve(set_curve(both, "z2", np.full(100, 3.0)), "morph", np.linspace(-2.0, 2.0, 100))
    assert changed.curves[1].array().max() == 3.0
    assert (changed.curves[0].array().min(), changed.curves[0].array().max()) == (-1.0, 1.0), "the whole range"
    longer = set_seconds(changed, 3.0)
    assert longer.seconds == 3.0
    assert (longer.curves[1].array() == 3.0).all()
    assert longer.curves[0].array()[99:].tolist() == [1.0] * 51
    assert set_seconds(longer, 2.0) == changed
    with pytest.raises(UserError, match="may last"):
        set_seconds(changed, 61.0)
