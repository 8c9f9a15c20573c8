"""Time from sending a key in the app until the block that plays it begins."""

import statistics
from collections import deque
from typing import Any

from numpy.typing import NDArray

_MEDIAN_OF = 9  # number of latest keys in the median
_PENDING = 64  # most keys that were sent and not yet seen in a block
_LOST_S = 2.0  # a key that waited longer was not played


class KeyLatency:
    """Matches sent keys with the blocks that applied them.

    Any thread may call ``key_sent``; only the thread that reads the telemetry calls the rest.
    """

    def __init__(self) -> None:
        self._pending: deque[float] = deque(maxlen=_PENDING)
        self._waits_ms: deque[float] = deque(maxlen=_MEDIAN_OF)
        self._applied: int | None = None

    @property
    def median_ms(self) -> float | None:
        """Median of the latest keys, in ms; None before the first key."""
        return statistics.median(self._waits_ms) if self._waits_ms else None

    def key_sent(self, at_s: float) -> None:
        """Record that a key was sent at this time.perf_counter()."""
        self._pending.append(at_s)

    def blocks_read(self, blocks: NDArray[Any]) -> None:
        """Evaluate the block records (``telemetry.BLOCK``) since the last call.

        A block whose ``applied`` differs from that of the previous one applied all keys sent before it began.
        """
        for applied, start in zip(blocks["applied"], blocks["start"], strict=True):
            if self._applied is not None and applied != self._applied:
                self._match_keys(float(start))
            self._applied = int(applied)

    def _match_keys(self, start_s: float) -> None:
        while self._pending and self._pending[0] <= start_s:
            wait_s = start_s - self._pending.popleft()
            if wait_s < _LOST_S:
                self._waits_ms.append(1e3 * wait_s)
