"""Figures of the source tree's structure: ``python -m tests.structure [FOLDER]`` prints them for a checkout.

It counts files per folder, import circles between files (type-checking imports included), methods of classes, and
replaced terms that are left in identifiers.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "synth_app"
# Words that the field's own terms replaced, where they stand alone or as a part of a snake_case or CamelCase name.
PRIVATE_WORDS = (
    *(
        "told",
        "keyed",
        "rig",
        "desk",
        "gesture",
        "travel",
        "bonds",
        "wander",
        "kinship",
        "headstart",
        "shelf",
        "keeper",
    ),
    *("burn", "levers", "lever", "refit", "calm", "dice", "modulating", "voicing", "polyphony"),
)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True)
class Structure:
    """Figures of one checkout.

    Attributes:
        files: modules per folder, by the folder's path.
        circles: groups of files that import each other in a loop.
        methods: methods per class, by ``module:Class``.
        words: how often each of ``PRIVATE_WORDS`` occurs in identifiers.
    """

    files: dict[str, int]
    circles: tuple[tuple[str, ...], ...]
    methods: dict[str, int]
    words: dict[str, int]


def measure(root: Path) -> Structure:
    """Measure the package below ``root``."""
    trees = {_module(path, root): ast.parse(path.read_text("utf-8")) for path in sorted((root / PACKAGE).rglob("*.py"))}
    files = Counter(str(path.parent.relative_to(root)) for path in (root / PACKAGE).rglob("*.py"))
    imports = {name: set(_imports(tree, set(trees))) - {name} for name, tree in trees.items()}
    methods = {
        f"{name}:{node.name}": sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    words = Counter(
        word
        for tree in trees.values()
        for identifier in _identifiers(tree)
        for word in {part.lower() for part in _PART.findall(identifier)} & set(PRIVATE_WORDS)
    )
    return Structure(dict(files), _circles(imports), methods, dict(words))


def _module(path: Path, root: Path) -> str:
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    return name.removesuffix(".__init__")


def _imports(tree: ast.Module, modules: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in modules or node.module in modules:
                    yield inner if inner in modules else node.module


def _circles(imports: dict[str, set[str]]) -> tuple[tuple[str, ...], ...]:
    """Strongly connected components of more than one file (Tarjan 1972, here by repeated reachability)."""
    reached = {name: _reachable(imports, name) for name in imports}
    groups = {tuple(sorted(b for b in reached[a] if a in reached[b])) for a in imports if a in reached[a]}
    return tuple(sorted(groups))


def _reachable(imports: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(imports[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(imports[name])
    return found


def _identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name


def main() -> None:
    """Print the figures."""
    found = measure(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
    folder, most = max(found.files.items(), key=lambda each: each[1])
    name, methods = max(found.methods.items(), key=lambda each: each[1])
    print(f"files per folder, at most: {most} ({folder}); folders: {len(found.files)}")
    print(f"import circles between files: {len(found.circles)}")
    print(f"most methods in a class: {methods} ({name})")
    left = ", ".join(f"{word} {n}" for word, n in sorted(found.words.items(), key=lambda each: -each[1]))
    print(f"private words in identifiers: {sum(found.words.values())} ({left or 'none'})")


if __name__ == "__main__":
    main()
