"""The registry of export formats.

To add a format, write a module like `wav` that defines an ``AudioFormat``, and add it to the line below. Requests, the
export dialog and the command line derive their choices from this registry. Code outside the package calls
``register_format``.
"""

from pathlib import Path

from synth_app.export.audio_format import AudioFormat
from synth_app.export.wav import WAV
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

FORMATS: dict[str, AudioFormat] = {each.suffix: each for each in (WAV,)}
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
    """Return the registered formats as a file dialog's filter, e.g. ``WAV files (*.wav)``."""
    return ";;".join(f"{each.name} files (*{each.suffix})" for each in FORMATS.values())


def format_names() -> str:
    """Return the names of the registered formats, e.g. ``WAV``."""
    return ", ".join(each.name for each in FORMATS.values())


def bits_help() -> str:
    """Return the bit depths of every format for a help text, e.g. ``WAV: 16, 24 or 32 (float)``."""
    return "; ".join(f"{each.name}: {each.depth_text}" for each in FORMATS.values())
