"""Commands of the user's sounds: add, list, render at other keys, export and remove."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.evaluation.metrics.pitch import estimate_pitch
from tests.cli.conftest import Command
from tests.session.sounds.recordings import noise, tone, write


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(folder))
    return folder


def test_a_recording_plays_in_tune_at_another_key(synth: Command, tmp_path: Path, own_folder: Path) -> None:
    source = write(tmp_path / "kazoo.wav", tone(57.3))
    added = synth("sounds", "add", source, "--name", "My Kazoo")
    assert (added.status, added.out.splitlines()[0]) == (0, "my-kazoo: My Kazoo")
    assert "key  57.3" in added.out
    out = tmp_path / "x.wav"
    options = ("--model", "exact", "--seconds", 0.8, "--tail", 0.2, "--out", out)
    done = synth("render", "--sound", "kazoo", "--note", 64, *options)
    assert (done.status, done.err) == (0, "")
    samples, rate = soundfile.read(out, dtype="float32")
    heard = estimate_pitch(samples.mean(axis=1), rate)
    assert heard == pytest.approx(64.0, abs=0.1)
    assert str(own_folder) in synth("paths").out


def test_a_sound_without_pitch_is_the_same_at_every_key(synth: Command, tmp_path: Path) -> None:
    added = synth("sounds", "add", write(tmp_path / "snare.wav", noise()), "--key", "none")
    assert "no pitch" in added.out
    rendered = []
    for key in (36, 60, 84):
        out = tmp_path / f"{key}.wav"
        assert synth("render", "--sound", "snare", "--model", "exact", "--note", key, "--seconds", 0.3, "--bits", 32,
                     "--out", out).status == 0  # fmt: skip
        rendered.append(soundfile.read(out, dtype="float32")[0])
    assert np.abs(rendered[0]).max() > 0.005
    assert np.array_equal(rendered[0], rendered[1])
    assert np.array_equal(rendered[0], rendered[2])


def test_list_export_and_remove(synth: Command, tmp_path: Path, own_folder: Path) -> None:
    low, high = (write(tmp_path / f"cello-{key:03d}-090.wav", tone(key)) for key in (48, 67))
    synth("sounds", "add", low, high)
    listed = synth("sounds", "list")
    assert "cello-048-090" in listed.out
    assert "2 recordings" in listed.out
    assert listed.out.endswith("1 sound\n")
    (entry,) = json.loads(synth("sounds", "list", "--json").out)
    assert [each["velocity"] for each in entry["recordings"]] == [90, 90]
    assert synth("sounds", "export", "cello", "--out", tmp_path / "out").status == 0
    copies = sorted((tmp_path / "out" / entry["key"]).glob("*.wav"))
    assert [each.read_bytes() for each in copies] == [low.read_bytes(), high.read_bytes()]
    assert synth("sounds", "remove", "cello").status == 0
    assert "0 sounds; add one" in synth("sounds", "list").out
    assert low.exists()


@pytest.mark.parametrize(("key", "pitch"), [("C3", 48.0), ("f#3", 54.0), ("Bb2", 46.0), ("60,5", 60.5), ("61", 61.0)])
def test_a_key_is_a_number_or_a_name(synth: Command, tmp_path: Path, key: str, pitch: float) -> None:
    assert synth("sounds", "add", write(tmp_path / "cello.wav", tone(pitch)), "--key", key).status == 0
    (entry,) = json.loads(synth("sounds", "list", "--json").out)
    assert entry["recordings"][0]["pitch"] == pitch


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "{noise}", "{tone}"), "no clear pitch"),
        (("add", "{tone}", "{noise}", "--key", "60"), "key of one recording"),
        (("add", "{tone}", "--key", "200"), "outside MIDI 0-127"),
        (("add", "{tone}", "--key", "high"), "give a MIDI key"),
        (("add", "{tone}", "--key", "C12"), "give a MIDI key"),
        (("add", "{short}"), "short.wav lasts 10 ms; a recording needs at least 50 ms"),
        (("add", "{folder}"), "no regular file"),
        (("remove", "nothing"), "no sound 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    synth: Command, tmp_path: Path, own_folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    places = {"noise": write(tmp_path / "n.wav", noise()), "tone": write(tmp_path / "t.wav", tone(60)),
              "short": write(tmp_path / "short.wav", tone(60)[:480]), "folder": tmp_path}  # fmt: skip
    done = synth("sounds", *(each.format(**places) for each in arguments))
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert said in done.err
    assert not own_folder.exists() or not list(own_folder.iterdir())
