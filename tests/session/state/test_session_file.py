"""The session file: round trip, damage, and folders that cannot be written."""

import json
from pathlib import Path

import pytest

from synth_app.session import SavedSession, WindowSettings, load_session, save_session
from synth_app.session.state.pad_state import PadState
from synth_app.support.errors import UserError

SESSION = SavedSession(
    model="/m/x.safetensors",
    slot_a="one",
    offset=(0.25, -1.5),
    params={"gain_db": -3.0},
    field=PadState(axes=(1, 2)),
    window=WindowSettings(width=1400, height=800, maximized=True, zoom=1.25),
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "session.json"
    save_session(path, SESSION)
    assert load_session(path) == (SESSION, "")
    assert [p.name for p in path.parent.iterdir()] == ["session.json"], "no temporary file stays"


def test_axes_saved_by_earlier_versions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    before = json.loads(SESSION.model_dump_json(exclude={"field"})) | {"pad": [3, 2], "field": {"mode": "map"}}
    path.write_text(json.dumps(before))
    session, message = load_session(path)
    assert not message
    assert session.field == PadState(mode="map", axes=(3, 2))


def test_a_missing_file_gives_defaults_without_a_message(tmp_path: Path) -> None:
    assert load_session(tmp_path / "session.json") == (SavedSession(), "")


def _broken(**change: object) -> bytes:
    return json.dumps(json.loads(SESSION.model_dump_json()) | change).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        SESSION.model_dump_json().encode()[:-20],
        _broken(version=2),
        _broken(offset=["x"]),
        _broken(offset=[float("nan")]),
        _broken(pad=[-1, 0]),
        _broken(field={"axes": [0]}),
        _broken(surprise=1),
        _broken(window={"width": -5}),
        _broken(window={"octave": 10}),
        _broken(window={"velocity": 0}),
        _broken(window={"views": [1]}),
    ],
)
def test_a_damaged_file_is_set_aside_and_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    session, message = load_session(path)
    assert session == SavedSession()
    assert "session.damaged.json" in message
    assert "\n" not in message
    assert (tmp_path / "session.damaged.json").read_bytes() == content
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the folder"):
        save_session(tmp_path / "file" / "session.json", SESSION)
