"""The command line: bad use, bad files and missing packages end in one line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth_app.modelfile import FORMAT_VERSION, list_models
from tests.cli.conftest import Command
from tests.engine.conftest import SPECS, harmonic_tone

BAD_USE = {
    "no model": ["render", "--model", "nope", "--out", "{tmp}/x.wav"],
    "No such option": ["render", "--modl", "exact"],
    "Missing option": ["render", "--model", "exact"],
    "outside MIDI": ["render", "--model", "exact", "--note", "200", "--out", "{tmp}/x.wav"],
    "choose one of": ["render", "--model", "exact", "--rate", "12345", "--out", "{tmp}/x.wav"],
    "bits": ["render", "--model", "exact", "--bits", "8", "--out", "{tmp}/x.wav"],
    "takes 2": ["render", "--model", "exact", "--latent", "1,2,3", "--out", "{tmp}/x.wav"],
    "list of numbers": ["render", "--model", "exact", "--latent", "a,b", "--out", "{tmp}/x.wav"],
    "no note": ["render", "--model", "exact", "--bank", "tuba", "--out", "{tmp}/x.wav"],
    "outside 0": ["render", "--model", "exact", "--to", "bright", "--morph", "1.5", "--out", "{tmp}/x.wav"],
    "cannot be written; choose a name that ends with .wav or": [
        "render",
        "--model",
        "exact",
        "--out",
        "{tmp}/x.mp3",
    ],
    "has no suffix": ["resynth", "{tmp}/tone.wav", "--model", "exact", "--out", "{tmp}/x"],
    "is a folder": ["resynth", "{tmp}/tone.wav", "--model", "exact", "--out", "{tmp}/folder.wav"],
    "give only one of the two": [
        "render",
        "--model",
        "exact",
        "--midi",
        "{tmp}/x.mid",
        "--channel",
        "1",
        "--mpe",
        "--out",
        "{tmp}/x.wav",
    ],
    "folder that exists": ["render", "--model", "exact", "--out", "{tmp}/missing/x.wav"],
    "no phase method": ["resynth", "{tmp}/tone.wav", "--model", "exact", "--phase", "x", "--out", "{tmp}/x.wav"],
    "absent.wav": ["encode", "{tmp}/absent.wav", "--model", "exact", "--out", "{tmp}/z.npz"],
    ".npz": ["encode", "{tmp}/tone.wav", "--model", "exact", "--out", "{tmp}/z.txt"],
    "No such command": ["sing"],
}


@pytest.mark.parametrize("message", BAD_USE)
def test_bad_use_is_one_line_and_status_2(synth: Command, tmp_path: Path, message: str) -> None:
    soundfile.write(tmp_path / "tone.wav", harmonic_tone(SPECS[48_000], 200.0, 1.0), 48_000)
    (tmp_path / "folder.wav").mkdir()
    before = sorted(tmp_path.iterdir())
    done = synth(*(arg.format(tmp=tmp_path) for arg in BAD_USE[message]))
    assert done.status == 2
    assert message in done.err
    assert done.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def _bad_audio(folder: Path) -> dict[str, Path]:
    tone = harmonic_tone(SPECS[48_000], 200.0, 1.0)
    files = {name: folder / f"{name}.wav" for name in ("empty", "text", "nan", "truncated")}
    files["empty"].write_bytes(b"")
    files["text"].write_text("these are words")
    soundfile.write(files["nan"], np.where(np.arange(len(tone)) == 100, np.nan, tone), 48_000, subtype="FLOAT")
    soundfile.write(files["truncated"], tone, 48_000)
    files["truncated"].write_bytes(files["truncated"].read_bytes()[:20_000])
    return files


def test_bad_audio_is_refused_and_named(synth: Command, tmp_path: Path) -> None:
    out = tmp_path / "z.npz"
    out.write_bytes(b"precious")
    for path in _bad_audio(tmp_path).values():
        done = synth("encode", path, "--model", "exact", "--out", out)
        assert done.status == 2, path
        assert path.name in done.err
        assert out.read_bytes() == b"precious"


def test_damaged_foreign_and_newer_models_are_refused(synth: Command, model_folder: Path, tmp_path: Path) -> None:
    good = (model_folder / "exact.safetensors").read_bytes()
    cases = {
        "damaged": good[: len(good) // 2],
        "not a model file": b"x" * 1000,
        "newer": good.replace(f'"{{\\"format_version\\":{FORMAT_VERSION}'.encode(), b'"{\\"format_version\\":7'),
    }
    for message, content in cases.items():
        path = tmp_path / f"{message.split()[0]}.safetensors"
        path.write_bytes(content)
        done = synth("render", "--model", path, "--out", tmp_path / "x.wav")
        assert done.status == 2
        assert str(path) in done.err
        assert message in done.err or "damaged" in done.err
        assert not (tmp_path / "x.wav").exists()


def test_models_lists_damaged_files_with_their_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_folder: Path
) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"junk")
    monkeypatch.setenv("SYNTH_APP_MODELS", str(tmp_path))
    broken = {entry.path.stem: entry for entry in list_models()}["broken"]
    assert broken.card is None
    assert "not a model file" in broken.problem


def test_playing_needs_no_torch(model_folder: Path, tmp_path: Path) -> None:
    """Render, and import the window, while torch cannot be imported."""
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "import synth_app.app, synth_app.ui, synth_app.audio.process.main\n"
        "from synth_app.cli.main import main\n"
        f"sys.argv = ['synth-app', 'render', '--model', {str(model_folder / 'exact.safetensors')!r}, '--seconds',"
        f" '0.2', '--out', {str(tmp_path / 'x.wav')!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.wav").stat().st_size > 10_000


def test_train_without_torch_says_how_to_install_it(
    synth: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synth_app.training.train.find_spec", lambda name: None)
    done = synth("train", tmp_path, "--out", tmp_path / "m.safetensors")
    assert done.status == 2
    assert "synth-app[train]" in done.err


@pytest.mark.parametrize(("package", "arguments", "extra"), [("PIL", ("report", "r"), "train")])
def test_a_command_without_its_package_says_how_to_install_it(package: str, arguments: list[str], extra: str) -> None:
    script = (
        "import sys\n"
        f"sys.modules[{package!r}] = None\n"  # as if it were not installed
        "from synth_app.cli.main import main\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        f"synth-app: this command needs {package}, which is not installed; "
        f'install it: pip install "synth-app[{extra}]"\n'
    )


def test_a_missing_module_of_the_program_is_no_missing_extra() -> None:
    script = (
        "import sys\n"
        "sys.modules['synth_app.modelfile'] = None\n"
        "from synth_app.cli.main import main\n"
        "sys.argv[1:] = ['models']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
