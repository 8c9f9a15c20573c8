"""Commands for presets: list, export, import, sheet."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.help import PlainCommand
from synth_app.cli.progress import progress_bar
from synth_app.decoder import load_model
from synth_app.modelfile import find_model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session.presets.library import PresetEntry, PresetLibrary, Query
from synth_app.session.state.preset import SUFFIX, read_preset, write_preset
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.export.auditions.contact_sheet import Finding

app = typer.Typer(help="List, exchange and audition presets.", rich_markup_mode=None, no_args_is_help=True)

SearchArgument = Annotated[str, typer.Argument(metavar="[WORDS]", help="Words in name, tags, category, author, model.")]
CategoryOption = Annotated[str, typer.Option("--category", metavar="CATEGORY", help="Only presets of this category.")]


@app.command("list", cls=PlainCommand)
def list_presets(
    words: SearchArgument = "",
    category: CategoryOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """List all presets: factory presets and your own."""
    library = PresetLibrary()
    found = library.search(Query(words, category))
    if as_json:
        typer.echo(json.dumps([{"key": e.key, "file": str(e.path), **e.preset.model_dump()} for e in found], indent=2))
        return
    for entry in found:
        preset = entry.preset
        typer.echo(f"{preset.category:11} {preset.name:24} {entry.key:34} {' '.join(preset.tags)}")
    typer.echo(f"{len(found)} presets")
    for problem in library.problems:
        typer.echo(problem, err=True)


@app.command("export", cls=PlainCommand)
def export_preset(
    name: Annotated[str, typer.Argument(metavar="PRESET", help="Name or key of the preset.")],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="File (.json) or folder to write.")] = Path(),
) -> None:
    """Copy a preset to a file."""
    entry = PresetLibrary().named(name)
    target = out / entry.path.name if out.is_dir() else out
    if target.suffix != SUFFIX:
        raise UserError(f"{target}: presets are {SUFFIX} files; choose a name that ends with {SUFFIX}, or a folder")
    write_preset(target, entry.preset)
    typer.echo(f"{target}: {entry.preset.name}")


@app.command("import", cls=PlainCommand)
def import_presets(files: Annotated[list[Path], typer.Argument(metavar="FILE.json", help="Preset files.")]) -> None:
    """Import preset files to your own presets; none of them if one is damaged."""
    library = PresetLibrary()
    for preset in [read_preset(path) for path in files]:
        typer.echo(f"{library.add(preset).key}: {preset.name}")


@app.command("sheet", cls=PlainCommand)
def sheet(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for index.html, audio and pictures.")],
    words: SearchArgument = "",
    category: CategoryOption = "",
    model: Annotated[str, typer.Option("--model", metavar="MODEL", help="Model that plays them.")] = DEFAULT_MODEL,
    own: Annotated[bool, typer.Option("--own", help="Include your own presets, not only factory presets.")] = False,
    level: Annotated[
        bool,
        typer.Option(
            "--normalize-loudness",
            help="Write gains that make all presets equally loud, with --macros at both ends of each macro.",
        ),
    ] = False,
    macros: Annotated[bool, typer.Option("--macros", help="Measure what each named macro changes, too.")] = False,
) -> None:
    """Render presets to a page with players and spectrograms; measure their loudness and their differences.

    The exit status is 1 if a preset is too loud, too quiet or too similar to another, if it clips, or if a macro is not
    heard or changes the loudness.
    """
    from synth_app.export.auditions.contact_sheet import write_contact_sheet

    path = find_model(model)
    found = _shipped(PresetLibrary().search(Query(words, category)), own=own)
    with BlasThreadLimit(), progress_bar("presets") as report_progress:
        findings = write_contact_sheet(
            found, load_model(path), path, out, level=level, macros=macros, progress=report_progress
        )
    problems = sum(_print_finding(finding) for finding in findings)
    loudness = [finding.loudness_lufs for finding in findings]
    typer.echo(f"{len(findings)} presets within {max(loudness) - min(loudness):.1f} LU, {problems} problems")
    typer.echo(f"{out / 'index.html'}")
    if problems:
        raise typer.Exit(1)


def _print_finding(finding: "Finding") -> int:
    """Print the measures of one preset; return the number of its problems."""
    typer.echo(
        f"{finding.name:24} {finding.loudness_lufs:6.1f} LUFS  peak {finding.peak_db:5.1f} dB  "
        f"{finding.distance_db:5.1f} dB from {finding.nearest}"
    )
    for turned in finding.macros:
        typer.echo(f"  {turned.name:16} changes {turned.change_db:5.1f} dB, loudness {turned.level_change_lu:+5.1f} LU")
    problems = finding.problems()
    for problem in problems:
        typer.echo(f"  {problem}")
    return len(problems)


def _shipped(entries: tuple[PresetEntry, ...], *, own: bool) -> tuple[PresetEntry, ...]:
    return entries if own else tuple(entry for entry in entries if entry.factory)
