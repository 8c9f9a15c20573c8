"""Sorts files into sounds: several keys and velocities of one instrument belong together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from synth_app.dataset.recordings.file_names import read_file_name
from synth_app.dataset.recordings.search import find_audio_files
from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.support.errors import UserError


@dataclass(frozen=True)
class FileGroup:
    """The files of one sound to be, and its name; "" takes that of the file."""

    name: str
    paths: tuple[Path, ...]


def group_files(paths: Iterable[Path]) -> tuple[tuple[FileGroup, ...], tuple[tuple[Path, str], ...]]:
    """Sort files, and the audio files in folders, into sounds.

    Files of one folder whose names have a key and the same instrument are one sound, at most 16 of them, if no two have
    the same key and velocity. Every other file is a sound of its own.

    Returns:
        the sounds, and each folder that cannot be used with the reason.
    """
    groups: dict[tuple[Path, str], list[Path]] = {}
    problems = list[tuple[Path, str]]()
    for path in paths:
        try:
            found = find_audio_files(path)[0] if path.is_dir() else [path]
        except UserError as error:
            problems.append((path, str(error)))
            continue
        for each in found:
            named = read_file_name(each.stem)
            together = named.pitch is not None and bool(named.instrument)
            groups.setdefault((each.parent, named.instrument.casefold() if together else str(each)), []).append(each)
    made = list[FileGroup]()
    for files in groups.values():
        if len(files) > 1 and _fit(files):
            made.append(FileGroup(read_file_name(files[0].stem).instrument, tuple(files)))
        else:
            made += [FileGroup("", (each,)) for each in files]
    return tuple(made), tuple(problems)


def _fit(files: list[Path]) -> bool:
    """Return whether files can be one sound."""
    places = {(named.pitch, named.velocity) for named in (read_file_name(each.stem) for each in files)}
    return len(places) == len(files) <= MAX_RECORDINGS
