"""The file of an export: its complete name, checked before anything is rendered."""

import os
from pathlib import Path

from synth_app.export import formats
from synth_app.support.errors import UserError
from synth_app.support.file_names import with_ending

_MAX_NAME_BYTES = 255  # of a name, on all systems
# Endings of audio files: one that no export format has is refused instead of being taken for a part of the name.
_AUDIO = frozenset((
    ".aac", ".aif", ".aifc", ".aiff", ".alac", ".au", ".caf", ".flac", ".m4a", ".mka", ".mov", ".mp2", ".mp3", ".mp4",
    ".oga", ".ogg", ".opus", ".ra", ".rf64", ".snd", ".w64", ".wav", ".wave", ".webm", ".wma", ".wv",
))  # fmt: skip


def export_path(text: str, made_when_needed: Path) -> Path:
    """Return the file that a typed name means; ``.wav`` is added to a name without the ending of an audio file.

    Args:
        text: as typed; ``~`` is the home folder.
        made_when_needed: a folder that need not exist yet.

    Raises:
        UserError: there is no name, the format cannot be written, or the folder does not exist or is not writable.
    """
    typed = text.strip()
    if not typed or "\0" in typed or typed.endswith(("/", os.sep)):
        raise UserError("no file is named: type a name, or choose a file with …")
    path = Path(typed).expanduser()
    if is_folder(path):
        raise UserError(f"{path} is a folder; type the name of a file")
    if path.suffix.lower() not in formats.FORMATS:
        if path.suffix.lower() in _AUDIO:
            raise UserError(f"{path.suffix} files cannot be written; end the name with {' or '.join(formats.FORMATS)}")
        path = with_ending(path, formats.DEFAULT_FORMAT.suffix)
    if len(os.fsencode(path.name)) > _MAX_NAME_BYTES:
        raise UserError(f"the name has {len(os.fsencode(path.name))} bytes, at most {_MAX_NAME_BYTES} are possible")
    if path.parent != made_when_needed:
        _check_folder(path.parent)
    return path


def is_folder(path: Path) -> bool:
    """Return whether a folder is there; False for a name that is longer than any file's."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _check_folder(folder: Path) -> None:
    if not is_folder(folder):
        raise UserError(f"the folder {folder} does not exist; choose another one with …")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"the folder {folder} cannot be written; choose another one with …")
