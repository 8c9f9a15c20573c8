"""Plays recorded sounds beside the engine: a preview, or a recording and a model's version of it, switched at will."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.messages import PlaySample, SampleState
from synth_app.audio.protocol.telemetry import Frames
from synth_app.patch import ENGINE_RATE
from synth_app.support.errors import UserError

MAX_BLOCK_SAMPLES = 16_384  # per channel; most that is rendered at once
MAX_SAMPLE_SECONDS = 121.0
_FADE_SAMPLES = 480  # of the switch, the start and the end
_KEPT = 3  # sounds: the newest, and two that may still fade out
Samples = NDArray[np.float32]


class _Playing:
    """Two sounds of equal length and what is heard of them. The rendering thread moves it."""

    def __init__(self, number: int, first: Samples, second: Samples, position: int) -> None:
        self.number = number  # of the request
        self.first, self.second = first, second
        self.position = position
        self.weight = self.wanted_weight = 0.0  # of the second sound
        self.gain, self.wanted_gain = 0.0, 1.0
        self.ended = False


class SamplePlayer:
    """Mixes a sound into the output. Other threads control it, the rendering thread calls ``mix``.

    Args:
        report: sends a SampleState to the app.
        begin_loading: called first in every thread that loads.
    """

    def __init__(self, report: Callable[[object], None], begin_loading: Callable[[], None] = lambda: None) -> None:
        self._report, self._begin_loading = report, begin_loading
        self._lock = threading.Lock()  # never locked by the rendering thread
        # The newest sound, and those before it: they fade out, and the rendering thread must not free their memory.
        self._sounds: tuple[_Playing, ...] = ()
        self._reported = False  # whether the app was told that something plays
        self._order = 0  # of the latest request; a slower loading before it is dropped
        self._which = 0  # the sound that was wanted last, perhaps while it was still loaded
        self._ramp = np.arange(1, MAX_BLOCK_SAMPLES + 1, dtype=np.float32)
        self._mixed, self._weights = (np.zeros(MAX_BLOCK_SAMPLES, np.float32) for _ in range(2))

    # ---- the controlling threads

    def play(self, request: PlaySample) -> None:
        """Load and play files; returns at once. The end of what played before is not reported."""
        self.stop()
        with self._lock:
            self._which = request.which
            self._reported = False
        threading.Thread(target=self._load, args=(request, self._order), name="sample-loader", daemon=True).start()

    def switch(self, which: int) -> None:
        """Hear the other sound."""
        with self._lock:
            self._which = which
            for playing in self._sounds[:1]:
                playing.wanted_weight = float(which)

    def stop(self) -> None:
        """Fade out, and drop a sound that is being loaded."""
        with self._lock:
            self._order += 1
            for playing in self._sounds:
                playing.wanted_gain = 0.0

    def check(self) -> None:
        """Tell the app once that a sound has ended."""
        with self._lock:
            if self._reported and self._sounds[0].ended:
                self._reported = False
                self._report(SampleState(self._sounds[0].number, playing=False))

    def _load(self, request: PlaySample, order: int) -> None:
        self._begin_loading()
        made, problem, paths = None, "", request.paths[:2]
        try:
            made = _playing(request, [_read(Path(path)) for path in paths])
        except UserError as error:
            problem = str(error)
        with self._lock:
            if order != self._order:
                return
            if made is not None:
                made.weight = made.wanted_weight = float(min(self._which, len(paths) - 1))
                self._sounds = (made, *self._sounds[: _KEPT - 1])
                self._reported = True
            self._report(SampleState(request.number, playing=made is not None, problem=problem))

    # ---- the rendering thread

    def mix(self, out: Frames) -> None:
        """Add the next samples to float32 [n, 2], n up to MAX_BLOCK_SAMPLES, and keep the sum within full scale."""
        for playing in self._sounds:
            if not playing.ended:
                self._add(playing, out)

    def _add(self, playing: _Playing, out: Frames) -> None:
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


def _playing(request: PlaySample, sounds: list[Samples]) -> _Playing:
    """Return the one or two sounds of a request, cut to equal length, from its place on."""
    length = min(map(len, sounds))
    start = min(max(round(request.start_s * ENGINE_RATE), 0), length)
    return _Playing(request.number, sounds[0][:length], sounds[-1][:length], start)


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
