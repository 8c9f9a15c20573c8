"""Learned controllers, soft takeover, and the file of MIDI settings."""

from pathlib import Path

import pytest

from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.params import PARAMS, param
from synth_app.patch.target import PAD_X, PAD_Y
from synth_app.session import ControllerId, MidiLearn, SavedMidi, SessionStore, load_midi, save_midi
from synth_app.session.edit.midi_learn import _PICKUP_DISTANCE, _ROUNDING, LinkedControl, _Pickup
from synth_app.session.state.saved_midi import SavedBinding
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("midi_learn") / "m.safetensors", latent=4)


@pytest.fixture
def midi_learn(store: SessionStore) -> MidiLearn:
    return MidiLearn(store)


def turn(midi_learn: MidiLearn, *values: int, number: int = 20, channel: int = 0) -> None:
    for value in values:
        midi_learn.handle_controller(ControllerMoved(channel, number, value))


def learn(midi_learn: MidiLearn, target: str, number: int = 20) -> None:
    midi_learn.arm(target)
    midi_learn.handle_controller(ControllerMoved(0, number, 0))


def test_only_the_next_controller_is_learned(midi_learn: MidiLearn) -> None:
    midi_learn.arm("morph")
    assert midi_learn.armed == "morph"
    turn(midi_learn, 3, number=21, channel=5)
    assert midi_learn.armed is None
    turn(midi_learn, 3, number=22)
    assert midi_learn.learned == {"morph": ControllerId(5, 21)}
    assert midi_learn.learned["morph"].title == "CC 21, channel 6"


def test_cancel_learns_nothing(midi_learn: MidiLearn) -> None:
    midi_learn.arm("morph")
    midi_learn.cancel()
    turn(midi_learn, 3)
    assert midi_learn.learned == {}


@pytest.mark.parametrize("name", [spec.name for spec in PARAMS])
def test_every_parameter_can_be_moved_to_both_ends(midi_learn: MidiLearn, store: SessionStore, name: str) -> None:
    learn(midi_learn, name)
    turn(midi_learn, *range(0, 128))
    assert store.patch.value(name) == pytest.approx(param(name).maximum)
    turn(midi_learn, 64)
    middle = param(name).clamp(param(name).from_normalized(64 / 127))  # some have steps
    assert store.patch.value(name) == pytest.approx(middle)
    turn(midi_learn, 0)
    assert store.patch.value(name) == pytest.approx(param(name).minimum)


def test_latent_dimensions_and_pad_reach_their_ranges(midi_learn: MidiLearn, store: SessionStore) -> None:
    for target, dim in (("z1", 0), ("z4", 3)):
        learn(midi_learn, target)
        turn(midi_learn, *range(0, 128))
        assert store.latents.values()[dim] == pytest.approx(store.ranges[dim][1])
        midi_learn.forget(target)
    store.pad.set_axes(1, 2)
    learn(midi_learn, PAD_X, 30)
    learn(midi_learn, PAD_Y, 31)
    turn(midi_learn, *range(0, 128), number=31)
    assert store.latents.values()[2] == pytest.approx(store.ranges[2][1])
    before = store.latents.values()[1]
    store.pad.set_axes(3, 1)  # now the vertical controller moves dimension 1
    turn(midi_learn, *range(127, -1, -1), number=31)
    assert store.latents.values()[1] == pytest.approx(store.ranges[1][0])
    assert before != store.latents.values()[1]


def test_takeover_waits_until_the_value_is_reached(midi_learn: MidiLearn, store: SessionStore) -> None:
    store.set_param("sustain", 0.5)
    learn(midi_learn, "sustain")
    turn(midi_learn, 10, 30, 50)
    assert store.patch.value("sustain") == 0.5
    turn(midi_learn, 90)  # crossed
    assert store.patch.value("sustain") == pytest.approx(90 / 127)


def test_a_control_moved_by_something_else_must_be_picked_up_again(midi_learn: MidiLearn, store: SessionStore) -> None:
    store.set_param("sustain", 0.5)
    learn(midi_learn, "sustain")
    turn(midi_learn, 63, 70)
    assert store.patch.value("sustain") == pytest.approx(70 / 127)
    store.set_param("sustain", 0.1)  # by mouse, by preset, by undo
    turn(midi_learn, 71, 60, 40)
    assert store.patch.value("sustain") == 0.1
    turn(midi_learn, 12)
    assert store.patch.value("sustain") == pytest.approx(12 / 127)


def test_an_undo_to_where_the_controller_was_does_not_jump_to_where_it_is_now(
    midi_learn: MidiLearn, store: SessionStore
) -> None:
    store.set_param("sustain", 0.0)
    learn(midi_learn, "sustain")
    turn(midi_learn, 0, 70)
    put = store.patch.value("sustain")
    store.set_param("sustain", 0.1)
    turn(midi_learn, 80)
    store.set_param("sustain", put)  # undone, while the controller has moved further
    turn(midi_learn, 90)
    assert store.patch.value("sustain") == put


def test_a_controller_that_stands_exactly_at_the_value_has_picked_it_up(
    midi_learn: MidiLearn, store: SessionStore
) -> None:
    """Something else sets the control to exactly where the controller stands. The next move, however far, counts."""
    store.set_param("sustain", 0.9)
    learn(midi_learn, "sustain")
    turn(midi_learn, 40)
    assert store.patch.value("sustain") == 0.9
    store.set_param("sustain", 40 / 127)
    turn(midi_learn, 100)
    assert store.patch.value("sustain") == pytest.approx(100 / 127)


def test_pickup_limits_are_inclusive() -> None:
    fresh = _Pickup()
    assert fresh.accepts(_PICKUP_DISTANCE, 0.0)
    assert not fresh.accepts(1.01 * _PICKUP_DISTANCE, 0.0)
    followed = _Pickup()
    followed.written = 0.0
    assert followed.accepts(0.5, _ROUNDING), "a difference of rounding is no move by something else"
    assert not followed.accepts(0.5, 1.01 * _ROUNDING)
    assert followed.written is None


def test_a_controller_moves_several_controls_and_a_control_has_one_controller(
    midi_learn: MidiLearn, store: SessionStore
) -> None:
    store.set_param("sustain", 0.0)
    learn(midi_learn, "sustain")
    learn(midi_learn, "morph")
    turn(midi_learn, 0, 127)
    assert (store.patch.value("sustain"), store.patch.value("morph")) == (1.0, 1.0)
    learn(midi_learn, "morph", 33)
    turn(midi_learn, 60)
    assert store.patch.value("morph") == 1.0
    assert midi_learn.learned == {"sustain": ControllerId(0, 20), "morph": ControllerId(0, 33)}


def test_a_forgotten_controller_moves_nothing(midi_learn: MidiLearn, store: SessionStore) -> None:
    learn(midi_learn, "morph")
    midi_learn.forget("morph")
    turn(midi_learn, *range(128))
    assert store.patch.value("morph") == 0.0
    assert midi_learn.learned == {}


def test_controllers_of_dimensions_that_a_model_lacks_are_kept(store: SessionStore) -> None:
    saved = SavedMidi(learned=(SavedBinding(target="z9", channel=0, number=20),))
    midi_learn, before = MidiLearn(store, saved), store.patch
    turn(midi_learn, *range(128))
    assert store.patch == before
    assert midi_learn.saved() == saved
    assert midi_learn.title("z9") == "z9 (not in this model)"
    assert midi_learn.title("z1").startswith("Latent ")


def test_controllers_work_before_any_model() -> None:
    store = SessionStore()
    midi_learn = MidiLearn(store)
    learn(midi_learn, "z1")
    learn(midi_learn, PAD_X)
    turn(midi_learn, 5, 100)
    assert store.patch.offset == ()


def test_registered_handles_are_moved_until_they_are_unregistered(midi_learn: MidiLearn) -> None:
    at = [0.0]
    withdraw = midi_learn.register(
        "echo", LinkedControl("Echo", lambda: at[0], lambda normalized: at.__setitem__(0, normalized))
    )
    learn(midi_learn, "echo")
    turn(midi_learn, 0, 127)
    assert (at, midi_learn.title("echo")) == ([1.0], "Echo")
    again = midi_learn.register("echo", LinkedControl("Echo", lambda: None, lambda _: None))
    withdraw()  # of a target that no longer exists
    assert midi_learn.control("echo") is not None
    again()
    assert midi_learn.control("echo") is None
    turn(midi_learn, 5)
    assert at == [1.0]


def test_observers_are_notified_of_every_change(midi_learn: MidiLearn) -> None:
    heard: list[str | None] = []
    end = midi_learn.subscribe(lambda: heard.append(midi_learn.armed))
    learn(midi_learn, "morph")
    midi_learn.set_settings(MidiSettings(port="Keys"))
    midi_learn.set_settings(MidiSettings(port="Keys"))
    midi_learn.forget("morph")
    assert heard == ["morph", None, None, None]
    end()
    midi_learn.arm("morph")
    assert len(heard) == 4


def test_settings_are_saved_and_restored(midi_learn: MidiLearn, store: SessionStore, tmp_path: Path) -> None:
    learn(midi_learn, "morph", 74)
    learn(midi_learn, PAD_Y, 12)
    midi_learn.set_settings(MidiSettings(port="Keys 20:0", mode="channel", channel=4))
    save_midi(tmp_path / "new" / "midi.json", midi_learn.saved())
    saved, problem = load_midi(tmp_path / "new" / "midi.json")
    again = MidiLearn(store, saved)
    assert (again.settings, again.learned, problem) == (midi_learn.settings, midi_learn.learned, "")
    assert load_midi(tmp_path / "none.json") == (SavedMidi(), "")


@pytest.mark.parametrize(
    "text", ["{", '{"version": 2}', '{"learned": [{"target": "morph", "channel": 99, "number": 1}]}', "\ud800"]
)
def test_damaged_files_are_set_aside(tmp_path: Path, text: str) -> None:
    path = tmp_path / "midi.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    saved, problem = load_midi(path)
    assert saved == SavedMidi()
    assert "midi.damaged.json" in problem
    assert not path.exists()
    assert (tmp_path / "midi.damaged.json").exists()
