"""Commands that put the texture of one sound on another: style, style-report."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth_app.cli.progress import progress_bar
from synth_app.cli.values import parse_decimal, parse_key
from synth_app.dataset.audio_files.suffixes import AUDIO_SUFFIXES
from synth_app.export.formats import FORMATS, bits_help, format_of
from synth_app.export.request import RenderRequest
from synth_app.modelfile import find_model, find_note
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.patch import UserNote
from synth_app.patch.initial_patch import initial_patch
from synth_app.support.errors import UserError
from synth_app.support.files import check_target
from synth_app.support.loading import shown

if TYPE_CHECKING:
    from synth_app.decoder import Model
    from synth_app.style import Style

_WAYS = ("live", "rendered")
_ModelOption = Annotated[str, typer.Option("--model", metavar="MODEL", help="Model name (see `models`) or file.")]


# typer makes one option of each parameter, so the command has as many parameters as options.
def style(
    content: Annotated[
        str,
        typer.Argument(metavar="CONTENT", help="Note of the model's bank (its name, or part of it), or audio file."),
    ],
    style: Annotated[
        str,
        typer.Argument(metavar="STYLE", help="The same, or a texture: rain, wind, fire, engine or applause."),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FILE", help=f"Audio file to write; its suffix is the format: {', '.join(FORMATS)}."
        ),
    ],
    amount: Annotated[
        float, typer.Option(metavar="SHARE", parser=parse_decimal, help="How much of the style: 0 to 1.")
    ] = 1.0,
    way: Annotated[
        str, typer.Option(metavar="WAY", help="rendered (optimized, closer) or live (in closed form, at once).")
    ] = "rendered",
    model: _ModelOption = DEFAULT_MODEL,
    note: Annotated[
        int | None,
        typer.Option(metavar="KEY", parser=parse_key, help="Key to play, as 60 or C4; the content's own if not given."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(metavar="S", parser=parse_decimal, help="Seconds that the key is held.")
    ] = 3.0,
    seed: Annotated[int, typer.Option(min=0, metavar="SEED", help="Seed of a synthesized texture.")] = 0,
    bits: Annotated[int, typer.Option(metavar="BITS", help=f"Bit depth. {bits_help()}.")] = 24,
) -> None:
    """Play a note with the texture of another sound; its pitch, onset and loudness curve stay."""
    from synth_app.decoder import load_model
    from synth_app.export.render import render_file

    audio_format = format_of(out)
    check_target(out)
    if way not in _WAYS:
        raise UserError(f"--way {way}: choose one of {', '.join(_WAYS)}")
    path = str(find_model(model))
    loaded = load_model(path)
    played = _note(loaded, path, content)
    source = _style(loaded, style, seed)
    made = _styled(loaded, played, source, amount, way)
    made = replace(made, name=f"{played.name} + {source.name}")  # `info` and the window tell the style
    patch = replace(initial_patch(path, loaded.card), user_notes=(made, made))
    key = round(made.pitch) if note is None else note
    length = render_file(RenderRequest(patch, out, key, seconds=seconds, bits=bits, format=audio_format))
    typer.echo(f"{shown(out)}: {length:.3g} s, {shown(played.name)} with {amount:.0%} of the texture of {shown(style)}")


def style_report(
    model: _ModelOption = DEFAULT_MODEL,
    seed: Annotated[int, typer.Option(min=0, metavar="SEED", help="Seed of notes, textures and keys.")] = 0,
    contents: Annotated[int, typer.Option(min=1, max=10, metavar="N", help="Number of bank notes.")] = 10,
    keys: Annotated[int, typer.Option(min=0, max=5, metavar="N", help="Number of other keys.")] = 5,
    free: Annotated[bool, typer.Option("--free/--no-free", help="Measure the free mode too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Measure how much texture each way moves, and what it keeps of the content, beside two baselines."""
    from synth_app.benchmarks.style import StyleSettings
    from synth_app.benchmarks.style import style_report as measure

    with progress_bar("pairs") as progress:
        report = measure(find_model(model), StyleSettings(seed, contents, keys, free), progress)
    typer.echo(json.dumps(report.as_dict(), indent=2) if as_json else report.as_text())


def _note(model: "Model", path: str, name: str) -> UserNote:
    """Return a bank note by name, or an encoded audio file."""
    if _is_file(name):
        from synth_app.export.encode_file import encode_sound

        return encode_sound(Path(name), path)
    return UserNote.of(find_note(model.bank, name))


def _style(model: "Model", name: str, seed: int) -> "Style":
    from synth_app.style import StyleSource, take_style
    from synth_app.texture import TEXTURES

    if name in TEXTURES:
        return take_style(model, StyleSource(name, seed))
    if _is_file(name):
        return take_style(model, StyleSource(Path(name)))
    try:
        found = find_note(model.bank, name)
    except UserError as error:
        raise UserError(f"{error}; textures: {', '.join(TEXTURES)}") from error
    return take_style(model, StyleSource(UserNote.of(found)))


def _styled(model: "Model", content: UserNote, style: "Style", amount: float, way: str) -> UserNote:
    from synth_app.style import live_style, rendered_style

    if way == "live":
        return live_style(model, content, style, amount)
    with progress_bar("optimizing") as progress:
        made = rendered_style(model, content, style, amount, progress=progress)
    if made is None:
        raise RuntimeError("nothing cancels this optimization")
    return made


def _is_file(name: str) -> bool:
    return Path(name).suffix.lower() in AUDIO_SUFFIXES or Path(name).is_file()
