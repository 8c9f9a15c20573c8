"""The source distribution builds a wheel that has everything and renders, installed away from the checkout."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import soundfile

ROOT = Path(__file__).parents[1]


def run(command: Sequence[str | Path], folder: Path, timeout_s: float = 60, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=timeout_s,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the unpacked source distribution."""
    folder = tmp_path_factory.mktemp("build")
    run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], ROOT)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (source,) = (each for each in folder.iterdir() if each.is_dir())
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], source)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel; the packages it needs are those of the tests."""
    folder = tmp_path_factory.mktemp("installed ü")
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--target", str(folder)]
    run([sys.executable, "-m", "pip", "install", *options, wheel], folder)
    return folder


def program(installed: Path, *arguments: str | Path, timeout_s: float = 60) -> str:
    """Run the installed program and return what it prints; the checkout is not on its path."""
    command = [sys.executable, "-P", "-m", "synth_app.cli", *arguments]
    own = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(installed / "cache"), "XDG_DATA_HOME": str(installed)}
    return run(command, installed, timeout_s, **own)


def test_the_wheel_has_every_file_of_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        inside = {name for name in file.namelist() if not name.startswith("synth_app-")}  # metadata
    package = {path.relative_to(ROOT) for path in (ROOT / "synth_app").rglob("*") if path.is_file()}
    shipped = {
        Path("synth_app") / path.relative_to(ROOT)
        for folder in ("assets", "models")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    wanted = {path.as_posix() for path in package | shipped if "__pycache__" not in path.parts}
    assert inside == wanted


def test_the_installed_program_has_all_models_and_presets(installed: Path) -> None:
    models = json.loads(program(installed, "models", "--json"))
    assert {Path(each["file"]) for each in models} == set((installed / "synth_app" / "models").iterdir())
    assert {each["name"] for each in models} == {path.stem for path in (ROOT / "models").iterdir()}
    presets = json.loads(program(installed, "presets", "list", "--json"))
    assert {Path(each["file"]).name for each in presets} == {p.name for p in (ROOT / "assets" / "presets").iterdir()}


def test_the_installed_program_renders(installed: Path) -> None:
    out = installed / "note.wav"
    options = ("--model", "pca-16k", "--note", "69", "--seconds", "0.5", "--tail", "0.1")
    program(installed, "render", *options, "--out", out, timeout_s=600)  # compiles kernels
    samples, rate = soundfile.read(out)
    assert rate == 48_000
    assert samples.shape == (round(0.6 * rate), 2)
    assert abs(samples).max() > 0.05


def test_an_installation_without_models_names_the_folders(installed: Path) -> None:
    models = installed / "synth_app" / "models"
    hidden = models.rename(models.with_name("hidden"))
    try:
        with pytest.raises(AssertionError, match="no model file") as caught:
            program(installed, "models")
    finally:
        hidden.rename(models)
    assert str(models) in str(caught.value)
