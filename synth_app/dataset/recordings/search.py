"""Finds the audio files below a folder."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from synth_app.dataset.audio_files import AUDIO_SUFFIXES, COMMON_AUDIO_SUFFIXES
from synth_app.support.errors import UserError
from synth_app.support.loading import shown


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that was skipped, with the reason."""

    path: Path
    reason: str


def find_audio_files(root: Path) -> tuple[Sequence[Path], Sequence[SkippedFile]]:
    """Return the audio files below a folder, in order, and the folders that cannot be read.

    Links to folders are followed, but no folder is entered twice, so that links in a circle end.
    """
    if not root.is_dir():
        raise UserError(f"{shown(root)} is not a folder; name the folder that holds your audio files")
    errors: list[OSError] = []
    entered: set[tuple[int, int]] = set()
    paths: list[Path] = []
    for folder, subfolders, names in os.walk(root, followlinks=True, onerror=errors.append):
        subfolders[:] = [name for name in sorted(subfolders) if not name.startswith(".")]
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in entered:
            subfolders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        paths += [path for name in names if _is_audio(path := Path(folder, name))]
    if not paths:
        common = ", ".join(COMMON_AUDIO_SUFFIXES)
        raise UserError(f"{shown(root)} holds no audio files ({common} ...); convert your files to one of these")
    unreadable = [SkippedFile(Path(error.filename), f"{error.strerror}; check its permissions") for error in errors]
    return sorted(paths), unreadable


def _is_audio(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix.lower() in AUDIO_SUFFIXES and path.is_file()
