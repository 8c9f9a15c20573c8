"""Every link of a page, to a page, a heading or a file of the repository, has its target."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, hook, name, pages, prose

_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def _anchors(text: str) -> set[str]:
    """Anchors of the headings, as Python-Markdown's toc extension makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", re.sub(r"[`*]", "", heading)).strip().lower() for heading in headings]
    return {re.sub(r"[-\s]+", "-", heading) for heading in plain}


def _text_of(target: Path) -> str | None:
    """Text of a page of the repository or of a page that the site's hook makes; None where there is none."""
    if target.is_file():
        return target.read_text(encoding="utf-8") if target.suffix == ".md" else ""
    made = hook().PAGES.get(target.relative_to(DOCS).as_posix()) if target.is_relative_to(DOCS) else None
    return None if made is None else str(made())


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_have_targets(page: Path) -> None:
    for found in _LINK.finditer(prose(page.read_text(encoding="utf-8"))):
        target = found["target"]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.is_relative_to(ROOT), f"{target} leaves the repository"
        text = _text_of(aim)
        assert text is not None, f"no page or file {target}"
        assert not anchor or anchor in _anchors(text), f"no heading #{anchor} in {path or 'the page'}"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_named_sources_exist(page: Path) -> None:
    """Paths of modules in back quotes, such as `phase/sweep.py`, are files of the program."""
    for path in re.findall(r"`((?:[\w]+/)+[\w]+\.(?:py|md|toml))`", prose(page.read_text(encoding="utf-8"))):
        if "NNNN" not in path and "NAME" not in path:
            assert any((base / path).is_file() for base in (ROOT, ROOT / "synth_app", page.parent)), path


def test_documents_named_in_sources_exist() -> None:
    """Docstrings and comments that name a page of the documents name one that exists."""
    sources = [path for folder in ("synth_app", "tests", "scripts") for path in (ROOT / folder).rglob("*.py")]
    for source in [*sources, ROOT / "pyproject.toml", ROOT / "Makefile", ROOT / "mkdocs.yml"]:
        for path in re.findall(r"\bdocs/[\w./-]+\.md", source.read_text(encoding="utf-8")):
            assert (ROOT / path).is_file(), f"{source.relative_to(ROOT)} names {path}"
