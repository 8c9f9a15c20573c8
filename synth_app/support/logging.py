"""Log of the program: standard ``logging`` into one rotating file, shared by the app and the audio process.

Every module that logs has ``logger = logging.getLogger(__name__)``. The audio process has no file of its own: it
forwards its records to the app (``QueueForwarder``), so one file holds both processes, in the order in which records
arrive. Records of a spare audio process arrive when it takes over. Code that runs in the audio callback must not log,
because a handler may block.

Two running instances of the program append to the same file. On Linux and macOS, when one of them rotates, the other
writes into the renamed file until that reaches the limit, too. On Windows an open file cannot be renamed: the
instance that reaches the limit keeps logging without rotation.
"""

import logging
import os
import queue
import re
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import UnionType
from typing import TextIO

from synth_app.support.errors import UserError
from synth_app.support.resources import user_folder

ROOT = "synth_app"  # parent of all loggers of the program
LEVELS = ("debug", "info", "warning", "error")
STDERR = Path("-")  # given instead of a file: write to standard error
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(process)d %(name)s: %(message)s"
_DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
_MAX_BYTES, _OLD_FILES = 1_000_000, 2  # 1 MB each, three files with the present one
_QUEUE_SIZE = 1_000  # records that wait for the pipe to the app; more are dropped


class _LogFile(RotatingFileHandler):
    """A rotating log file whose failure never stops the program: it is reported once on standard error.

    After a rotation that failed, the file grows without limit until the program ends.
    """

    def __init__(self, path: Path) -> None:
        # delay: a command that logs nothing creates no file
        super().__init__(
            path, maxBytes=_MAX_BYTES, backupCount=_OLD_FILES, encoding="utf-8", delay=True, errors="backslashreplace"
        )
        self._failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record unless writing failed before."""
        if self._failed:
            return
        with suppress(OSError):  # the attempt to open the file reports it
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802  # the name that logging calls
        """Rotate the files; after a failure go on without rotation."""
        try:
            super().doRollover()
        except OSError as error:
            self.maxBytes = 0
            reason = error.strerror or str(error)
            print(f"synth-app: cannot rotate the log {self.baseFilename}: {reason}; it grows on", file=sys.stderr)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the name that logging calls
        """Report a file that cannot be written once; leave wrong log calls to the standard handler."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._failed = True
            reason = error.strerror or str(error)
            print(f"synth-app: cannot write the log {self.baseFilename}: {reason}; no log is written", file=sys.stderr)
        else:
            super().handleError(record)


class _LogStream(logging.StreamHandler[TextIO]):
    """The log on standard error."""


def setup_logging(level: str = "info", file: Path | None = None) -> None:
    """Write all records of the program from ``level`` on into a file. A later call replaces an earlier one.

    Args:
        level: one of ``LEVELS``.
        file: the log file; None for the one in the user's log folder, ``STDERR`` for standard error.

    Raises:
        UserError: unknown level.
    """
    if level not in LEVELS:
        raise UserError(f"log level {level!r} is unknown; choose one of {', '.join(LEVELS)}")
    root = logging.getLogger(ROOT)
    _close(_LogFile | _LogStream)
    handler = _LogStream() if file == STDERR else _LogFile(file or default_log_path())
    handler.setFormatter(logging.Formatter(_FORMAT, _DATE_FORMAT))
    root.addHandler(handler)
    root.setLevel(level.upper())


def close_log_file() -> None:
    """End the log file in use, so that it can be removed."""
    _close(_LogFile)


def _close(kind: "type[logging.Handler] | UnionType") -> None:
    root = logging.getLogger(ROOT)
    for handler in [each for each in root.handlers if isinstance(each, kind)]:
        root.removeHandler(handler)
        handler.close()


def default_log_path() -> Path:
    """Return the path of the log file in the user's log folder; creates nothing."""
    return user_folder("log") / "synth-app.log"


def log_path() -> Path:
    """Return the path of the log file in use, or the default one where none is in use. It may not exist yet."""
    used = [Path(each.baseFilename) for each in logging.getLogger(ROOT).handlers if isinstance(each, _LogFile)]
    return used[0] if used else default_log_path()


def log_tail(lines: int = 100) -> str:
    """Return the last lines of the log, with the home folder written as ``~``; "" where there is no log."""
    try:
        with log_path().open(encoding="utf-8", errors="replace") as file:
            text = "".join(deque(file, maxlen=lines))
    except OSError:
        return ""
    try:
        return without_home(text, str(Path.home()))
    except RuntimeError:  # no home folder is known
        return text


def without_home(text: str, home: str) -> str:
    r"""Return ``text`` with ``~`` for the home folder, also where ``repr`` has doubled its backslashes.

    Longer names that only begin like the home folder stay. A home folder that is a root, such as ``/``, stays, too.
    """
    home = home.rstrip("/\\")
    if not home or home.endswith(":"):
        return text
    for spelling in (home.replace("\\", "\\\\"), home):
        text = re.sub(rf"(?<![\w.-]){re.escape(spelling)}(?![\w.@+-])", "~", text)
    return text


@dataclass(frozen=True)
class ForwardedRecord:
    """A log record on its way from the audio process to the app.

    Attributes:
        logger: name of the logger.
        level: as ``logging`` counts, 10 (debug) to 50.
        created: time.time() of the record.
        process: id of the process it comes from.
        message: text with its arguments filled in, and the traceback if there is one.
    """

    logger: str
    level: int
    created: float
    process: int
    message: str

    def emit(self) -> None:
        """Write the record into the log of this process."""
        values = {
            "name": self.logger,
            "levelno": self.level,
            "levelname": logging.getLevelName(self.level),
            "created": self.created,
            "msecs": self.created % 1.0 * 1e3,
            "process": self.process,
            "msg": self.message,
        }
        logger = logging.getLogger(self.logger)
        if logger.isEnabledFor(self.level):
            logger.handle(logging.makeLogRecord(values))


class QueueForwarder(logging.Handler):
    """Passes records to ``send`` in a thread of its own, so that no thread that logs waits for a pipe.

    Records wait until ``start``. When ``_QUEUE_SIZE`` records wait, newer ones are dropped. The thread ends when
    ``send`` raises OSError.
    """

    def __init__(self, send: Callable[[ForwardedRecord], None]) -> None:
        """Collect records; no thread runs yet."""
        super().__init__()
        self._send = send
        self._records: queue.Queue[ForwardedRecord] = queue.Queue(_QUEUE_SIZE)
        self.setFormatter(logging.Formatter("%(message)s"))  # appends the traceback

    def start(self) -> None:
        """Start the thread, which inherits the priority of the calling one."""
        threading.Thread(target=self._forward, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record; returns at once."""
        try:
            forwarded = ForwardedRecord(record.name, record.levelno, record.created, os.getpid(), self.format(record))
        except (TypeError, ValueError):  # arguments that do not fit the message
            self.handleError(record)
            return
        with suppress(queue.Full):
            self._records.put_nowait(forwarded)

    def _forward(self) -> None:
        with suppress(OSError):
            while True:
                self._send(self._records.get())


def forward_logging(send: Callable[[ForwardedRecord], None]) -> QueueForwarder:
    """Send all records of this process to another one, from level info on until ``set_log_level``.

    Returns:
        The handler; nothing is sent before its ``start``.
    """
    root = logging.getLogger(ROOT)
    forwarder = QueueForwarder(send)
    root.addHandler(forwarder)
    root.setLevel(logging.INFO)
    return forwarder


def log_level() -> int:
    """Return the level from which records are kept, as ``logging`` counts."""
    return logging.getLogger(ROOT).getEffectiveLevel()


def set_log_level(level: int) -> None:
    """Keep records from this level on, as ``logging`` counts."""
    logging.getLogger(ROOT).setLevel(level)
