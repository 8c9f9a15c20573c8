"""The session file: round trip, damage, and folders that cannot be written."""

import json
from pathlib import Path

import pytest

from synth_app.session import SavedSession, WindowSettings, load_session, save_session
from synth_app.session.state.saved_notes import SavedPad
from synth_app.support.errors import UserError

SESSION = SavedSession(
    model="/m/x.safetensors",
    slot_a="one",
    offset=(0.25, -1.5),
    params={"gain_db": -3.0},
    field=SavedPad(axes=(1, 2)),
    window=WindowSettings(width=1400, height=800, maximized=True, zoom=1.25),
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "session.json"
    save_session(path, SESSION)
    assert load_session(path) == (SESSION, "")
    assert [p.name for p in path.parent.iterdir()] == ["session.json"], "no temporary file stays"


def test_dimensions_kept_beside_the_pad_by_earlier_versions_are_found(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    before = json.loads(SESSION.model_dump_json(exclude={"field"})) | {"pad": [3, 2], "field": {"mode": "map"}}
    path.write_text(json.dumps(before))
    session, message = load_session(path)
    assert not message
    assert session.field == SavedPad(mode="map", axes=(3, 2))


def test_first_start_is_silent(tmp_path: Path) -> None:
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
    ],
)
def test_damaged_file_is_set_aside_and_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    session, message = load_session(path)
    assert session == SavedSession()
    assert "session.damaged.json" in message
    assert "\n" not in message
    assert (tmp_path / "session.damaged.json").read_bytes() == content
    assert not path.exists()


def test_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the folder"):
        save_session(tmp_path / "file" / "session.json", SESSION)
