"""Renders blocks: passes messages to the engine, samples to the output, measurements to telemetry. No locks, no I/O."""

import importlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from synth_app.audio.process.event_budget import EventBudget
from synth_app.audio.process.midi_queue import MidiQueue
from synth_app.audio.process.sample_player import MAX_BLOCK_SAMPLES, SamplePlayer
from synth_app.audio.protocol.telemetry import Frames, TelemetryWriter
from synth_app.engine.overload_governor import OverloadGovernor
from synth_app.patch import Message, Patch, SetPatch
from synth_app.patch.quality import Relief

_BATCH = 256  # most messages looked at per block
_MOST_WAITING = 128  # messages; presses among more are dropped if the block cannot apply them


class EngineLike(Protocol):
    """The engine: ``synth_app.engine.engine.Engine`` or a substitute in tests."""

    clock: int
    limited: bool

    @property
    def active_voices(self) -> int:
        """Number of sounding voices."""

    @property
    def first_relief(self) -> Relief:
        """The first step of relief that reduces the load."""

    def post(self, message: Message) -> None:
        """Apply a message at the start of the next render."""

    def install(self, instrument: Any, patch: Patch) -> None:
        """Replace the instrument."""

    def relieve(self, relief: Relief) -> None:
        """Reduce the quality, or restore it."""

    def render(self, out: Frames) -> None:
        """Fill float32 [n, 2]."""


class EngineModule(Protocol):
    """Interface of an engine module."""

    Engine: Callable[[], EngineLike]
    prepare_instrument: Callable[[str, str], Any]
    warm_kernels: Callable[[Sequence[str]], None]
    WARM_UP: str  # dotted name of the module that compiles the kernels; "" without kernels


def load_engine(path: str) -> EngineModule:
    """Import an engine module by its dotted name."""
    return cast(EngineModule, importlib.import_module(path))


@dataclass(frozen=True)
class Install:
    """Arguments of ``Engine.install``."""

    instrument: Any
    patch: Patch


Item = Message | Install


class Inbox:
    """Lock-free queue of messages for the rendering thread.

    One thread calls ``put`` and ``flush`` (or several under their own lock); the rendering thread calls ``get``, which
    only pops from the deque. When the rendering thread does not keep up, messages above the capacity wait in a second
    deque: all notes, but only the newest patch.
    """

    CAPACITY = 1024

    def __init__(self) -> None:
        """Start empty."""
        self._ready: deque[Item] = deque()
        self._waiting: deque[Item] = deque()

    def put(self, item: Item) -> None:
        """Add a message."""
        if isinstance(item, SetPatch) and self._waiting:
            self._waiting = deque(old for old in self._waiting if not isinstance(old, SetPatch))
        self._waiting.append(item)
        self.flush()

    def flush(self) -> None:
        """Move waiting messages into the queue, up to its capacity."""
        while self._waiting and len(self._ready) < self.CAPACITY:
            self._ready.append(self._waiting.popleft())

    def peek(self) -> Item | None:
        """Return the next message without removing it, or None."""
        try:
            return self._ready[0]
        except IndexError:
            return None

    def get(self) -> Item | None:
        """Remove and return the next message, or None."""
        try:
            return self._ready.popleft()
        except IndexError:
            return None

    def __len__(self) -> int:
        return len(self._ready) + len(self._waiting)


class Player:
    """Renders blocks for the running clock, the device's or the null clock; never for both at a time."""

    def __init__(
        self,
        engine: EngineLike,
        inbox: Inbox,
        telemetry: TelemetryWriter,
        midi: MidiQueue | None = None,
        samples: SamplePlayer | None = None,
    ) -> None:
        """Allocate the buffer of a block; from now on the engine belongs to the rendering thread."""
        self._midi = midi or MidiQueue()
        self._samples = samples
        self._engine = engine
        self._inbox = inbox
        self._telemetry = telemetry
        self._governor = OverloadGovernor()
        self._budget = EventBudget()
        self._buffer = np.zeros((MAX_BLOCK_SAMPLES, 2), np.float32)
        self._applied = -1  # engine clock of the newest message
        self._cpu_s = 0.0  # processor time of this block so far
        self.fault: Exception | None = None  # the last failure; the output thread reports and clears it

    def render(self, frames: int) -> Frames:
        """Render the next ``frames`` (1 to MAX_BLOCK_SAMPLES) samples at 48 kHz.

        If the engine fails, the block is silent, the failure is counted, and ``fault`` holds the exception.

        Returns:
            float32 [frames, 2], valid until the next call.
        """
        out, cpu_s = self._buffer[:frames], time.thread_time()
        try:
            self._budget.refill(frames)
            self._apply()
            self._render_with_midi(out)
            if self._samples is not None:
                self._samples.mix(out)
            if self._engine.limited:
                self._engine.limited = False
                self._telemetry.count("limited_blocks")
        except Exception as error:  # the device must get its block in any case
            out.fill(0.0)
            self.fault = error
            self._telemetry.count("faults")
        self._telemetry.set_dropped_events(self._budget.dropped + self._midi.dropped)
        self._telemetry.write_frames(out)
        self._cpu_s += time.thread_time() - cpu_s
        return out

    def record_block_time(self, start: float, span_s: float, underrun: bool = False) -> None:
        """Record that a block is ready, and reduce or restore the quality by its render time.

        Args:
            start: time.perf_counter() when its rendering began.
            span_s: how long it sounds.
            underrun: whether the device ran dry before it.
        """
        work_s = time.perf_counter() - start
        engine = self._engine
        if self._governor.block(work_s, span_s, engine.first_relief):
            engine.relieve(self._governor.relief)
            self._telemetry.set_relief(self._governor.relief)
        self._telemetry.write_block(
            engine.clock, engine.active_voices, start, work_s, span_s, self._applied, cpu_s=self._cpu_s
        )
        self._cpu_s = 0.0
        if underrun:
            self._telemetry.count("underruns")

    def _render_with_midi(self, out: Frames) -> None:
        """Render in pieces, so that each MIDI event takes effect at its own sample."""
        done = 0
        for offset, message in self._midi.due(time.perf_counter(), len(out), self._budget):
            if offset > done:
                self._engine.render(out[done:offset])
                done = offset
            self._applied = self._engine.clock
            self._engine.post(message)
        self._engine.render(out[done:])

    def _apply(self) -> None:
        """Apply the messages that arrived, as many as the block may. Of patches that directly follow each other, only
        the last is applied."""
        patch: SetPatch | None = None
        for _ in range(_BATCH):
            item = self._inbox.peek()
            if item is None:
                break
            if not self._budget.take(item):
                if len(self._inbox) > _MOST_WAITING and self._budget.drop(item):
                    self._inbox.get()
                    continue
                break
            self._inbox.get()
            self._applied = self._engine.clock
            if isinstance(item, SetPatch):
                patch = item
                continue
            if patch is not None:
                self._engine.post(patch)
                patch = None
            if isinstance(item, Install):
                self._engine.install(item.instrument, item.patch)
            else:
                self._engine.post(item)
        if patch is not None:
            self._engine.post(patch)
