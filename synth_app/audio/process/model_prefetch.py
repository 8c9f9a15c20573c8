"""One instrument prepared in advance, so that a spare audio process takes over without loading."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synth_app.support.errors import UserError


class ModelPrefetch:
    """Cache of one instrument around ``prepare_instrument``. A model file that changed on disk is prepared again."""

    def __init__(self, prepare_instrument: Callable[[str, str], Any]) -> None:
        """Start empty."""
        self._prepare_instrument = prepare_instrument
        self._prefetched: tuple[str, str, int, Any] | None = None

    def prefetch(self, path: str, quality: str) -> None:
        """Prepare a model in place of the cached one, unless it is that one.

        A model that cannot be loaded raises later, in ``load``.
        """
        if self._prefetched is not None and self._prefetched[:3] == (path, quality, _version(path)):
            return  # the app asks for the same model again when the playing process has loaded it
        self._prefetched = None
        with contextlib.suppress(UserError):
            version = _version(path)
            self._prefetched = (path, quality, version, self._prepare_instrument(path, quality))

    def load(self, path: str, quality: str) -> Any:
        """Return a prepared instrument, which then belongs to the caller. Errors as ``prepare_instrument``."""
        prefetched, self._prefetched = self._prefetched, None
        if prefetched is not None and prefetched[:3] == (path, quality, _version(path)):
            return prefetched[3]
        return self._prepare_instrument(path, quality)


def _version(path: str) -> int:
    """Return a number that changes when the file changes; -1 without a file."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1
