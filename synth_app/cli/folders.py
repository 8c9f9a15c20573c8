"""Commands about the program's folders: paths, clean."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from synth_app.cli.inspect import JsonOption
from synth_app.modelfile import model_folders
from synth_app.session.presets.library import FACTORY_FOLDER, user_preset_folder
from synth_app.session.sounds.sound_library import sound_folder
from synth_app.session.state.json_files import config_path
from synth_app.session.trainings.library import training_folder
from synth_app.support.errors import UserError
from synth_app.support.logging import close_log_file, default_log_path
from synth_app.support.resources import user_folder

_ENVIRONMENTS = "environments"  # scripts/environment keeps the packages of a checkout there that cannot be written to


def paths(as_json: JsonOption = False) -> None:
    """Show where settings, presets, sounds, models, recordings, logs and caches are."""
    found = _folders()
    if as_json:
        typer.echo(json.dumps({name: [str(folder) for folder in folders] for name, folders in found.items()}, indent=2))
        return
    for name, folders in found.items():
        for folder in folders:
            typer.echo(f"{name:10} {folder}{'' if folder.exists() else '  (does not exist yet)'}")


def clean(
    logs: Annotated[bool, typer.Option("--logs", help="Remove the log files too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
) -> None:
    """Remove compiled kernels and all other caches; the next start makes them again. Your own files stay."""
    entries = [*_cache_entries(), *(_log_files() if logs else ())]
    if not entries:
        typer.echo("nothing to remove")
        return
    size_mb = sum(_size(entry) for entry in entries) / 1e6
    for entry in entries:
        typer.echo(f"{_size(entry) / 1e6:8.1f} MB  {entry}")
    if not yes:
        _confirm(f"Remove {size_mb:.1f} MB?")
    if logs:
        close_log_file()  # Windows removes no open file
    for entry in entries:
        _remove(entry)
    typer.echo(f"removed {size_mb:.1f} MB")


def _folders() -> dict[str, tuple[Path, ...]]:
    """Return the folders by what they hold, in the order in which they are searched."""
    return {
        "settings": (config_path("settings.json").parent,),
        "presets": (user_preset_folder(), FACTORY_FOLDER),
        "sounds": (sound_folder(),),
        "models": model_folders(),
        "trainings": (training_folder(),),
        "recordings": (user_folder("music"),),
        "logs": (default_log_path().parent,),
        "caches": (user_folder("cache"),),
    }


def _cache_entries() -> list[Path]:
    folder = user_folder("cache")
    return sorted(each for each in folder.iterdir() if each.name != _ENVIRONMENTS) if folder.is_dir() else []


def _log_files() -> list[Path]:
    log = default_log_path()
    return sorted(log.parent.glob(f"{log.name}*"))  # the older ones have a number


def _size(entry: Path) -> int:
    return sum(file.lstat().st_size for file in _files(entry))


def _files(entry: Path) -> Iterator[Path]:
    if entry.is_dir() and not entry.is_symlink():
        yield from (path for path in entry.rglob("*") if not path.is_dir())
    else:
        yield entry


def _confirm(question: str) -> None:
    try:
        confirmed = typer.confirm(question)
    except typer.Abort:  # no terminal to answer on, or Ctrl+C
        confirmed = False
    if not confirmed:
        raise UserError("nothing was removed; answer y, or give --yes")


def _remove(entry: Path) -> None:
    try:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot remove {error.filename or entry}: {error.strerror}; close the program and try again"
        ) from error
