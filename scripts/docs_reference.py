"""MkDocs hook: write the reference pages from the program itself while the site is built.

The command line, the parameter table and the modulation tables each have one source in ``synth_app``. The pages are
made from it at build time, so no copy of them is in the repository. ``mkdocs.yml`` names this file under ``hooks``.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from typer.main import get_command

ROOT = Path(__file__).parents[1]
DECISIONS = "decisions"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace the navigation entry ``decisions/`` by one entry for each decision record."""
    records = [{_title(path): f"{DECISIONS}/{path.name}"} for path in decision_records()]
    for entry in config.nav or []:
        if isinstance(entry, dict) and entry.get("Decisions") == f"{DECISIONS}/":
            entry["Decisions"] = [f"{DECISIONS}/index.md", *records]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for uri, page in PAGES.items():
        files.append(File.generated(config, uri, content=page()))
    return files


def decision_records() -> list[Path]:
    """Return the decision records in the order of their numbers."""
    return sorted((ROOT / "docs" / DECISIONS).glob("[0-9]*.md"))


def cli_page() -> str:
    """Return the page of every command with its arguments and options."""
    from synth_app.cli.main import app

    parts = ["# Command line", "Every command prints the same text with `--help`."]
    for name, command in commands(get_command(app)):
        parts += [f"## `{name}`" if name else "## `synth-app`", _sentence(command.help or ""), *_usage(name, command)]
    return "\n\n".join(parts) + "\n"


def commands(command: Any, name: str = "synth-app") -> Iterator[tuple[str, Any]]:
    """Yield (full name, command) of a command and of all that lie below it; hidden ones are left out."""
    if not getattr(command, "hidden", False):
        yield name, command
        for sub, child in getattr(command, "commands", {}).items():
            yield from commands(child, f"{name} {sub}")


def _usage(name: str, command: Any) -> list[str]:
    params = [p for p in command.params if not getattr(p, "hidden", False) and p.name != "help"]
    words = [p.metavar or p.name.upper() for p in params if type(p).__name__ == "TyperArgument"]
    words = [name, "COMMAND" if getattr(command, "commands", None) else "", "[OPTIONS]", *words]
    rows = [(_flags(p), _default(p), _sentence(p.help or "")) for p in params]
    usage = "```text\n" + " ".join(word for word in words if word) + "\n```"
    return [usage, _table(("argument or option", "default", "meaning"), rows)] if rows else [usage]


def _flags(param: Any) -> str:
    if type(param).__name__ == "TyperArgument":
        return f"`{param.metavar or param.name.upper()}`"
    flags = ", ".join(f"`{flag}`" for flag in (*param.opts, *param.secondary_opts))
    return flags + (" (repeatable)" if param.multiple else "")


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if param.default is None or param.default is False or param.default in ("", (), []):
        return ""
    return f"`{param.default}`"


def parameters_page() -> str:
    """Return the page of the parameter table, one section a group."""
    from synth_app.params import PARAMS

    parts = [
        "# Parameters",
        textwrap.dedent("""\
            Every sound parameter, from `synth_app/params`. Presets and sessions name a parameter by its key.
            *Curve* is the scale of its control: `linear`, `log`, or `steps` for whole numbers. *Smoothing* is the
            time constant with which the engine follows a change; 0 means that a note reads the value itself.
            Double-click a control, or press Delete, to set the default."""),
    ]
    for group in dict.fromkeys(spec.group for spec in PARAMS):
        rows = [
            (f"`{s.name}`", s.label, f"{s.minimum:g} to {s.maximum:g} {s.unit}".strip(), f"{s.default:g}", s.curve,
             f"{s.smoothing_ms:g} ms", s.help + (f" Choices: {', '.join(s.choices)}." if s.choices else ""))
            for s in PARAMS if s.group == group
        ]  # fmt: skip
        head = ("key", "label", "range", "default", "curve", "smoothing", "meaning")
        parts += [f"## {group.capitalize()}", _table(head, rows)]
    return "\n\n".join(parts) + "\n"


def modulation_page() -> str:
    """Return the page of modulation sources, targets, LFO shapes and note values."""
    from synth_app.params.note_values import NOTE_BEATS
    from synth_app.patch import modulation_matrix as matrix

    sources = [(f"`{s.name}`", s.label, "-1 to 1" if s.bipolar else "0 to 1", s.help) for s in matrix.MOD_SOURCES]
    targets = [
        (f"`{t.name}`", t.label, f"±{t.reach:g} {t.unit}".strip(), t.help)
        for t in (*matrix.MOD_TARGETS, matrix.mod_target("z1"))
    ]
    low, high = matrix.LFO_RATE_HZ
    return "\n\n".join((
        "# Modulation",
        "A connection adds `amount * source * via` to its target, for every voice and frame, in the target's unit.\n"
        f"A patch has {matrix.LFOS} LFOs, {matrix.ENVELOPES} envelopes and at most {matrix.MAX_CONNECTIONS} "
        "connections.",
        "## Sources", _table(("key", "label", "range", "meaning"), sources),
        "## Targets",
        "Latent dimensions are called `z1`, `z2`, ... up to the size of the model's latent space. Macros also move\n"
        "every [parameter](parameters.md) that is not in this table, by a fraction of its range.",
        _table(("key", "label", "largest amount", "meaning"), targets),
        "## LFOs",
        f"Shapes: {', '.join(matrix.LFO_SHAPES)}. Rates: {low:g} to {high:g} Hz, or one cycle per note value:\n"
        f"{', '.join(NOTE_BEATS)} (`.` dotted, `t` triplet).",
    )) + "\n"  # fmt: skip


def decisions_page() -> str:
    """Return the list of decision records."""
    rows = [(f"[{_title(path)}]({path.name})",) for path in decision_records()]
    intro = "Each record has the context, the decision and its consequence. Newer records win over older ones."
    return f"# Decisions\n\n{intro}\n\n" + _table(("record",), rows) + "\n"


def _root_page(name: str) -> Callable[[], str]:
    def page() -> str:
        text = (ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](")
        return text.replace("](CHANGELOG.md", "](changelog.md").replace("](CONTRIBUTING.md", "](contributing.md")

    return page


def _title(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _sentence(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text.strip()).replace("|", "\\|").replace("<", "&lt;")


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


PAGES: dict[str, Callable[[], str]] = {
    "reference/cli.md": cli_page,
    "reference/parameters.md": parameters_page,
    "reference/modulation.md": modulation_page,
    f"{DECISIONS}/index.md": decisions_page,
    "contributing.md": _root_page("CONTRIBUTING.md"),
    "changelog.md": _root_page("CHANGELOG.md"),
}
