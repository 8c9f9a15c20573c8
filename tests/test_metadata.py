"""What package indexes, desktops and readers learn about the program agrees with the program."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from synth_app import __version__
from synth_app.session.presets.library import FACTORY_FOLDER

ROOT = Path(__file__).parents[1]
DESKTOP = ROOT / "assets" / "desktop"


@pytest.fixture(scope="module")
def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def workflow() -> Any:
    return yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("CITATION.cff", r"^version: (.+)$"),
        ("assets/desktop/local.synth_app.synth_app.metainfo.xml", r'<release version="(.+?)"'),
    ],
)
def test_each_file_names_the_programs_version(file: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
    assert found is not None
    assert found[1] == __version__


def test_four_python_versions_on_three_systems(project: Any) -> None:
    jobs = workflow()["jobs"]
    versions = {line.rpartition(" ")[2] for line in project["classifiers"] if re.search(r":: 3\.\d+$", line)}
    for job in ("linux", "macos-windows"):
        assert set(jobs[job]["strategy"]["matrix"]["python"]) == versions
    assert len(versions) == 4
    systems = {jobs["linux"]["runs-on"], *jobs["macos-windows"]["strategy"]["matrix"]["system"]}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}
    assert set(jobs["app-folder"]["strategy"]["matrix"]["system"]) == systems


def test_the_desktop_files_are_valid() -> None:
    checks = (
        ("desktop-file-validate", str(DESKTOP / "synth-app.desktop")),
        ("appstreamcli", "validate", "--no-net", str(DESKTOP / "local.synth_app.synth_app.metainfo.xml")),
    )
    for command in checks:
        assert shutil.which(command[0]), "missing: apt-get install desktop-file-utils appstream"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_desktop_entry_starts_a_program_that_is_installed(project: Any) -> None:
    entry = dict(line.split("=", 1) for line in (DESKTOP / "synth-app.desktop").read_text().splitlines() if "=" in line)
    assert {entry["Exec"], entry["TryExec"]} <= {*project["scripts"], *project["gui-scripts"]}
    assert (ROOT / "assets" / "app-icon" / f"{entry['Icon']}.svg").is_file()


def test_the_description_counts_the_presets() -> None:
    text = (DESKTOP / "local.synth_app.synth_app.metainfo.xml").read_text()
    assert f"Browse {len(list(FACTORY_FOLDER.glob('*.json')))} presets" in text


@pytest.mark.parametrize(
    ("suffix", "sides"), [("png", {256}), ("ico", {16, 24, 32, 48, 64, 128, 256}), ("icns", {512})]
)
def test_app_icons_of_each_system(suffix: str, sides: set[int]) -> None:
    with Image.open(ROOT / "assets" / "app-icon" / f"synth-app.{suffix}") as image:
        found = image.info.get("sizes", {image.size})
        assert sides <= {size[0] for size in found}
        assert image.getchannel("A").getextrema() == (0, 255), "a picture on a transparent ground"
