"""One model prepared ahead, so that a waiting audio process can take over without loading."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synth_app.errors import UserError


class Shelf:
    """Wraps ``prepare_rig``: what was put before, and has not changed on disk since, is taken at once."""

    def __init__(self, prepare_rig: Callable[[str], Any]) -> None:
        """Start empty."""
        self._prepare_rig = prepare_rig
        self._held: tuple[str, int, Any] | None = None

    def put(self, path: str) -> None:
        """Prepare a model instead of the one held; one that cannot be loaded is refused when it is taken."""
        self._held = None
        with contextlib.suppress(UserError):
            version = _version(path)
            self._held = (path, version, self._prepare_rig(path))

    def take(self, path: str) -> Any:
        """A prepared model, which belongs to the caller. Raises what ``prepare_rig`` raises."""
        held, self._held = self._held, None
        if held is not None and held[:2] == (path, _version(path)):
            return held[2]
        return self._prepare_rig(path)


def _version(path: str) -> int:
    """Changes when the file does; -1 while there is none."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1
