"""The last seconds of the output, which all analyzer windows share; they can be held together."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.spectral import Array
from synth_app.ui.analyzers.telemetry_feed import TelemetryFeed
from synth_app.ui.ports.audio_port import TelemetryPort

CAPTURED_S = 20.0
_FRAMES = round(CAPTURED_S * ENGINE_RATE)
_EVERY_FRAMES = ENGINE_RATE // 20  # between two ``changed``


class Capture(QObject):
    """Reads the output at every tick of the feed and keeps the newest 20 s.

    ``changed`` is emitted at most 20 times a second, not in silence and not while the sound is held.

    Args:
        feed: whose ticks it follows.
        telemetry: of the audio process.
        parent: Qt's parent.
    """

    changed = Signal()

    def __init__(self, feed: TelemetryFeed, telemetry: TelemetryPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._telemetry = telemetry
        self._memory: Array = np.zeros((2 * _FRAMES, 2), np.float32)
        self._filled = _FRAMES  # of the memory; the newest frames are before it
        self._read = max(telemetry.written - _FRAMES, 0)
        self._held: tuple[Array, int] | None = None
        self._emitted = 0  # index after the newest frame at the last ``changed``
        self._silent_frames = _FRAMES
        self._update()
        feed.ticked.connect(self._update)

    @property
    def held(self) -> bool:
        """Whether the sound is held."""
        return self._held is not None

    @property
    def samples(self) -> Array:
        """The sound to show, float32 [frames, 2], newest last; read-only, valid until the next tick unless held."""
        return self._held[0] if self._held is not None else self._latest()

    @property
    def end(self) -> int:
        """Index of the output after the newest sample of ``samples``."""
        return self._held[1] if self._held is not None else self._read

    def hold(self, on: bool) -> None:
        """Hold the present sound, or follow the output again."""
        self._held = (self._latest().copy(), self._read) if on else None
        self.changed.emit()

    def _latest(self) -> Array:
        return self._memory[self._filled - _FRAMES : self._filled]

    def _update(self) -> None:
        """Read what is new."""
        samples, end, lost = self._telemetry.read_since(self._read)
        if end == self._read:
            return
        new = np.concatenate([np.zeros((lost, 2), np.float32), samples])[-_FRAMES:] if lost else samples[-_FRAMES:]
        self._append(new)
        self._read = end
        self._silent_frames = 0 if new.any() else self._silent_frames + len(new)
        if not self.held and self._silent_frames < _FRAMES and end - self._emitted >= _EVERY_FRAMES:
            self._emitted = end
            self.changed.emit()

    def _append(self, new: Array) -> None:
        if self._filled + len(new) > len(self._memory):
            kept = self._latest().copy()
            self._memory[:_FRAMES], self._filled = kept, _FRAMES
        self._memory[self._filled : self._filled + len(new)] = new
        self._filled += len(new)
