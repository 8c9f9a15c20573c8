"""How pages are set: lines wrap at 100 characters, paragraphs have six lines at most, the README fits three screens."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, WRITTEN_BY_PROGRAM, name, pages, prose

_WIDTH, _PARAGRAPH, _README = 100, 6, 120
_OTHER = re.compile(r"\s*(\||#|>|!\[|\[[^\]]+\]:|:::)")  # tables, headings, quotes, pictures, link targets, directives
_ITEM = re.compile(r"\s*([-*]|\d+\.) ")


def _lines(page: Path) -> list[str]:
    return prose(page.read_text(encoding="utf-8")).splitlines()


@pytest.mark.parametrize("page", [page for page in pages() if page not in WRITTEN_BY_PROGRAM], ids=name)
def test_lines_wrap(page: Path) -> None:
    long = [line for line in _lines(page) if len(line) > _WIDTH and not _OTHER.match(line)]
    assert long == []


@pytest.mark.parametrize("page", [page for page in pages() if page not in WRITTEN_BY_PROGRAM], ids=name)
def test_paragraphs_are_short(page: Path) -> None:
    length = 0
    for line in _lines(page):
        inside = bool(line.strip()) and not _OTHER.match(line)
        length = (1 if _ITEM.match(line) else length + 1) if inside else 0
        assert length <= _PARAGRAPH, f"a paragraph of more than {_PARAGRAPH} lines ends with: {line}"


def test_readme_fits_three_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= _README
