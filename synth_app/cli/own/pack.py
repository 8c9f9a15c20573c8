"""Commands for packs: export, import, info."""

import json
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.help import PlainCommand
from synth_app.modelfile import find_model
from synth_app.session.packs import (
    Libraries,
    PackContent,
    PackTexts,
    absent_models,
    checked_pack,
    export_pack,
    import_pack,
)
from synth_app.session.presets.library import PresetLibrary
from synth_app.session.sounds.sound_library import SoundLibrary
from synth_app.support.loading import shown

app = typer.Typer(help="Share models, sounds and presets as one file.", rich_markup_mode=None, no_args_is_help=True)

PackArgument = Annotated[Path, typer.Argument(metavar="FILE.synthpack", help="The pack.")]


# Typer makes one option of every parameter, so commands have more than eight parameters.
@app.command("export", cls=PlainCommand)
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT.synthpack", help="File to write.")],
    model: Annotated[list[str] | None, typer.Option("--model", metavar="MODEL", help="A model; repeatable.")] = None,
    sound: Annotated[list[str] | None, typer.Option("--sound", metavar="SOUND", help="A sound; repeatable.")] = None,
    preset: Annotated[
        list[str] | None, typer.Option("--preset", metavar="PRESET", help="A preset; repeatable.")
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name; by default that of the file.")] = "",
    author: Annotated[str, typer.Option("--author", metavar="TEXT", help="Who made it.")] = "",
    licence: Annotated[str, typer.Option("--licence", metavar="TEXT", help="Licence, such as CC BY 4.0.")] = "",
    about: Annotated[str, typer.Option("--about", metavar="TEXT", help="A description.")] = "",
) -> None:
    """Write models, sounds and presets to one file. Name what belongs in it by options."""
    library, sounds = PresetLibrary(), SoundLibrary()
    paths = [find_model(each) for each in model or ()]
    presets = [library.named(each).preset for each in preset or ()]
    manifest = export_pack(
        out, PackTexts(name or shown(out.stem)[:64], author, licence, about),
        models=paths, sounds=[sounds.named(each) for each in sound or ()], presets=presets,
    )  # fmt: skip
    for title in absent_models(presets, paths):
        typer.echo(f"note: a preset was made with {title}, which is not in the pack; add it with --model", err=True)
    typer.echo(f"{shown(out)}: {len(manifest.files)} files, {sum(each.size for each in manifest.files) / 1e6:.1f} MB")


@app.command("import", cls=PlainCommand)
def import_(pack: PackArgument) -> None:
    """Add the models, sounds and presets of a pack to your own; nothing if it is damaged."""
    found = import_pack(pack, Libraries.of_user())
    for kind, names in (
        ("model", [path.stem for path in found.models]), ("sound", found.sounds), ("preset", found.presets),
    ):  # fmt: skip
        for each in names:
            typer.echo(f"{kind:7} {each}")
    for each in found.present:
        typer.echo(f"there   {each}")
    added = len(found.models) + len(found.sounds) + len(found.presets)
    typer.echo(f"{found.manifest.name}: {added} added, {len(found.present)} were there already")


@app.command("info", cls=PlainCommand)
def info(
    pack: PackArgument, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False
) -> None:
    """Check a pack and list what it holds; nothing is added."""
    with checked_pack(pack) as content:
        typer.echo(json.dumps(_as_dict(content), indent=2) if as_json else _as_text(content))


def _as_dict(content: PackContent) -> dict[str, object]:
    return {
        **content.manifest.model_dump(mode="json"),
        "models": [each.card.name for each in content.models],
        "sounds": [each.sound.name for each in content.sounds],
        "presets": [each.name for each in content.presets],
    }


def _as_text(content: PackContent) -> str:
    manifest = content.manifest
    lines = [manifest.name]
    for label, text in (("author", manifest.author), ("licence", manifest.licence), ("about", manifest.about)):
        lines += [f"{label:8} {text}"] if text else []
    lines += [f"model    {each.card.name} ({each.card.title}; licence of its notes: {each.card.data.licence})"
              for each in content.models]  # fmt: skip
    lines += [f"sound    {each.sound.name}, {_counted(len(each.sound.recordings))}" for each in content.sounds]
    lines += [f"preset   {each.name} ({each.category})" for each in content.presets]
    return "\n".join(lines)


def _counted(recordings: int) -> str:
    return f"{recordings} recording{'s' * (recordings != 1)}"
