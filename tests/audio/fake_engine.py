"""Fake engine with the real interface that plays one sine per key: exact, cheap, and able to fail on request.

The path given to ``prepare_instrument`` selects the behaviour: ``ok...`` loads, ``slow...`` loads after 0.5 s,
``slowest FILE`` after 3 s and then adds its process id to a file, ``bad...`` is refused, ``broken...`` raises an
unexpected error, ``fails...`` makes ``render`` raise, ``hog...`` makes every hundredth block take 80 ms, ``loud...``
drives the limiter.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import ENGINE_RATE, Message, NoteOff, NoteOn, Panic, Patch, SetPatch
from synth_app.patch.quality import Relief
from synth_app.support.errors import UserError

SLOWEST_S = 3.0


@dataclass(frozen=True)
class FakeInstrument:
    """A loaded model."""

    path: str

    def parts(self) -> tuple[object, ...]:
        return ()

    def prepared(self, message: SetPatch) -> SetPatch:
        return message


class Engine:
    """Sines at the keys' pitches; level 0.05 each, scaled by the parameter ``sustain``; all phases start at 0."""

    def __init__(self, max_voices: int = 64, seed: int = 0) -> None:
        self.clock = 0
        self.limited = False
        self.log: list[object] = []
        self._started: dict[int, int] = {}
        self._patch: Patch | None = None
        self._instrument: FakeInstrument | None = None
        self._max_voices = max_voices
        self._blocks = seed

    @property
    def active_voices(self) -> int:
        return len(self._started)

    def post(self, message: Message) -> None:
        self.log.append(message)
        match message:
            case NoteOn(note) if self._instrument is not None and len(self._started) < self._max_voices:
                self._started[note] = self.clock
            case NoteOff(note):
                self._started.pop(note, None)
            case Panic():
                self._started.clear()
            case SetPatch(patch):
                assert self._instrument is not None
                assert patch.model == self._instrument.path
                self._patch = patch

    def install(self, instrument: FakeInstrument, patch: Patch) -> None:
        self.log.append(instrument)
        self._instrument, self._patch = instrument, patch

    @property
    def ringing(self) -> bool:
        return False

    @property
    def first_relief(self) -> Relief:
        return Relief.NO_ITERATIONS

    def relieve(self, relief: int) -> None:
        self.log.append(relief)

    def render(self, out: NDArray[np.float32]) -> None:
        self._blocks += 1
        path = self._instrument.path if self._instrument is not None else ""
        if path.startswith("fails"):
            raise RuntimeError("the engine tripped")
        if path.startswith("hog") and self._blocks % 100 == 0:
            time.sleep(0.08)
        self.limited = self.limited or path.startswith("loud")
        level = 0.05 * (self._patch.value("sustain") if self._patch is not None else 1.0)
        out.fill(0.0)
        for note, start in self._started.items():
            out += sine(note, self.clock - start, len(out), level)[:, None]
        self.clock += len(out)


def sine(note: int, start: int, frames: int, level: float = 0.05) -> NDArray[np.float32]:
    """Return samples ``start`` to ``start + frames`` of a key's sine, computed from the sample index."""
    f0_hz = 440.0 * 2.0 ** ((note - 69) / 12)
    index = np.arange(start, start + frames)
    return (level * np.sin(2 * np.pi * f0_hz / ENGINE_RATE * index)).astype(np.float32)


def prepare_instrument(model_path: str, quality: str = "live") -> FakeInstrument:
    del quality
    if model_path.startswith("slow"):
        time.sleep(SLOWEST_S if model_path.startswith("slowest") else 0.5)
    if model_path.startswith("slowest"):
        with Path(model_path.removeprefix("slowest ")).open("a", encoding="utf-8") as log:
            log.write(f"{os.getpid()}\n")
    if model_path.startswith("bad"):
        raise UserError(f"{model_path} is not a model; choose another file")
    if model_path.startswith("broken"):
        raise ZeroDivisionError("a defect")
    return FakeInstrument(model_path)


WARM_UP = ""


def warm_kernels(qualities: Sequence[str]) -> None:
    """Nothing to compile."""
    del qualities
