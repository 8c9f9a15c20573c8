"""A file seen with other bytes in some places; the file itself is not changed."""

import io
import os
from collections.abc import Mapping
from typing import BinaryIO


class PatchedFile(io.RawIOBase):
    """A seekable view of a binary file, with a prefix put in front and some bytes replaced.

    Args:
        stream: the file; the view moves its position.
        patches: bytes to show, by their offset in the file.
        skip: bytes at the begin of the file to leave out.
        prefix: bytes to show in front of the rest.
        suffix: bytes to show behind the file.

    Attributes:
        error: why the file could not be read, if that happened: the caller's library cannot pass it on.
    """

    def __init__(
        self,
        stream: BinaryIO,
        patches: Mapping[int, bytes] | None = None,
        *,
        skip: int = 0,
        prefix: bytes = b"",
        suffix: bytes = b"",
    ) -> None:
        super().__init__()
        self._stream, self._patches = stream, dict(patches or {})
        self._skip, self._prefix, self._suffix = skip, prefix, suffix
        self._size = len(prefix) + stream.seek(0, os.SEEK_END) - skip + len(suffix)
        self._position = 0
        self.error: OSError | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in the view."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position, and return it; the first and the last byte are its limits."""
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = min(max(origin + offset, 0), self._size)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` from the position on; return the number of bytes, 0 at the end and after an error."""
        wanted = min(len(buffer), self._size - self._position)
        try:
            data = self._bytes(self._position, wanted)
        except OSError as error:
            self.error = error
            return 0
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _bytes(self, start: int, count: int) -> bytes:
        """Return ``count`` bytes of the view from ``start`` on; fewer if the file has become shorter."""
        head = self._prefix[start : start + count]
        offset = max(start - len(self._prefix), 0) + self._skip
        self._stream.seek(offset)
        body = bytearray(self._stream.read(count - len(head)))
        for at, patch in self._patches.items():
            first, last = max(at, offset), min(at + len(patch), offset + len(body))
            if first < last:
                body[first - offset : last - offset] = patch[first - at : last - at]
        behind = start + len(head) + len(body) - (self._size - len(self._suffix))
        tail = self._suffix[behind : behind + count - len(head) - len(body)] if behind >= 0 else b""
        return head + bytes(body) + tail
