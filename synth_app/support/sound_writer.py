"""Opens a sound file to write: any file name, and errors of the disk as OSError."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from synth_app.support.sound_stream import sound_stream

if TYPE_CHECKING:
    import soundfile


@contextmanager
def sound_writer(
    path: Path, rate: int, channels: int, subtype: str, kind: str = "WAV"
) -> Iterator["soundfile.SoundFile"]:
    """Open an existing or new file to write sound.

    Args:
        path: the file; its name need not be UTF-8.
        rate: Hz.
        channels: number of them.
        subtype: libsndfile's name of the encoding, such as ``PCM_16``.
        kind: libsndfile's name of the format.

    Raises:
        OSError: the file cannot be written, or the format refuses the rate or the channels.
    """
    import soundfile

    try:
        with (
            sound_stream(path) as stream,
            soundfile.SoundFile(stream, "w", rate, channels, subtype, format=kind) as file,
        ):
            yield file
    except soundfile.LibsndfileError as error:
        raise OSError(error.code, error.error_string.rstrip(".")) from error
