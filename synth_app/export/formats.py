"""The registry of export formats.

To add a format, write a module like `wav` that defines an ``AudioFormat``, and add it to the line below. Requests, the
export dialog and the command line derive their choices from this registry. Code outside the package calls
``register_format``.
"""

from pathlib import Path

from synth_app.export.audio_format import AudioFormat
from synth_app.export.flac import FLAC
from synth_app.export.wav import WAV
from synth_app.support.errors import UserError
from synth_app.support.file_names import with_ending
from synth_app.support.loading import shown

FORMATS: dict[str, AudioFormat] = {each.suffix: each for each in (WAV, FLAC)}
DEFAULT_FORMAT = WAV


def register_format(audio_format: AudioFormat) -> None:
    """Add a format. Raises UserError if its suffix is taken or its bit depths are inconsistent."""
    if audio_format.suffix in FORMATS:
        raise UserError(f"the suffix {audio_format.suffix} is already used by {FORMATS[audio_format.suffix].name}")
    if audio_format.default_bits not in audio_format.bits:
        raise UserError(f"{audio_format.name}: default of {audio_format.default_bits} bits is not one of its depths")
    FORMATS[audio_format.suffix] = audio_format


def format_of(path: Path) -> AudioFormat:
    """Return the format of a file by its suffix. Raises UserError if no format has that suffix."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        what = f"has the suffix {path.suffix}, which cannot be written" if path.suffix else "has no suffix"
        raise UserError(f"{shown(path)} {what}; choose a name that ends with {' or '.join(FORMATS)}")
    return found


def suggested_format(path: Path) -> AudioFormat:
    """Return the format of a file whose name is still being typed: by its suffix, else the default one."""
    return FORMATS.get(path.suffix.lower(), DEFAULT_FORMAT)


def file_filter() -> str:
    """Return the registered formats as a file dialog's filters, e.g. ``WAV files (*.wav);;FLAC files (*.flac)``."""
    return ";;".join(map(_filter, FORMATS.values()))


def filter_of(path: Path) -> str:
    """Return the file dialog's filter for the format that a name has, or for the default one."""
    return _filter(suggested_format(path))


def _filter(audio_format: AudioFormat) -> str:
    return f"{audio_format.name} files (*{audio_format.suffix})"


def with_filter_ending(path: Path, chosen_filter: str) -> Path:
    """Return a path as typed in a file dialog with the ending of the chosen filter, if it has none of a format."""
    if path.suffix.lower() in FORMATS:
        return path
    return next((with_ending(path, suffix) for suffix in FORMATS if f"(*{suffix})" in chosen_filter), path)


def format_names() -> str:
    """Return the names of the registered formats, e.g. ``WAV or FLAC``."""
    return " or ".join(each.name for each in FORMATS.values())


def bits_help() -> str:
    """Return the bit depths of every format for a help text, e.g. ``WAV: 16, 24 or 32 (float)``."""
    return "; ".join(f"{each.name}: {each.depth_text}" for each in FORMATS.values())
