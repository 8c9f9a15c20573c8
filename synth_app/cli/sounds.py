"""Commands for the user's sounds: add, list, remove, export."""

import json
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.help import PlainCommand
from synth_app.cli.values import parse_pitch
from synth_app.session.sounds.new_sound import NewRecording
from synth_app.session.sounds.sound_edits import used_part
from synth_app.session.sounds.sound_library import SoundEntry, SoundLibrary
from synth_app.session.sounds.user_sound import Recording
from synth_app.support.errors import UserError

app = typer.Typer(help="Make instruments of your own recordings.", rich_markup_mode=None, no_args_is_help=True)

NO_PITCH = "none"
SoundArgument = Annotated[str, typer.Argument(metavar="SOUND", help="Name or key of the sound.")]


@app.command("add", cls=PlainCommand)
def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Recordings of one instrument: WAV, FLAC, MP3 and more.")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="KEY",
            help="Key of the recording, such as 60, 60.3 or C4; 'none' plays it at every key as it is. "
            "By default it is read from the file's name, else found in the sound.",
        ),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Name of the sound; by default that of the first file.")
    ] = "",
) -> None:
    """Keep recordings as one sound; several files are several keys and velocities of it."""
    pitch, pitched = _pitch(key)
    if pitch is not None and len(files) > 1:
        raise UserError("--key is the key of one recording; write the keys of several into their names: cello-048-100")
    entry = SoundLibrary().add(name, [NewRecording(path, pitch) for path in files], pitched=pitched)
    typer.echo(f"{entry.key}: {entry.sound.name}")
    for recording in entry.sound.recordings:
        typer.echo(f"  {recording_line(recording, pitched=entry.sound.pitched)}")


@app.command("list", cls=PlainCommand)
def list_sounds(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """List your sounds."""
    library = SoundLibrary()
    entries = library.entries()
    if as_json:
        typer.echo(json.dumps([_as_dict(entry) for entry in entries], indent=2))
    else:
        for entry in entries:
            count = _counted(len(entry.sound.recordings), "recording")
            typer.echo(f"{entry.sound.name:24} {entry.key:24} {count}")
            for recording in entry.sound.recordings:
                typer.echo(f"  {recording_line(recording, pitched=entry.sound.pitched)}")
        typer.echo(_counted(len(entries), "sound") if entries else "0 sounds; add one: synth-app sounds add FILE")
    for problem in library.problems:
        typer.echo(problem, err=True)


@app.command("remove", cls=PlainCommand)
def remove(sound: SoundArgument) -> None:
    """Move a sound to the trash; its recordings are kept there."""
    library = SoundLibrary()
    entry = library.named(sound)
    typer.echo(f"{entry.sound.name} is now in {library.remove(entry.key)}")


@app.command("export", cls=PlainCommand)
def export(
    sound: SoundArgument,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder in which to make the sound's folder.")],
) -> None:
    """Copy a sound's recordings to a folder, with keys and velocities in their names."""
    library = SoundLibrary()
    entry = library.named(sound)
    target = library.export(entry, out / entry.key)
    files = {each.file_name for each in entry.sound.recordings}
    typer.echo(f"{target}: {_counted(len(files), 'recording')}")


def recording_line(recording: Recording, *, pitched: bool) -> str:
    """Return a recording in one line: key, velocity, length and source."""
    key = f"key {recording.pitch:6.2f}" if pitched else f"no pitch ({recording.pitch:.0f})"
    start_s, end_s = used_part(recording)
    return f"{key}  velocity {recording.velocity:3}  {end_s - start_s:5.1f} s  {recording.source}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _as_dict(entry: SoundEntry) -> dict[str, object]:
    return {"key": entry.key, "folder": str(entry.folder), **entry.sound.model_dump(mode="json")}


def _pitch(text: str) -> tuple[float | None, bool | None]:
    """Return the pitch that --key gives, and whether the sound has one; None leaves it open."""
    if not text:
        return None, None
    if text == NO_PITCH:
        return None, False
    return parse_pitch(text), True
