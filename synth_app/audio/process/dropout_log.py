"""Log lines about dropouts, written by the output thread from the counters that the rendering thread leaves."""

import logging

from synth_app.audio.protocol.telemetry import TelemetryWriter

logger = logging.getLogger(__name__)

_EVERY_S = 5.0


class DropoutLog:
    """Logs how far the counters of underruns, late blocks and failed blocks rose, at most every five seconds."""

    def __init__(self, telemetry: TelemetryWriter) -> None:
        """Start from the present counters."""
        self._telemetry = telemetry
        self._counts = telemetry.dropout_counts()
        self._checked_at = float("-inf")

    def check(self, now_s: float) -> None:
        """Log the dropouts since the last line if five seconds have passed; ``now_s`` is time.monotonic()."""
        if now_s - self._checked_at < _EVERY_S:
            return
        self._checked_at = now_s
        counts = self._telemetry.dropout_counts()
        new = {name: count - self._counts[name] for name, count in counts.items()}
        self._counts = counts
        if any(new.values()):
            text = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in new.items())
            logger.warning("dropouts within the last %.0f s or less: %s", _EVERY_S, text)
