"""How long keys wait in the app and in the audio process, until the block that plays them begins."""

import statistics
from collections import deque
from typing import Any

from numpy.typing import NDArray

_KEPT = 9  # latest waits that the figure is of
_PENDING = 64  # keys sent and not yet seen in a block
_LOST_S = 2.0  # after which a key was not played at all


class KeyLatency:
    """Matches keys with the blocks that took them.

    Any thread may call ``sent``; the rest belongs to the thread that reads the telemetry.
    """

    def __init__(self) -> None:
        self._pending: deque[float] = deque(maxlen=_PENDING)
        self._waits_ms: deque[float] = deque(maxlen=_KEPT)
        self._applied: int | None = None

    @property
    def median_ms(self) -> float | None:
        """Of the latest keys; None before the first."""
        return statistics.median(self._waits_ms) if self._waits_ms else None

    def sent(self, at_s: float) -> None:
        """A key was sent at this time.perf_counter()."""
        self._pending.append(at_s)

    def heard(self, blocks: NDArray[Any]) -> None:
        """Take the block records (``telemetry.BLOCK``) since the last call; a block takes all that was sent before."""
        for applied, start in zip(blocks["applied"], blocks["start"], strict=True):
            if self._applied is not None and applied != self._applied:
                self._took(float(start))
            self._applied = int(applied)

    def _took(self, start_s: float) -> None:
        while self._pending and self._pending[0] <= start_s:
            wait_s = start_s - self._pending.popleft()
            if wait_s < _LOST_S:
                self._waits_ms.append(1e3 * wait_s)
