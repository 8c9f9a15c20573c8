"""The command that tells how an audio file was made: info."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.inspect import JsonOption
from synth_app.export.formats import FORMATS
from synth_app.params import PARAMS
from synth_app.session.presets.saved_patch import SavedPatch, read_saved_patch
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, shown


def info(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Audio file that the program wrote.")],
    as_json: JsonOption = False,
) -> None:
    """Tell how an audio file was made: model, notes, parameters, and the command that renders it again."""
    saved = read_saved_patch(file)
    if saved is None:
        endings = " or ".join(FORMATS)
        raise UserError(
            f"{shown(file)} holds no patch; only {endings} files that synth_app wrote tell how they were made"
        )
    if as_json:
        typer.echo(json.dumps(saved.model_dump(mode="json"), indent=2))
        return
    for line in (_audio_line(file), *_patch_lines(saved), *_command(saved, file)):
        typer.echo(line)


def _audio_line(file: Path) -> str:
    import soundfile

    with loading(file, "a readable audio file", "copy or export it again"), file.open("rb") as stream:
        found = soundfile.info(stream)
    channels = {1: "mono", 2: "stereo"}.get(found.channels, f"{found.channels} channels")
    return f"{shown(file)}: {found.duration:.2f} s, {found.samplerate} Hz, {found.subtype}, {channels}"


def _patch_lines(saved: SavedPatch) -> list[str]:
    """Return the model, what plays in the slots, and the parameters that are not at their defaults."""
    from synth_app.ui.widgets.value_format import format_value  # as the window shows them

    own = [note.name if note is not None else name for note, name in zip(saved.own, saved.notes, strict=True)]
    lines = [
        f"synth_app {saved.program}, model {saved.model.title} ({saved.model.name}), quality {saved.quality}",
        f"slot A: {own[0]}",
        f"slot B: {own[1]}",
    ]
    changed = [
        f"{spec.label} {format_value(spec, value)}"
        for spec in PARAMS
        if (value := saved.params.get(spec.name, spec.default)) != spec.default
    ]
    if changed:
        lines.append("parameters: " + ", ".join(changed))
    if any(saved.offset):
        lines.append(f"latent sliders: {sum(map(bool, saved.offset))} of {len(saved.offset)} moved")
    if saved.modulation:
        lines.append(f"modulation: {', '.join(saved.modulation)}")
    if saved.automation is not None:
        lines.append(f"automation: {len(saved.automation.curves)} controls, {saved.automation.seconds:.1f} s")
    return lines


def _command(saved: SavedPatch, file: Path) -> list[str]:
    """Return the note that was rendered, and the command for it."""
    key = saved.key
    if key is None:
        return ["a performance: the file holds the sound, not the notes"]
    again = file.with_name(f"{file.stem} again{file.suffix}").name
    options = ["--preset", shown(file), "--note", key.note, "--velocity", key.velocity, "--seconds", key.seconds,
               "--tail", key.tail_seconds, "--out", again]  # fmt: skip
    return [
        f"note {key.note}, velocity {key.velocity}, held {key.seconds:g} s, tail {key.tail_seconds:g} s",
        f"again: synth-app render {' '.join(shlex.quote(str(each)) for each in options)}",
    ]
