"""The site builds in strict mode, loads nothing from the network, and has the generated pages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from synth_app.params import PARAMS
from synth_app.patch.modulation_matrix import MOD_SOURCES, MOD_TARGETS
from tests.docs.pages import DOCS, ROOT, hook

_LOADED = re.compile(
    r"<(?:script|img|source|audio|iframe)[^>]*\ssrc=\"?(https?:)?//|<link[^>]*stylesheet[^>]*(https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    sources = [page.relative_to(DOCS) for page in DOCS.rglob("*.md")]
    sources += [Path(uri) for uri in hook().PAGES]
    for source in sources:
        folder = source.parent if source.stem == "index" else source.with_suffix("")
        assert (site / folder / "index.html").is_file(), source


def test_nothing_is_loaded_from_the_network(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert not _LOADED.search(page.read_text(encoding="utf-8")), page
    assert "@import url(http" not in "".join(sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css"))


def test_python_reference_comes_from_docstrings(site: Path) -> None:
    text = (site / "reference" / "python" / "index.html").read_text(encoding="utf-8")
    assert "Load a model by file path or by name" in text


def test_parameter_and_modulation_pages_are_complete() -> None:
    parameters, modulation = hook().parameters_page(), hook().modulation_page()
    assert all(f"`{spec.name}`" in parameters and spec.help in parameters for spec in PARAMS)
    names = [source.name for source in MOD_SOURCES] + [target.name for target in MOD_TARGETS]
    assert all(f"`{name}`" in modulation for name in names)


def test_every_record_is_listed() -> None:
    page = hook().decisions_page()
    records = hook().decision_records()
    assert len(records) > 20
    numbers = [record.name[:4] for record in records]
    assert numbers == sorted(set(numbers))  # each only once; numbers may be left out
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert record.name[:4].isdecimal()
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequence")), record.name
        assert record.name in page
