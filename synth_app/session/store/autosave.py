"""Saves the session in a thread of its own, so that a slow disk never blocks the window."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from synth_app.session.state.session_file import SavedSession, save_session
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)


class Autosaver:
    """Writes the newest session that ``submit`` received, atomically. ``submit`` returns at once.

    A session that could not be written is tried again, so that it is saved as soon as the disk allows it. The thread
    lives until ``close``, which waits for the last write.

    Args:
        path: of the session file.
        failed: called from the thread with one line when a write fails, once until a write succeeds.
        retry_s: time until a failed write is tried again.
    """

    def __init__(self, path: Path, failed: Callable[[str], None], retry_s: float = 10.0) -> None:
        self._path, self._failed, self._retry_s = path, failed, retry_s
        self._change = threading.Condition()
        self._submitted: SavedSession | None = None
        self._last: SavedSession | None = None
        self._unsaved: SavedSession | None = None  # the newest one, if its write failed
        self._writing, self._closing, self._failure_reported = False, False, False
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
        self._thread.start()

    def submit(self, session: SavedSession) -> None:
        """Request that a session is written, unless it equals the last one."""
        if session == self._last:
            return
        with self._change:
            self._last = self._submitted = session
            self._change.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until the last session is written or has failed. Returns False after ``timeout_s``."""
        with self._change:
            return self._change.wait_for(lambda: self._submitted is None and not self._writing, timeout_s)

    def close(self) -> None:
        """Write what is pending and end the thread."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            with self._change:
                wait_s = None if self._unsaved is None else self._retry_s
                self._change.wait_for(lambda: self._submitted is not None or self._closing, wait_s)
                closing = self._closing
                session, self._submitted = self._submitted or self._unsaved, None
                self._writing = session is not None
            if session is not None:
                self._unsaved = None if self._write(session) else session
            with self._change:
                self._writing = False
                self._change.notify_all()

    def _write(self, session: SavedSession) -> bool:
        """Save a session; return whether it is saved."""
        try:
            save_session(self._path, session)
        except UserError as error:
            self._report(error, str(error))
        except Exception as error:  # a defect must not end the thread, or nothing would be saved from then on
            self._report(error, f"unexpected error: {error!r}; the session is not saved; details are in the log")
        else:
            self._failure_reported = False
            return True
        return False

    def _report(self, error: Exception, problem: str) -> None:
        """Tell the first of several failures in a row."""
        if self._failure_reported:
            return
        self._failure_reported = True
        logger.warning("session not saved: %s", problem, exc_info=None if isinstance(error, UserError) else error)
        try:
            self._failed(problem)
        except RuntimeError:  # the window that listened is deleted already; the log has it
            logger.warning("nobody listens to the failure")
