"""Files as earlier versions wrote them: they load with the same content and are saved again byte for byte."""

import json
from pathlib import Path

import numpy as np
import pytest

from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.midi import MidiSettings
from synth_app.session import load_midi, load_session, read_preset, save_midi, save_session, write_preset
from synth_app.session.state.user_settings import load_settings, save_settings
from synth_app.session.store.transitions import restore_state
from synth_app.support.errors import UserError

FILES = Path(__file__).parent / "files"


def test_session_file_is_restored_and_written_the_same(tmp_path: Path) -> None:
    session, message = load_session(FILES / "session.json")
    assert message == ""
    save_session(tmp_path / "session.json", session)
    stored = json.loads((FILES / "session.json").read_text(encoding="utf-8"))
    stored["device"].update(host_api=None, exclusive=False)  # of later versions
    stored.update(offset_db=0.0, macros=[""] * 8, pins=[], style=None)
    stored["window"].update(octave=4, velocity=100, deck="sound", latent="handles", views=["spectrum", "spectrogram"])
    assert json.loads((tmp_path / "session.json").read_text(encoding="utf-8")) == stored
    a, b = session.user_notes(2)
    assert a is not None
    assert b is None
    assert (a.name, a.pitch, a.marks) == ("Rhodes + Strings", 60.5, (0, 1, 2, 2))
    np.testing.assert_allclose(a.codes(), [[0.5, -1.25], [0.75, 2.0], [1 / 3, 0.0]], rtol=1e-3)
    assert session.user_notes(3) == (None, None)
    state = restore_state(session)
    assert state.device == DeviceSettings("HDMI", 44_100, 512, 40)
    assert state.patch.value("gain_db") == -3.0
    assert [each.target for each in state.patch.modulation.connections] == ["z2", "tilt"]
    assert state.patch.modulation.envelopes[1].attack_s == 0.5
    assert state.locks == (("width", False), ("z1", True))


def test_preset_file_is_read_and_written_the_same(tmp_path: Path) -> None:
    preset = read_preset(FILES / "preset.json")
    write_preset(tmp_path / "preset.json", preset)
    assert (tmp_path / "preset.json").read_bytes() == (FILES / "preset.json").read_bytes()


def test_midi_file_is_read_and_written_the_same(tmp_path: Path) -> None:
    saved, message = load_midi(FILES / "midi.json")
    assert message == ""
    save_midi(tmp_path / "midi.json", saved)
    assert (tmp_path / "midi.json").read_bytes() == (FILES / "midi.json").read_bytes()
    assert saved.settings() == MidiSettings("Keys", "channel", 3)
    assert [(each.target, each.channel, each.number) for each in saved.learned] == [("morph", 0, 1), ("z2", 15, 74)]


def test_settings_file_is_read_and_written_the_same(tmp_path: Path) -> None:
    settings, message = load_settings(FILES / "settings.json")
    assert message == ""
    save_settings(tmp_path / "settings.json", settings)
    assert (tmp_path / "settings.json").read_bytes() == (FILES / "settings.json").read_bytes()


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("device", "reserve_ms"), 1001),
        (("device", "reserve_ms"), -1),
        (("device", "rate"), "fast"),
        (("device", "other"), 1),
        (("field", "mode"), "sphere"),
        (("field", "map_at"), [0.5, 1.5]),
        (("field", "map_at"), [0.5, float("nan")]),
        (("field", "axes"), [0, -1]),
        (("field", "corners"), ["", "", ""]),
        (("field", "corners"), ["", "", "", 5]),
        (("field", "other"), 1),
        (("custom", 0, "z"), "AAAA"),
        (("custom", 0, "z"), "not base64"),
        (("custom", 0, "latent_size"), 0),
        (("custom", 0, "marks"), [2, 1, 0, 0]),
        (("custom", 0, "other"), 1),
        (("gesture", "curves"), {}),
        (("gesture", "curves"), {"morph": "AAA"}),
        (("gesture", "curves"), {"no such": "AAAAOAA8"}),
        (("gesture", "playing"), "sometimes"),
    ],
)
def test_a_session_with_one_wrong_value_is_set_aside(
    tmp_path: Path, where: tuple[str | int, ...], value: object
) -> None:
    data = json.loads((FILES / "session.json").read_text())
    part = data
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    (tmp_path / "session.json").write_text(json.dumps(data))
    session, message = load_session(tmp_path / "session.json")
    assert session.model == ""
    assert "session.damaged.json" in message
    assert str(where[0]) in message


@pytest.mark.parametrize(
    ("name", "value"),
    [("pad", {"corners": ["", "", "", ""], "pitch": "C"}), ("own", [None]), ("note", 128), ("surprise", 1)],
)
def test_a_preset_with_one_wrong_value_is_refused_by_name(tmp_path: Path, name: str, value: object) -> None:
    data = json.loads((FILES / "preset.json").read_text()) | {name: value}
    (tmp_path / "preset.json").write_text(json.dumps(data))
    with pytest.raises(UserError, match=name):
        read_preset(tmp_path / "preset.json")
