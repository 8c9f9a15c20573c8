"""The documents that the tests of this folder look at, and the code blocks in them."""

import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN_BY_PROGRAM = {DOCS / "study.md"}  # `synth-app report --docs` writes it from measured cells
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block: its page, language and text without the indentation of a list."""

    page: Path
    language: str
    text: str


def pages() -> list[Path]:
    """Return every Markdown page: those of the repository's root and those of the site."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def name(page: Path) -> str:
    """Return a page's path from the root, for test ids."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Return the fenced code blocks of a page."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [
        Block(page, each["language"], re.sub(rf"^{each['indent']}", "", each["text"], flags=re.MULTILINE))
        for each in found
    ]


def prose(text: str) -> str:
    """Return the text of a page with its code blocks blanked, so that line numbers stay."""
    return _FENCE.sub(lambda block: "\n" * block[0].count("\n"), text)


@cache
def hook() -> ModuleType:
    """Return the module that makes the generated pages."""
    spec = importlib.util.spec_from_file_location("docs_reference", ROOT / "scripts" / "docs_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
