"""The rule of all loaders: whatever a file holds, reading it gives a value or a UserError, in bounded memory."""

import codecs
import io
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)

_RUST_PANIC = "pyo3_runtime"  # module of PanicException, with which a defect in a Rust library ends; no Exception
_MAX_REASON = 200  # characters of a message that quote what a library says
_EXPECTED = (ValueError, LookupError, TypeError, EOFError, ArithmeticError, RecursionError, MemoryError)


@contextmanager
def loading(path: Path | str, subject: str, advice: str) -> Iterator[None]:
    """Guard the code that reads a file: every error of the block becomes a UserError that names the file.

    A UserError of the block passes, as one line. An error that is neither the system's nor usual for damaged data may
    be a defect of the program, so it is logged with its traceback.

    Args:
        path: the file.
        subject: what it should be, with its article, e.g. "a preset".
        advice: what to do about a damaged file, e.g. "choose another file".

    Raises:
        UserError: the file is missing, cannot be read, or holds something else.
    """
    try:
        yield
    except UserError as error:
        if "\n" in str(error):  # a name in the file
            raise UserError(one_line(str(error))) from error
        raise
    except FileNotFoundError as error:
        raise UserError(f"{shown(path)} does not exist; check the name") from error
    except OSError as error:
        raise UserError(f"cannot read {shown(path)}: {error.strerror or error}; check the file") from error
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__module__ != _RUST_PANIC:
            raise  # the user's or the system's wish to stop
        if not isinstance(error, _EXPECTED):
            logger.warning("unexpected error while reading %s", shown(path), exc_info=True)
        raise UserError(f"{shown(path)} is not {subject}, or is damaged ({reason_of(error)}); {advice}") from error


def reason_of(error: BaseException) -> str:
    """Return why a file cannot be used, as one short line."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    if isinstance(error, KeyError):
        return f"{error} is missing"
    problems = getattr(error, "errors", None)  # of pydantic
    if callable(problems) and (found := problems(include_url=False, include_context=False)):
        where = ".".join(str(part) for part in found[0]["loc"])
        text = f"{where}: {found[0]['msg']}" if where else str(found[0]["msg"])
    else:
        text = str(error) or type(error).__name__
    line = one_line(text)
    return line if len(line) <= _MAX_REASON else f"{line[:_MAX_REASON]}..."


def one_line(text: str) -> str:
    """Return a text with every run of white space as one space."""
    return " ".join(text.split())


def shown(path: Path | str) -> str:
    """Return a path as text that can be printed: bytes of its name that are not UTF-8 become question marks."""
    return os.fsencode(path).decode("utf-8", "replace").replace("\ufffd", "?")


def read_bytes(path: Path | str, max_bytes: int) -> bytes:
    """Read a whole file that may hold at most ``max_bytes`` bytes.

    A byte order mark of UTF-8, which some editors write, is left out.

    Raises:
        UserError: it is larger, or no regular file: a pipe could wait for ever, and a device need not end.
        OSError: it is missing or cannot be read.
    """
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size  # a read reserves as much memory as it asks for
        data = stream.read(min(size, max_bytes) + 1)
    if len(data) > max_bytes:
        raise UserError(f"{shown(path)} is larger than {max_bytes} bytes, the limit for such a file; choose another")
    return data.removeprefix(codecs.BOM_UTF8)


def open_regular(path: Path | str) -> io.BufferedReader:
    """Open a regular file to read bytes. Errors as ``read_bytes``."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UserError(f"{shown(path)} is no regular file; choose a file")
    return os.fdopen(handle, "rb")


def parse_json(data: bytes | str) -> object:
    """Parse JSON whose nesting is bounded (200 levels) and whose text is valid Unicode.

    Raises:
        ValueError: it is not JSON, is nested deeper, or holds half a surrogate pair.
    """
    from pydantic_core import from_json  # not needed by what only uses the guard

    return from_json(data)


def read_json(path: Path | str, max_bytes: int) -> object:
    """Read a JSON file. Raises as ``read_bytes`` and ``parse_json``; call it in a ``loading`` block."""
    return parse_json(read_bytes(path, max_bytes))
