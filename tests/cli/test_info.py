"""Audio files tell how they were made, and their patch renders the same samples again."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app import __version__
from synth_app.export.formats import FORMATS
from tests.cli.conftest import Command
from tests.session.sounds.recordings import noise, tone, write


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_printed_command_renders_the_same_samples(synth: Command, tmp_path: Path, suffix: str) -> None:
    path, options = tmp_path / f"made{suffix}", ("--bank", "bright", "--to", "dull", "--morph", 1 / 3)
    assert synth("render", "--model", "exact", *options, "--note", 55, "--velocity", 71, "--seconds", 0.3,
                 "--tail", 0.2, "--quality", "eco", "--out", path).status == 0  # fmt: skip
    told = synth("info", path)
    assert told.status == 0
    assert "quality eco" in told.out
    assert "parameters: Morph 33 %" in told.out, "as the window shows it"
    assert "note 55, velocity 71" in told.out
    command = shlex.split(told.out.splitlines()[-1].removeprefix("again: synth-app "))
    command[-1] = str(tmp_path / command[-1])
    done = synth(*command)
    assert (done.status, done.err) == (0, "")
    assert np.array_equal(soundfile.read(command[-1])[0], soundfile.read(path)[0])
    assert json.loads(synth("info", "--json", path).out)["key"]["note"] == 55


def test_a_sound_of_the_users_is_in_the_file(synth: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_APP_SOUNDS", str(tmp_path / "sounds"))
    synth("sounds", "add", write(tmp_path / "kazoo.wav", tone(57.0)))
    first, second = tmp_path / "a.wav", tmp_path / "b.wav"
    options = ("--note", 62, "--seconds", 0.3, "--bits", 32)
    assert synth("render", "--sound", "kazoo", "--model", "exact", *options, "--out", first).status == 0
    assert "slot A: kazoo" in synth("info", first).out
    synth("sounds", "remove", "kazoo")
    assert synth("render", "--preset", first, *options, "--out", second).status == 0
    assert np.array_equal(soundfile.read(first)[0], soundfile.read(second)[0])


def test_other_files_are_refused_in_one_line(synth: Command, tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.wav", noise())
    for arguments, said in (
        (("info", plain), "holds no patch"),
        (("info", tmp_path / "none.wav"), "does not exist"),
        (("render", "--preset", plain, "--out", tmp_path / "x.wav"), "holds no patch; add it as a sound instead"),
    ):
        done = synth(*arguments)
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert said in done.err


def test_keys_and_decimals_are_understood_as_in_the_window(synth: Command, tmp_path: Path) -> None:
    path = tmp_path / "made.wav"
    options = ("--model", "exact", "--note", "G3", "--seconds", "0,25", "--tail", "0.5", "--out", path)
    done = synth("render", *options)
    assert (done.status, done.err) == (0, "")
    assert json.loads(synth("info", "--json", path).out)["key"] == {
        "note": 55, "velocity": 100, "seconds": 0.25, "tail_seconds": 0.5, "ring_out": True,
    }  # fmt: skip
    for option, said in (
        ("--note", "'H3' is no key; give a MIDI key such as 60"),
        ("--seconds", "'H3' is no number; write one such as 0.5"),
    ):
        done = synth("render", "--model", "exact", option, "H3", "--out", path)
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert said in done.err


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "synth_app", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"synth-app {__version__}\n"
