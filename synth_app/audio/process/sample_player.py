"""Plays recorded sounds beside the engine: a preview, or a recording and a model's version of it, switched at will."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.messages import SampleState
from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

MAX_BLOCK_SAMPLES = 16_384  # per channel; most that is rendered at once
MAX_SAMPLE_SECONDS = 121.0
_FADE_SAMPLES = 480  # of the switch, the start and the end
Samples = NDArray[np.float32]


class _Playing:
    """Two sounds of equal length and what is heard of them. The rendering thread moves it."""

    def __init__(self, first: Samples, second: Samples, which: int, position: int) -> None:
        self.first, self.second = first, second
        self.position = position
        self.weight = self.wanted_weight = float(which)  # of the second sound
        self.gain, self.wanted_gain = 0.0, 1.0
        self.ended = False


class SamplePlayer:
    """Mixes a sound into the output. One thread controls it, the rendering thread calls ``mix``.

    Args:
        report: sends a SampleState to the app.
    """

    def __init__(self, report: Callable[[object], None]) -> None:
        self._report = report
        self._playing: _Playing | None = None  # set by the controlling threads, read by the rendering thread
        self._before: _Playing | None = None  # the rendering thread must not free its memory
        self._reported = False  # whether the app was told that something plays
        self._order = 0  # of the latest request; a slower loading before it is dropped
        self._ramp = np.arange(1, MAX_BLOCK_SAMPLES + 1, dtype=np.float32)
        self._mixed, self._weights = (np.zeros(MAX_BLOCK_SAMPLES, np.float32) for _ in range(2))

    # ---- the controlling thread

    def play(self, paths: tuple[str, ...], which: int, start_s: float) -> None:
        """Load and play files, as ``PlaySample``; returns at once."""
        self.stop()
        self._order += 1
        threading.Thread(
            target=self._load, args=(paths, which, start_s, self._order), name="sample-loader", daemon=True
        ).start()

    def switch(self, which: int) -> None:
        """Hear the other sound."""
        playing = self._playing
        if playing is not None:
            playing.wanted_weight = float(which)

    def stop(self) -> None:
        """Fade out, and drop a sound that is being loaded."""
        self._order += 1
        playing = self._playing
        if playing is not None:
            playing.wanted_gain = 0.0

    def check(self) -> None:
        """Tell the app once that a sound has ended."""
        if self._reported and self._playing is not None and self._playing.ended:
            self._reported = False
            self._report(SampleState(playing=False))

    def _load(self, paths: tuple[str, ...], which: int, start_s: float, order: int) -> None:
        try:
            sounds = [_read(Path(path)) for path in paths[:2]]
        except UserError as error:
            self._report(SampleState(playing=False, problem=str(error)))
            return
        length = min(map(len, sounds))
        first, second = sounds[0][:length], sounds[-1][:length]
        start = min(max(round(start_s * ENGINE_RATE), 0), length)
        if order == self._order:
            made = _Playing(first, second, min(which, len(sounds) - 1), start)
            self._before, self._playing, self._reported = self._playing, made, True
            self._report(SampleState(playing=True))

    # ---- the rendering thread

    def mix(self, out: Frames) -> None:
        """Add the next samples to float32 [n, 2], n up to MAX_BLOCK_SAMPLES, and keep the sum within full scale."""
        playing = self._playing
        if playing is None or playing.ended:
            return
        n = min(len(out), len(playing.first) - playing.position)
        part = slice(playing.position, playing.position + n)
        mixed, weights = self._mixed[:n], self._weights[:n]
        playing.weight = self._ramp_to(weights, playing.weight, playing.wanted_weight)
        np.subtract(playing.second[part], playing.first[part], out=mixed)
        mixed *= weights
        mixed += playing.first[part]
        playing.gain = self._ramp_to(weights, playing.gain, playing.wanted_gain)
        mixed *= weights
        out[:n, 0] += mixed
        out[:n, 1] += mixed
        np.clip(out, -1.0, 1.0, out=out)
        playing.position += n
        faded_out = playing.gain <= 0.0 and playing.wanted_gain <= 0.0
        playing.ended = faded_out or playing.position >= len(playing.first)

    def _ramp_to(self, weights: Samples, now: float, wanted: float) -> float:
        """Fill ``weights`` with a line from ``now`` towards ``wanted``, and return where it ends."""
        step = np.float32((1.0 if wanted > now else -1.0) / _FADE_SAMPLES)
        np.multiply(self._ramp[: len(weights)], step, out=weights)
        weights += np.float32(now)
        (np.minimum if wanted > now else np.maximum)(weights, np.float32(wanted), out=weights)
        return float(weights[-1]) if len(weights) else now


def _read(path: Path) -> Samples:
    """Read a file of raw samples, float32 [n], with a fade at its end. Raises UserError if it cannot be played."""
    try:
        samples = np.fromfile(path, np.float32, round(MAX_SAMPLE_SECONDS * ENGINE_RATE))
    except OSError as error:
        raise UserError(f"the sound cannot be played: {error.strerror or error}; play it again") from error
    if not len(samples) or not np.isfinite(samples).all():
        raise UserError("the sound cannot be played: its file is empty or damaged; play it again")
    fade = min(_FADE_SAMPLES, len(samples))
    samples[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return samples
