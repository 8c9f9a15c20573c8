"""Learning controllers, soft takeover, and what is kept of it."""

from pathlib import Path

import pytest

from synth_app.decoder import Model, load_model
from synth_app.midi import ControllerMoved, MidiSettings
from synth_app.params import PARAMS, param
from synth_app.session import ControllerId, MidiLearn, SavedMidi, SessionStore, load_midi, save_midi
from synth_app.session.edit.midi_learn import PAD_X, PAD_Y, Handle
from synth_app.session.state.midi_saved import SavedBinding
from tests.ui.model_fixture import make_model


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("desk") / "m.safetensors", latent=4)


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path)


@pytest.fixture
def store(model: Model, path: Path) -> SessionStore:
    store = SessionStore()
    store.load_model_data(model, path)
    return store


@pytest.fixture
def desk(store: SessionStore) -> MidiLearn:
    return MidiLearn(store)


def turn(desk: MidiLearn, *values: int, number: int = 20, channel: int = 0) -> None:
    for value in values:
        desk.moved(ControllerMoved(channel, number, value))


def learn(desk: MidiLearn, target: str, number: int = 20) -> None:
    desk.arm(target)
    desk.moved(ControllerMoved(0, number, 0))


def test_the_next_controller_is_learned_and_only_that(desk: MidiLearn) -> None:
    desk.arm("morph")
    assert desk.armed == "morph"
    turn(desk, 3, number=21, channel=5)
    assert desk.armed is None
    turn(desk, 3, number=22)
    assert desk.learned == {"morph": ControllerId(5, 21)}
    assert desk.learned["morph"].title == "CC 21, channel 6"


def test_cancel_learns_nothing(desk: MidiLearn) -> None:
    desk.arm("morph")
    desk.cancel()
    turn(desk, 3)
    assert desk.learned == {}


@pytest.mark.parametrize("name", [spec.name for spec in PARAMS])
def test_every_parameter_can_be_moved_to_both_ends(desk: MidiLearn, store: SessionStore, name: str) -> None:
    learn(desk, name)
    turn(desk, *range(0, 128))
    assert store.patch.value(name) == pytest.approx(param(name).maximum)
    turn(desk, 64)
    middle = param(name).clamp(param(name).from_normalized(64 / 127))  # some have steps
    assert store.patch.value(name) == pytest.approx(middle)
    turn(desk, 0)
    assert store.patch.value(name) == pytest.approx(param(name).minimum)


def test_latent_dimensions_and_pad_reach_their_ranges(desk: MidiLearn, store: SessionStore) -> None:
    for target, dim in (("z1", 0), ("z4", 3)):
        learn(desk, target)
        turn(desk, *range(0, 128))
        assert store.latent_values()[dim] == pytest.approx(store.ranges[dim][1])
        desk.forget(target)
    store.set_pad(1, 2)
    learn(desk, PAD_X, 30)
    learn(desk, PAD_Y, 31)
    turn(desk, *range(0, 128), number=31)
    assert store.latent_values()[2] == pytest.approx(store.ranges[2][1])
    before = store.latent_values()[1]
    store.set_pad(3, 1)  # now the vertical controller moves dimension 1
    turn(desk, *range(127, -1, -1), number=31)
    assert store.latent_values()[1] == pytest.approx(store.ranges[1][0])
    assert before != store.latent_values()[1]


def test_takeover_waits_until_the_value_is_reached(desk: MidiLearn, store: SessionStore) -> None:
    store.set_param("sustain", 0.5)
    learn(desk, "sustain")
    turn(desk, 10, 30, 50)
    assert store.patch.value("sustain") == 0.5
    turn(desk, 90)  # crossed
    assert store.patch.value("sustain") == pytest.approx(90 / 127)


def test_a_hand_on_the_control_must_be_picked_up_again(desk: MidiLearn, store: SessionStore) -> None:
    store.set_param("sustain", 0.5)
    learn(desk, "sustain")
    turn(desk, 63, 70)
    assert store.patch.value("sustain") == pytest.approx(70 / 127)
    store.set_param("sustain", 0.1)  # by mouse, by preset, by undo
    turn(desk, 71, 60, 40)
    assert store.patch.value("sustain") == 0.1
    turn(desk, 12)
    assert store.patch.value("sustain") == pytest.approx(12 / 127)


def test_an_undo_to_where_the_controller_was_does_not_jump_to_where_it_is_now(
    desk: MidiLearn, store: SessionStore
) -> None:
    store.set_param("sustain", 0.0)
    learn(desk, "sustain")
    turn(desk, 0, 70)
    put = store.patch.value("sustain")
    store.set_param("sustain", 0.1)
    turn(desk, 80)
    store.set_param("sustain", put)  # undone, while the controller has gone on
    turn(desk, 90)
    assert store.patch.value("sustain") == put


def test_one_controller_moves_several_controls_and_a_control_has_one(desk: MidiLearn, store: SessionStore) -> None:
    store.set_param("sustain", 0.0)
    learn(desk, "sustain")
    learn(desk, "morph")
    turn(desk, 0, 127)
    assert (store.patch.value("sustain"), store.patch.value("morph")) == (1.0, 1.0)
    learn(desk, "morph", 33)
    turn(desk, 60)
    assert store.patch.value("morph") == 1.0
    assert desk.learned == {"sustain": ControllerId(0, 20), "morph": ControllerId(0, 33)}


def test_forgotten_is_forgotten(desk: MidiLearn, store: SessionStore) -> None:
    learn(desk, "morph")
    desk.forget("morph")
    turn(desk, *range(128))
    assert store.patch.value("morph") == 0.0
    assert desk.learned == {}


def test_dimensions_that_a_model_lacks_are_kept_but_rest(store: SessionStore) -> None:
    saved = SavedMidi(learned=(SavedBinding(target="z9", channel=0, number=20),))
    desk, before = MidiLearn(store, saved), store.patch
    turn(desk, *range(128))
    assert store.patch == before
    assert desk.saved() == saved
    assert desk.title("z9") == "z9 (not in this model)"
    assert desk.title("z1").startswith("Latent ")


def test_before_any_model_nothing_breaks() -> None:
    store = SessionStore()
    desk = MidiLearn(store)
    learn(desk, "z1")
    learn(desk, PAD_X)
    turn(desk, 5, 100)
    assert store.patch.offset == ()


def test_offered_handles_are_moved_until_they_are_taken_back(desk: MidiLearn) -> None:
    at = [0.0]
    withdraw = desk.offer("echo", Handle("Echo", lambda: at[0], lambda normalized: at.__setitem__(0, normalized)))
    learn(desk, "echo")
    turn(desk, 0, 127)
    assert (at, desk.title("echo")) == ([1.0], "Echo")
    again = desk.offer("echo", Handle("Echo", lambda: None, lambda _: None))
    withdraw()  # of what is not offered any more
    assert desk.handle("echo") is not None
    again()
    assert desk.handle("echo") is None
    turn(desk, 5)
    assert at == [1.0]


def test_observers_hear_every_change(desk: MidiLearn) -> None:
    heard: list[str | None] = []
    end = desk.subscribe(lambda: heard.append(desk.armed))
    learn(desk, "morph")
    desk.choose(MidiSettings(port="Keys"))
    desk.choose(MidiSettings(port="Keys"))
    desk.forget("morph")
    assert heard == ["morph", None, None, None]
    end()
    desk.arm("morph")
    assert len(heard) == 4


def test_kept_and_restored(desk: MidiLearn, store: SessionStore, tmp_path: Path) -> None:
    learn(desk, "morph", 74)
    learn(desk, PAD_Y, 12)
    desk.choose(MidiSettings(port="Keys 20:0", mode="channel", channel=4))
    save_midi(tmp_path / "new" / "midi.json", desk.saved())
    saved, problem = load_midi(tmp_path / "new" / "midi.json")
    again = MidiLearn(store, saved)
    assert (again.settings, again.learned, problem) == (desk.settings, desk.learned, "")
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
