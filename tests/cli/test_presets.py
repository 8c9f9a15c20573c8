"""Preset commands: list, export, import, render, and the contact sheet with loudness normalization."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.decoder import load_model
from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.params import MACROS
from synth_app.patch import NoteOff, NoteOn, Patch
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import Preset, read_preset, write_preset
from synth_app.session.presets.preset_capture import capture_preset
from tests.cli.conftest import Command
from tests.engine.helpers import play


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "own"
    monkeypatch.setenv("SYNTH_APP_PRESETS", str(folder))
    return folder


@pytest.fixture
def preset_file(model_folder: Path, tmp_path: Path) -> Path:
    """A preset of the exact model, soft and half-way between its notes, with a macro that makes it duller."""
    model = load_model(model_folder / "exact.safetensors")
    patch = Patch("x", 0, 1, (0.0,) * model.card.latent_size).with_param("morph", 0.3).with_param("gain_db", -12)
    patch = replace(
        patch,
        modulation=Modulation(connections=(Connection("macro1", "tilt", -4.0),)),
        macro_names=("Softer", *[""] * (len(MACROS) - 1)),
    )
    path = tmp_path / "half.json"
    write_preset(path, capture_preset(patch, model, Preset(name="Half Way", a="", category="lead", tags=("odd",))))
    return path


def test_list_import_export(synth: Command, preset_file: Path, own_folder: Path, tmp_path: Path) -> None:
    assert synth("presets", "import", preset_file).out.startswith("user/half-way: Half Way")
    listed = synth("presets", "list", "half")
    assert "Half Way" in listed.out
    assert "1 presets" in listed.out
    found = json.loads(synth("presets", "list", "--json").out)
    assert len(found) > 60
    assert {"user/half-way"} == {each["key"] for each in found if each["category"] == "lead" and "odd" in each["tags"]}
    out = tmp_path / "away.json"
    assert synth("presets", "export", "half way", "--out", out).status == 0
    assert read_preset(out) == read_preset(preset_file)
    wrong = synth("presets", "export", "half way", "--out", tmp_path / "away.txt")
    assert (wrong.status, "choose a name" in wrong.err) == (2, True)


def test_a_damaged_file_is_refused_with_all_others(synth: Command, preset_file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    done = synth("presets", "import", preset_file, bad)
    assert (done.status, "bad.json" in done.err) == (2, True)
    assert "0 presets" in synth("presets", "list", "half way").out


def test_render_plays_a_preset(synth: Command, preset_file: Path, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "note.wav"
    done = synth("render", "--preset", preset_file, "--seconds", 0.5, "--tail", 0.3, "--bits", 32, "--out", out)
    assert (done.status, done.err) == (0, ""), "its own model is found by its name"
    written = soundfile.read(out, dtype="float32", always_2d=True)[0]
    patch = Patch(str(model_folder / "exact.safetensors"), 0, 1).with_param("morph", 0.3).with_param("gain_db", -12)
    played = play(patch, (0.0, NoteOn(60, 100)), (0.5, NoteOff(60)), seconds=0.8)
    assert np.sqrt(np.mean(written**2)) == pytest.approx(np.sqrt(np.mean(played**2)), rel=0.05)
    elsewhere = synth(
        "render", "--preset", preset_file, "--model", "exact16", "--seconds", 0.1, "--tail", 0, "--out", out
    )
    assert elsewhere.status == 0
    assert "made for" in elsewhere.err


def test_render_needs_something_to_play(synth: Command, preset_file: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "note.wav")
    for options, said in (
        (("--preset", preset_file, "--bank", "dull"), "leave out --bank"),
        (("--preset", "theremin of doom"), "presets list"),
    ):
        done = synth("render", *options, *out)
        assert done.status == 2
        assert said in done.err


def test_sheet_levels_and_shows_presets(synth: Command, preset_file: Path, own_folder: Path, tmp_path: Path) -> None:
    """The loudness is far from the target until --normalize-loudness writes the gain."""
    synth("presets", "import", preset_file)
    out = tmp_path / "sheet"
    before = synth("presets", "sheet", out, "half way", "--own", "--model", "exact")
    assert before.status == 1
    assert "is not within" in before.out
    after = synth("presets", "sheet", out, "half way", "--own", "--model", "exact", "--normalize-loudness")
    assert (after.status, "0 problems" in after.out) == (0, True)
    assert read_preset(own_folder / "half-way.json").params["gain_db"] != -12
    audio, rate = soundfile.read(out / "user-half-way.wav", dtype="float32", always_2d=True)
    assert rate == 48_000
    assert integrated_loudness(audio) == pytest.approx(-26, abs=0.3)
    assert np.abs(audio[-4:]).max() < 1e-4  # a long tail is cut without a click
    page = (out / "index.html").read_text()
    assert "Half Way" in page
    assert 'src="user-half-way.wav"' in page
    for name in ("sheet-lead.png", "user-half-way.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    assert json.loads((out / "sheet.json").read_text())[0]["name"] == "Half Way"
    assert "Softer" not in after.out
    gain = read_preset(own_folder / "half-way.json").params["gain_db"]
    moved = synth("presets", "sheet", out, "half way", "--own", "--model", "exact", "--normalize-loudness", "--macros")
    assert (moved.status, "Softer" in moved.out) == (0, True), moved.out
    (macro,) = json.loads((out / "sheet.json").read_text())[0]["macros"]
    assert abs(macro["level_change_lu"]) < 0.5
    assert macro["change_db"] > 1.25
    assert read_preset(own_folder / "half-way.json").params["gain_db"] == gain
