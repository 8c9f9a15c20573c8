"""Opens sound files to write: any file name, and errors of the disk as OSError.

The library calls Python to write. An exception there would only be printed, and the library would report "system
error", or nothing at all. So it gets a stream that remembers the error.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import soundfile


class SoundStream:
    """A binary file that remembers the first error instead of raising it.

    Attributes:
        error: of the first write that failed; None so far.
    """

    def __init__(self, path: Path) -> None:
        """Create the file, or empty it. Raises OSError."""
        self._file = path.open("w+b", buffering=0)  # unbuffered: an error belongs to the samples that it loses
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write all of ``data``; return how many bytes were written before an error."""
        done = 0
        try:
            while done < len(data):
                done += self._file.write(data[done:]) or 0
        except OSError as error:
            self.error = self.error or error
        return done

    def read(self, size: int = -1) -> bytes:
        """Read bytes from the present position on."""
        return self._file.read(size) or b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position and return it."""
        return self._file.seek(offset, whence)

    def fileno(self) -> int:
        """Return the number of the open file."""
        return self._file.fileno()

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def sound_stream(path: Path) -> Iterator[SoundStream]:
    """Open a new file for a sound-file library; give the yielded stream to it, and close its writer in the block.

    Raises:
        OSError: the file cannot be created, or not everything could be written.
    """
    stream = SoundStream(path)
    try:
        yield stream
    except Exception as error:
        if stream.error is not None:
            raise stream.error from error
        raise
    finally:
        stream.close()
    if stream.error is not None:
        raise stream.error


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
