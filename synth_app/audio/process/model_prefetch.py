"""One model prepared ahead, so that a waiting audio process can take over without loading."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synth_app.support.errors import UserError


class ModelPrefetch:
    """Wraps ``prepare_instrument``: what was put before, and has not changed on disk since, is taken at once."""

    def __init__(self, prepare_instrument: Callable[[str, str], Any]) -> None:
        """Start empty."""
        self._prepare_instrument = prepare_instrument
        self._held: tuple[str, str, int, Any] | None = None

    def put(self, path: str, quality: str) -> None:
        """Prepare a model instead of the one held; one that cannot be loaded is refused when it is taken."""
        self._held = None
        with contextlib.suppress(UserError):
            version = _version(path)
            self._held = (path, quality, version, self._prepare_instrument(path, quality))

    def take(self, path: str, quality: str) -> Any:
        """A prepared model, which belongs to the caller. Raises what ``prepare_instrument`` raises."""
        held, self._held = self._held, None
        if held is not None and held[:3] == (path, quality, _version(path)):
            return held[3]
        return self._prepare_instrument(path, quality)


def _version(path: str) -> int:
    """Changes when the file does; -1 while there is none."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1
