"""Writes the session in a thread of its own, so that a slow disk never holds up the window."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from synth_app.session.state.session_file import SavedSession, save_session
from synth_app.support.errors import UserError

logger = logging.getLogger(__name__)


class Autosaver:
    """``offer`` returns at once; the newest session offered is written, whole or not at all, if it is another one.

    The thread lives until ``close``. What was offered before it is written by then.
    """

    def __init__(self, path: Path, failed: Callable[[str], None]) -> None:
        """``failed`` is called from the thread, with one line, once until writing succeeds again."""
        self._path, self._failed = path, failed
        self._change = threading.Condition()
        self._offered: SavedSession | None = None
        self._seen: SavedSession | None = None
        self._writing, self._closing, self._told = False, False, False
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
        self._thread.start()

    def offer(self, session: SavedSession) -> None:
        """Have a session written, unless it is the one offered last."""
        if session == self._seen:
            return
        with self._change:
            self._seen = self._offered = session
            self._change.notify_all()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything offered is written or has failed; False if that takes too long."""
        with self._change:
            return self._change.wait_for(lambda: self._offered is None and not self._writing, timeout_s)

    def close(self) -> None:
        """Write what is still to be written and end the thread."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._offered is not None or self._closing)
                session, self._offered = self._offered, None
                self._writing = session is not None
            if session is None:
                return
            try:
                save_session(self._path, session)
                self._told = False
            except UserError as error:
                if not self._told:
                    logger.warning("session not saved: %s", error)
                    self._failed(str(error))
                self._told = True
            with self._change:
                self._writing = False
                self._change.notify_all()
