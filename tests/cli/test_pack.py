"""Commands of packs and of trainings on own folders: export, info, import on a fresh home, train-folder."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.modelfile import read_card, save_model_file
from tests.cli.conftest import Command
from tests.modelfile.conftest import small_model
from tests.session.sounds.recordings import tone, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_DATA_HOME", "SYNTH_APP_SOUNDS", "SYNTH_APP_PRESETS", "SYNTH_APP_TRAININGS"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name.lower()))
    return tmp_path / "home"


def test_a_pack_moves_from_one_home_to_another(
    synth: Command, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "tiny.safetensors"
    save_model_file(model, small_model())
    assert synth("sounds", "add", write(tmp_path / "kazoo-060-100.wav", tone(60.0)), "--name", "Kazoo").status == 0
    pack = tmp_path / "mine.synthpack"
    options = ("--model", model, "--sound", "Kazoo", "--name", "Mine", "--licence", "CC0", "--author", "Ann")
    made = synth("pack", "export", pack, *options)
    assert (made.status, made.err) == (0, "")
    assert "3 files" in made.out
    told = synth("pack", "info", pack)
    assert "licence  CC0" in told.out
    assert "sound    Kazoo, 1 recording\n" in told.out
    assert json.loads(synth("pack", "info", pack, "--json").out)["author"] == "Ann"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(tmp_path / "other sounds"))
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path / "other models"))
    done = synth("pack", "import", pack)
    assert (done.status, done.err) == (0, "")
    assert "2 added, 0 were there already" in done.out
    assert read_card(tmp_path / "other models" / "tiny.safetensors").name == small_model().card.name
    assert "Kazoo" in synth("sounds", "list").out
    assert "0 added, 2 were there already" in synth("pack", "import", pack).out


def test_a_damaged_pack_is_refused(synth: Command, tmp_path: Path, home: Path) -> None:
    pack = tmp_path / "bad.synthpack"
    pack.write_bytes(b"PK\x03\x04" + bytes(100))
    done = synth("pack", "import", pack)
    assert done.status == 2
    assert "is not a pack" in done.err
    assert not list(home.rglob("*.safetensors"))


def test_a_blind_test_ends_with_a_p_value(synth: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "abx"

    def listen(text: str, **_: object) -> str:
        """Answer by the bytes of the file, as perfect ears would."""
        name = text.split()[0]
        return "a" if (out / name).read_bytes() == (out / "a.wav").read_bytes() else "b"

    monkeypatch.setattr("typer.prompt", listen)
    done = synth("abx", "exact", "exact16", "--out", out, "--trials", 8, "--seed", 1, "--key", 60)
    assert (done.status, done.err) == (0, "")
    assert "8 of 8 right. You hear the difference." in done.out
    names = sorted(path.name for path in out.iterdir())
    assert names == ["a.wav", "b.wav", *(f"x-{i:02d}.wav" for i in range(1, 9))]
    a, b = (soundfile.read(out / f"{side}.wav")[0] for side in "ab")
    assert np.abs(a).max() < 0.95
    rms = [np.sqrt(np.mean(sound[:40_000] ** 2)) for sound in (a, b)]
    assert abs(20 * np.log10(rms[0] / rms[1])) < 1.5  # equally loud
    monkeypatch.setattr("typer.prompt", lambda *_: "a")
    assert "No difference was shown" in synth("abx", "exact", "exact", "--out", tmp_path / "n", "--seed", 2).out
    assert synth("abx", "exact", "exact16", "--out", out).status == 2


def test_a_folder_with_problems_is_checked(synth: Command, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    write(folder / "kazoo-060-100.wav", tone(60.0))
    soundfile.write(folder / "kazoo-062-100.wav", np.zeros(16_000), 16_000)
    done = synth("dataset", "check", folder, "--jobs", 1)
    assert done.status == 2
    assert "silent: kazoo-062-100.wav: it is silent (peak: digital silence" in done.out
    assert "readable recordings: 1, 1 s, keys 60 to 60; problems: 1; files that cannot be used: 1" in done.out
    out = tmp_path / "notes"
    assert synth("dataset", "folder", folder, "--out", out, "--fix", "--licence", "CC0", "--jobs", 1).status == 0
    assert json.loads((out / "source.json").read_text())["licence"] == "CC0"
