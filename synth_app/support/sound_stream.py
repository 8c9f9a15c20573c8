"""Files for the writers of a sound-file library, so that a full disk is reported as what it is.

The library calls Python to write. An exception there would only be printed, and the library would report "system
error", or nothing at all.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
