"""Log lines about dropouts and overload, written by the output thread from what the rendering thread leaves."""

import logging
from typing import Any

import numpy as np

from synth_app.audio.protocol.telemetry import TelemetryWriter
from synth_app.patch.quality import Relief

logger = logging.getLogger(__name__)

_EVERY_S = 5.0


class DropoutLog:
    """Logs trouble at most every five seconds, and at debug level each change of the quality reduction.

    Trouble is an underrun, a late block or a failed block. The line has the new counts and the worst block: the one
    whose rendering took the largest fraction of its duration.
    """

    def __init__(self, telemetry: TelemetryWriter) -> None:
        """Start from the present counters."""
        self._telemetry = telemetry
        self._counts = telemetry.dropout_counts()
        self._checked_at = float("-inf")
        self._block_index = telemetry.blocks_written
        self._relief = Relief.NONE
        self._worst: Any = None  # record of telemetry.BLOCK

    def check(self, now_s: float) -> None:
        """Evaluate the blocks since the last call, and log what is due; ``now_s`` is time.monotonic()."""
        self._read_blocks()
        if now_s - self._checked_at < _EVERY_S:
            return
        self._checked_at = now_s
        counts = self._telemetry.dropout_counts()
        new = {name: count - self._counts[name] for name, count in counts.items()}
        self._counts = counts
        if any(new.values()):
            load = 100.0 * self._telemetry.load
            logger.warning(
                "trouble in the last %.0f s: %d underruns, %d late blocks, %d faults, %s, load %.0f %%",
                _EVERY_S, new["underruns"], new["late_blocks"], new["faults"], _worst_text(self._worst), load,
            )  # fmt: skip
        self._worst = None

    def _read_blocks(self) -> None:
        """Find the worst block, and log the changes of the quality reduction."""
        blocks, self._block_index, _ = self._telemetry.blocks_since(self._block_index)
        if not len(blocks):
            return
        worst = blocks[np.argmax(blocks["work_ms"] / blocks["span_ms"])]
        if self._worst is None or _load(worst) > _load(self._worst):
            self._worst = worst
        for i in np.flatnonzero(np.diff(blocks["relief"], prepend=np.int16(self._relief))):
            self._log_relief(Relief(blocks[i]["relief"]), blocks[i])

    def _log_relief(self, relief: Relief, block: Any) -> None:
        action = "reduced" if relief > self._relief else "restored"
        logger.debug(
            "quality %s from relief %r to %r after a block of %.1f ms of %.1f ms with %d voices",
            action, _name(self._relief), _name(relief), block["work_ms"], block["span_ms"], block["voices"],
        )  # fmt: skip
        self._relief = relief


def _load(block: Any) -> float:
    return float(block["work_ms"] / block["span_ms"])


def _worst_text(block: Any) -> str:
    if block is None:
        return "no block rendered"
    return (
        f"worst block {block['work_ms']:.1f} ms of {block['span_ms']:.1f} ms, {block['voices']} voices, "
        f"relief {_name(Relief(block['relief']))!r}"
    )


def _name(relief: Relief) -> str:
    return relief.name.lower().replace("_", " ")
