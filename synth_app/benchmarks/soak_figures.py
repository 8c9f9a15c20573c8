"""Figures of a soak test, as data and as text."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth_app.benchmarks.scheduler_stalls import STALL_S
from synth_app.support.errors import UserError

Times = NDArray[np.float64]

_AROUND_S = 0.1  # slow moments last for some 50 ms, and the device's buffer delays an underrun

# keys of the JSON output whose attributes have other names
_JSON_KEYS = {
    "worst_outside_changes_ms": "worst_outside_swaps_ms",
    "late_outside_changes": "late_outside_swaps",
    "seen_by": "pauses_seen_by",
    "count": "pauses",
    "longest_ms": "longest_pause_ms",
    "patches": "sounds",
    "app_stalls": "stand_stills",
    "app_stalled_s": "stood_still_s",
}


@dataclass(frozen=True)
class BlockTimes:
    """Rendering times of blocks, in ms.

    Attributes:
        longest_gap_ms: longest time between the starts of two blocks.
        worst_outside_changes_ms, late_outside_changes: without blocks during a change of the model.
    """

    blocks: int
    deadline_ms: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    longest_gap_ms: float
    worst_outside_changes_ms: float
    late_outside_changes: int

    @classmethod
    def of(
        cls, start: Times, work_ms: NDArray[np.float32], span_s: float, gap_s: float, changes: list[tuple[float, float]]
    ) -> "BlockTimes":
        """Summarize the blocks.

        Args:
            start: float64 [n], start of each block in s.
            work_ms: float32 [n], rendering time of each block.
            span_s: duration of a block.
            gap_s: longest time between two starts.
            changes: begin and end of each change of the model, on the clock of ``start``.

        Raises:
            UserError: there are no blocks.
        """
        if not len(work_ms):
            raise UserError("the device requested no block; choose another one")
        p50, p99, worst = map(float, np.percentile(work_ms, (50, 99, 100)))
        outside = np.ones(len(start), bool)
        for begin, end in changes:
            outside &= (start + 1e-3 * work_ms < begin) | (start > end)
        rest = work_ms[outside]
        return cls(
            len(work_ms), 1e3 * span_s, p50, p99, worst, 1e3 * gap_s, float(rest.max(initial=0.0)),
            int(np.count_nonzero(rest > 1e3 * span_s)),
        )  # fmt: skip


@dataclass(frozen=True)
class SchedulerStalls:
    """Stalls of the cores: how often a sleeping process woke too late.

    Attributes:
        seen_by: priority of the observer. "real-time": only the machine can cause the stalls. "normal": other programs
            can cause them, too.
        count: number of stalls longer than ``STALL_S``, of all cores.
        longest_ms: length of the longest stall.
    """

    seen_by: str
    count: int
    longest_ms: float

    @classmethod
    def of(cls, seen_by: str, lengths_ms: Sequence[float]) -> "SchedulerStalls":
        """Summarize the stalls."""
        return cls(seen_by, len(lengths_ms), max(lengths_ms, default=0.0))

    @property
    def by_machine(self) -> bool:
        """Whether only the machine can cause the stalls."""
        return self.seen_by == "real-time"

    def as_text(self) -> str:
        """Return a line for a terminal."""
        cause = "the machine" if self.by_machine else "the machine or other programs"
        longest = f", the longest {self.longest_ms:.0f} ms" if self.count else ""
        return f"stalls of more than {1e3 * STALL_S:g} ms: {self.count}{longest} (caused by {cause})"


@dataclass(frozen=True)
class SlowMoments:
    """Moments in which the machine itself computed slowly or stood still, and what happened in them.

    Attributes:
        slow_runs: runs of the fixed computation that took more than ``SLOW`` times as long as usual.
        slowest: by how many times the slowest run was slower than usual.
        slow_late_blocks, slow_underruns: late blocks and underruns within such moments or stalls of the machine; the
            others are the program's.
    """

    slow_runs: int
    slowest: float
    slow_late_blocks: int
    slow_underruns: int

    @classmethod
    def of(
        cls, runs: Sequence[tuple[float, float]], blocks: NDArray[Any], underruns_at: Sequence[float],
        stalls_at: Sequence[float] = (),
    ) -> "SlowMoments":  # fmt: skip
        """Find what happened within ``_AROUND_S`` of a slow run or of the end of a stall.

        Args:
            runs: start in s and slowness of each slow run.
            blocks: records of dtype ``telemetry.BLOCK``.
            underruns_at: when each underrun was seen, on the same clock.
            stalls_at: when each stall ended that only the machine can cause, on the same clock.
        """
        starts = np.sort(np.array([*(start for start, _ in runs), *stalls_at], np.float64))
        late = blocks[blocks["work_ms"] > blocks["span_ms"]]
        begin, end = late["start"] - _AROUND_S, late["start"] + 1e-3 * late["work_ms"] + _AROUND_S
        seen = np.array(underruns_at, np.float64)
        return cls(
            len(runs), max((slowness for _, slowness in runs), default=0.0),
            int(np.count_nonzero(_any_between(starts, begin, end))),
            int(np.count_nonzero(_any_between(starts, seen - 2 * _AROUND_S, seen))),
        )  # fmt: skip

    def as_text(self) -> str:
        """Return a line for a terminal."""
        slowest = f", the slowest {self.slowest:.0f} times slower" if self.slow_runs else ""
        return (
            f"slow moments of the machine: {self.slow_runs}{slowest}; "
            f"in them and in stalls late blocks {self.slow_late_blocks}, underruns {self.slow_underruns}"
        )


@dataclass(frozen=True)
class Dropout:
    """Underruns that were seen at the same time, and the longest block shortly before.

    Attributes:
        at_s: time since the start of the test.
        underruns: number of them.
        work_ms, cpu_ms: rendering time of that block, and the processor time of it; the rest the thread waited.
        gap_ms: longest time between the starts of two blocks shortly before.
        changing: whether the model was being changed.
    """

    at_s: float
    underruns: int
    work_ms: float
    cpu_ms: float
    gap_ms: float
    changing: bool

    @classmethod
    def find(
        cls, blocks: NDArray[Any], underruns_at: Sequence[float], changes: Sequence[tuple[float, float]]
    ) -> "tuple[Dropout, ...]":
        """Return all dropouts; ``blocks`` are records of dtype ``telemetry.BLOCK``, the other times on their clock."""
        found = []
        for at, number in zip(*np.unique(np.array(underruns_at, np.float64), return_counts=True), strict=True):
            near = blocks[(blocks["start"] > at - 2 * _AROUND_S) & (blocks["start"] < at)]
            if len(near):
                longest = near[near["work_ms"].argmax()]
                gap_ms = 1e3 * float(np.diff(near["start"]).max(initial=0.0))
                changing = any(begin < at and at - 2 * _AROUND_S < end for begin, end in changes)
                found.append(
                    cls(
                        float(at - blocks["start"][0]),
                        int(number),
                        float(longest["work_ms"]),
                        float(longest["cpu_ms"]),
                        gap_ms,
                        changing,
                    )
                )
        return tuple(found)

    def as_text(self) -> str:
        """Return a line for a terminal."""
        change = ", during a change of the model" if self.changing else ""
        return (
            f"  at {self.at_s:.1f} s: {self.underruns} underruns, longest block {self.work_ms:.1f} ms "
            f"({self.cpu_ms:.1f} of them computing), {self.gap_ms:.1f} ms between two blocks{change}"
        )


def _any_between(points: Times, begin: Times, end: Times) -> NDArray[np.bool_]:
    """Return for each interval whether it holds a point; ``points`` are sorted."""
    return np.asarray(np.searchsorted(points, begin) < np.searchsorted(points, end, side="right"))


@dataclass(frozen=True)
class SoakFigures:
    """Figures of one soak test."""

    device: str
    running: bool  # False: no device; underruns cannot happen, late blocks can
    rate: int
    block: int
    latency_ms: float  # of the device's buffer
    priority: str
    seconds: float
    underruns: int
    late_blocks: int
    times: BlockTimes
    faults: int
    fault_texts: tuple[str, ...]
    restarts: int  # including the kill
    voices_median: float
    voices_most: int
    notes: int
    patches: int  # sent
    models_loaded: int
    models_refused: int
    app_stalls: int  # disturbances that stopped all threads of the app
    app_stalled_s: float
    training: str  # "torch", "numpy" or "" for none
    training_steps: int
    stalls: SchedulerStalls
    slow: SlowMoments
    dropouts: tuple[Dropout, ...]
    killed: bool
    sound_again_s: float | None  # from the kill to the first sample that is not silence
    voices_again: int | None  # soon after that, with all keys still held

    @property
    def passed(self) -> bool:
        """Whether there was no failed block, no underrun but the machine's, and no end of a process but the kill."""
        return self.underruns == self.slow.slow_underruns and not self.faults and self.restarts == int(self.killed)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON, with block times, stalls and slow moments on the top level."""
        data = asdict(self)
        data = {**data, **data.pop("times"), **data.pop("stalls"), **data.pop("slow"), "passed": self.passed}
        return {_JSON_KEYS.get(name, name): value for name, value in data.items()}

    def as_text(self) -> str:
        """Return lines for a terminal."""
        t = self.times
        unseen = "" if self.running else " (no device: underruns cannot be counted, see late blocks)"
        lines = [
            f"{self.seconds:.0f} s on {self.device}, {self.rate} Hz, {self.block} frames, "
            f"device latency {self.latency_ms:.0f} ms, {self.priority} priority",
            f"underruns {self.underruns}{unseen}, late blocks {self.late_blocks} of {t.blocks}, "
            f"faults {self.faults}, restarts {self.restarts}",
            f"outside model changes: late {t.late_outside_changes}, worst {t.worst_outside_changes_ms:.2f} ms",
            f"block p50 {t.p50_ms:.2f} ms, p99 {t.p99_ms:.2f}, worst {t.worst_ms:.2f} of {t.deadline_ms:.2f}; "
            f"longest time between two blocks {t.longest_gap_ms:.1f}",
            f"voices {self.voices_median:.0f} (most {self.voices_most}), notes {self.notes}, patches {self.patches}, "
            f"models loaded {self.models_loaded}, refused {self.models_refused}",
            f"app blocked {self.app_stalls} times, {self.app_stalled_s:.1f} s in total; "
            f"{self.training_steps} training steps at the same time ({self.training or 'none'})",
            self.stalls.as_text(),
            self.slow.as_text(),
            *(each.as_text() for each in self.dropouts),
        ]
        if self.sound_again_s is not None:
            lines.append(f"killed: sound again after {self.sound_again_s:.2f} s with {self.voices_again} voices")
        return "\n".join([*lines, *self.fault_texts, "passed" if self.passed else "FAILED"])
