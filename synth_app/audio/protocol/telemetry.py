"""Ring buffer in shared memory: the audio process writes samples and measurements, readers copy them, and nobody waits.

There is one writer (the audio process) and any number of readers. The writer stores the end of new data in ``begun``
before it writes them, and in ``written`` afterwards. A reader copies, then reads ``begun`` again. This shows which part
of its copy may have been overwritten. The app owns the memory, so it survives a restart of the writer.
"""

import contextlib
from collections.abc import Sized
from multiprocessing import resource_tracker, shared_memory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.audio.protocol.key_latency import KeyLatency
from synth_app.audio.protocol.messages import Meters

RING_FRAMES = 1 << 18  # 5.5 s at 48 kHz
RING_BLOCKS = 1 << 14  # 22 s of 64-frame blocks
PRIORITIES = ("normal", "raised", "real-time")

_HEADER = np.dtype(
    [
        (name, np.int64)
        for name in (
            "begun",
            "written",
            "blocks_begun",
            "blocks_written",
            "clock",
            "voices",
            "limited_blocks",
            "underruns",
            "late_blocks",
            "faults",
            "priority",
            "relief",
            "dropped_events",
        )
    ]
    + [("load", np.float64)]
)
BLOCK = np.dtype(
    [
        ("clock", np.int64),  # engine clock after the block
        ("applied", np.int64),  # engine clock at which the newest message so far was applied, -1 before the first
        ("start", np.float64),  # time.perf_counter() when its rendering began
        ("work_ms", np.float32),  # how long that took
        ("cpu_ms", np.float32),  # processor time of it; the rest the thread waited
        ("span_ms", np.float32),  # duration of the block
        ("relief", np.int16),  # quality reduction from the next block on (patch.quality.Relief)
        ("voices", np.int16),  # sounding voices after the block
    ]
)
_LOAD_WEIGHT = 0.05  # of one block in the moving average of the load

Frames = NDArray[np.float32]


class _Memory:
    """Arrays over the parts of the shared memory."""

    def __init__(self, memory: shared_memory.SharedMemory) -> None:
        self._shared = memory
        blocks_at = 1024
        frames_at = blocks_at + RING_BLOCKS * BLOCK.itemsize
        self.header = np.ndarray(1, _HEADER, memory.buf)
        self.blocks = np.ndarray(RING_BLOCKS, BLOCK, memory.buf, blocks_at)
        self.frames = np.ndarray((RING_FRAMES, 2), np.float32, memory.buf, frames_at)

    @staticmethod
    def size() -> int:
        return 1024 + RING_BLOCKS * BLOCK.itemsize + RING_FRAMES * 8

    def close(self) -> None:
        """Close the memory; the arrays cannot be used afterwards."""
        del self.header, self.blocks, self.frames
        with contextlib.suppress(BufferError):  # a view is still in use; the mapping ends with it
            self._shared.close()


def _attach(name: str) -> shared_memory.SharedMemory:
    """Attach without Python's resource tracker.

    Up to Python 3.12 attaching also registers the memory with a tracker of this process. The tracker removes the
    memory when this process dies, although the app needs it for the next process (python/cpython issue 82300).
    """
    register = resource_tracker.register
    resource_tracker.register = _no_registration
    try:
        return shared_memory.SharedMemory(name)
    finally:
        resource_tracker.register = register


def _no_registration(name: Sized, rtype: str) -> None:
    """Replace ``resource_tracker.register`` while attaching."""


class TelemetryWriter:
    """Writer in the audio process.

    The rendering thread calls the methods that write about blocks. Any thread may read: ``dropout_counts``, ``load``,
    ``blocks_written`` and ``blocks_since``.
    """

    def __init__(self, name: str) -> None:
        """Attach to the app's ring by name and continue where the last writer stopped."""
        self._memory = _Memory(_attach(name))
        self._header = self._memory.header
        self._header["begun"] = self._header["written"]
        self._header["blocks_begun"] = self._header["blocks_written"]
        self._header["load"] = 0.0
        self._header["relief"] = 0

    def set_priority(self, priority: str) -> None:
        """Write which of ``PRIORITIES`` the system granted."""
        self._header["priority"] = PRIORITIES.index(priority)

    def set_relief(self, relief: int) -> None:
        """Write the engine's quality reduction."""
        self._header["relief"] = relief

    def set_dropped_events(self, count: int) -> None:
        """Write how many events of bursts this process has dropped."""
        self._header["dropped_events"] = count

    def count(self, name: str) -> None:
        """Add one to ``underruns``, ``faults`` or ``limited_blocks``."""
        self._header[name] += 1

    def dropout_counts(self) -> dict[str, int]:
        """Return the totals of ``underruns``, ``late_blocks`` and ``faults``; any thread may call it."""
        return {name: int(self._header[name][0]) for name in ("underruns", "late_blocks", "faults")}

    @property
    def load(self) -> float:
        """Average rendering time of the latest blocks as a fraction of their duration."""
        return float(self._header["load"][0])

    @property
    def blocks_written(self) -> int:
        """Number of blocks written since the ring was created."""
        return int(self._header["blocks_written"][0])

    def blocks_since(self, index: int) -> tuple[NDArray[Any], int, int]:
        """As ``Telemetry.blocks_since``."""
        return read_ring(self._memory.blocks, self._memory.header, "blocks_written", "blocks_begun", index)

    def write_frames(self, frames: Frames) -> None:
        """Append rendered frames, float32 [n, 2] with n <= RING_FRAMES."""
        header, ring, n = self._header, self._memory.frames, len(frames)
        index = int(header["written"][0])
        header["begun"] = index + n
        position = index % RING_FRAMES
        first = min(n, RING_FRAMES - position)
        ring[position : position + first] = frames[:first]
        ring[: n - first] = frames[first:]
        header["written"] = index + n

    def write_block(
        self, clock: int, voices: int, start: float, work_s: float, span_s: float, applied: int = -1, *,
        cpu_s: float = 0.0,
    ) -> None:  # fmt: skip
        """Write the record of one block.

        Args:
            clock: engine clock after the block, in samples.
            voices: sounding voices after the block.
            start: time.perf_counter() when rendering began.
            work_s: how long rendering took.
            span_s: duration of the block.
            applied: engine clock at which the newest message so far was applied; -1 before the first.
            cpu_s: processor time of the rendering.
        """
        header = self._header
        index = int(header["blocks_written"][0])
        header["blocks_begun"] = index + 1
        relief = header["relief"][0]
        self._memory.blocks[index % RING_BLOCKS] = (
            clock, applied, start, work_s * 1e3, cpu_s * 1e3, span_s * 1e3, relief, voices
        )  # fmt: skip
        header["blocks_written"] = index + 1
        header["clock"] = clock
        header["voices"] = voices
        header["load"] += _LOAD_WEIGHT * (work_s / span_s - header["load"])
        if work_s > span_s:
            header["late_blocks"] += 1

    def close(self) -> None:
        """Detach."""
        del self._header
        self._memory.close()


class Telemetry:
    """Reader of the ring; created without a name, it creates the ring and owns it."""

    def __init__(self, name: str | None = None) -> None:
        """Create a ring, or attach to the one of that name."""
        self._owner = name is None
        if name is None:
            self._shared = shared_memory.SharedMemory(create=True, size=_Memory.size())
        else:
            self._shared = _attach(name)
        self.name = self._shared.name
        self._memory = _Memory(self._shared)
        self._frames_seen = self.written
        self._blocks_seen = self.blocks_written
        self._limited_seen = self._number("limited_blocks")
        self.key_latency = KeyLatency()

    def __enter__(self) -> "Telemetry":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def written(self) -> int:
        """Number of frames written since the ring was created, which is the index of the next frame."""
        return self._number("written")

    @property
    def blocks_written(self) -> int:
        """Number of blocks written since the ring was created."""
        return self._number("blocks_written")

    @property
    def underruns(self) -> int:
        """Times the device ran dry since the ring was created."""
        return self._number("underruns")

    @property
    def voices(self) -> int:
        """Sounding voices after the latest block."""
        return self._number("voices")

    def latest(self, n: int) -> Frames:
        """Return the last ``n`` rendered frames, float32 [n, 2], with zeros in front where fewer exist.

        Raises:
            ValueError: n over half the ring.
        """
        if not 0 <= n <= RING_FRAMES // 2:
            raise ValueError(f"{n} frames requested; the limit is {RING_FRAMES // 2}")
        while True:
            frames, _, lost = self.read_since(max(self.written - n, 0))
            if not lost:
                break
        frames = frames[-n:] if n else frames[:0]
        return np.concatenate([np.zeros((n - len(frames), 2), np.float32), frames])

    def read_since(self, index: int) -> tuple[Frames, int, int]:
        """Return the frames from ``index`` on that the ring still holds.

        Returns:
            (frames float32 [k, 2], index for the next call, number of frames after ``index`` that were lost).
        """
        copy, new_index, lost = read_ring(self._memory.frames, self._memory.header, "written", "begun", index)
        return copy, new_index, lost

    def blocks_since(self, index: int) -> tuple[NDArray[Any], int, int]:
        """Return the block records (dtype ``BLOCK``) from ``index`` on, like ``read_since``."""
        return read_ring(self._memory.blocks, self._memory.header, "blocks_written", "blocks_begun", index)

    def meters(self) -> Meters:
        """Return the latest figures; peaks and the worst block are those since this reader's last call."""
        frames, self._frames_seen, _ = self.read_since(self._frames_seen)
        blocks, self._blocks_seen, _ = self.blocks_since(self._blocks_seen)
        self.key_latency.blocks_read(blocks)
        figures = self._memory.header[0]
        limited_blocks = int(figures["limited_blocks"])
        limited, self._limited_seen = limited_blocks > self._limited_seen, limited_blocks
        left, right = np.abs(frames).max(axis=0, initial=0.0)
        return Meters(
            clock=int(figures["clock"]),
            peak_left=float(left),
            peak_right=float(right),
            limited=limited,
            load=float(figures["load"]),
            worst_ms=float(blocks["work_ms"].max(initial=0.0)),
            underruns=int(figures["underruns"]),
            voices=int(figures["voices"]),
            late_blocks=int(figures["late_blocks"]),
            faults=int(figures["faults"]),
            relief=int(figures["relief"]),
            dropped_events=int(figures["dropped_events"]),
            priority=PRIORITIES[int(figures["priority"])],
            key_wait_ms=self.key_latency.median_ms,
        )

    def close(self) -> None:
        """Detach; closing the owner removes the ring."""
        self._memory.close()
        if self._owner:
            self._owner = False
            self._shared.unlink()

    def _number(self, name: str) -> int:
        return int(self._memory.header[name][0])


def read_ring(
    ring: NDArray[Any], header: NDArray[Any], written: str, begun: str, index: int
) -> tuple[NDArray[Any], int, int]:
    """Copy what a ring holds from ``index`` on; return it, the index after it, and how many entries are lost.

    Args:
        ring: [size, ...]. header: whose fields ``written`` and ``begun`` count the entries, as the module describes.
    """
    size = len(ring)
    end = int(header[written][0])
    start = max(min(index, end), end - size)
    position, n = start % size, end - start
    first = min(n, size - position)
    copy = np.concatenate([ring[position : position + first], ring[: n - first]])
    overwritten = min(max(int(header[begun][0]) - size - start, 0), n)
    return copy[overwritten:], end, start - min(index, end) + overwritten
