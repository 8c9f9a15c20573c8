"""Python blocks of the README, the tutorials and CONTRIBUTING.md run as printed, a page's blocks one after another."""

import contextlib
import io
from pathlib import Path

import pytest

from synth_app.modelfile.catalog import DEFAULT_MODEL
from tests.docs.pages import DOCS, ROOT, blocks, name

_PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((DOCS / "tutorials").glob("*.md"))]


def _run(page: Path) -> str:
    printed, names = io.StringIO(), {"__name__": "__main__"}
    with contextlib.redirect_stdout(printed):
        for block in blocks(page):
            if block.language == "python" and "import" in block.text:  # others are excerpts
                exec(compile(block.text, str(page), "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("page", _PAGES, ids=name)
def test_python_blocks_run(page: Path) -> None:
    _run(page)


def test_readme_example_is_short_and_means_what_it_says() -> None:
    code = [block for block in blocks(ROOT / "README.md") if block.language == "python"]
    assert len(code) == 1
    assert len(code[0].text.strip().splitlines()) <= 10
    model, *_, error_db = _run(ROOT / "README.md").split()
    assert model == DEFAULT_MODEL
    assert float(error_db) < 12.0  # a bare sine is far from any trained note
