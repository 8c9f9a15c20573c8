"""The soak test: a short run on a real output, its figures, and its reaction to failures."""

import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth_app.audio import DeviceSettings
from synth_app.audio.protocol.telemetry import BLOCK
from synth_app.benchmarks import slow_moments
from synth_app.benchmarks.background_load import STALLS, TRAINING, BackgroundProcess, collect_garbage, hold_gil
from synth_app.benchmarks.soak import SoakPlan, soak
from synth_app.benchmarks.soak_figures import BlockTimes, Dropout, SchedulerStalls, SlowMoments, SoakFigures
from synth_app.modelfile import save_model_file
from synth_app.support.errors import UserError
from tests.audio.conftest import FAKE_ENGINE, NO_DEVICE, wait_until
from tests.audio.null_sink import NullSink
from tests.audio.process.test_real_engine import small_model
from tests.cli.conftest import Command, model_folder, synth

__all__ = ["model_folder", "synth"]


@pytest.mark.device
def test_a_short_soak_with_a_kill(null_sink: NullSink, tmp_path: Path) -> None:
    assert null_sink.pactl("info").returncode == 0
    paths = tuple(str(tmp_path / name) for name in ("a.safetensors", "b.safetensors"))
    for path in paths:
        save_model_file(Path(path), small_model())
    plan = SoakPlan(paths, 5.0, DeviceSettings(block=512), voices=4, model_change_every_s=0.7, kill=True, train=False)
    figures = soak(plan, lambda _: None)
    assert figures.running
    assert figures.killed
    assert figures.restarts == 1
    assert figures.sound_again_s is not None
    assert 0.02 <= figures.sound_again_s < 30.0
    assert figures.voices_again
    assert figures.models_loaded >= 3
    assert figures.models_refused == 0
    assert figures.faults == 0, figures.fault_texts
    assert figures.notes > 4 + 5  # more than the first keys
    assert figures.patches > figures.models_loaded  # includes bursts
    assert figures.app_stalls >= 1
    assert 0 < figures.voices_median <= figures.voices_most <= 64
    assert figures.times.blocks > 48_000 / 512  # at least one second of sound
    assert 0 < figures.times.p50_ms <= figures.times.p99_ms <= figures.times.worst_ms
    assert figures.passed == (figures.underruns == 0)
    assert figures.stalls.seen_by in ("real-time", "normal")
    assert figures.stalls.as_text() in figures.as_text()


@pytest.mark.parametrize(("order", "passed"), [("hog", True), ("fails", False)])
def test_late_and_failed_blocks_are_counted(
    order: str, passed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake engine takes 80 ms for every hundredth block of a ``hog``, and raises in every block of a ``fails``."""
    monkeypatch.chdir(tmp_path)
    save_model_file(Path(f"{order}.safetensors"), small_model())
    plan = SoakPlan((f"{order}.safetensors",), 1.0, NO_DEVICE, voices=2, train=False)
    figures = soak(plan, lambda _: None, engine=FAKE_ENGINE)
    assert not figures.running
    assert "cannot be counted" in figures.as_text()
    assert figures.passed == passed
    if order == "hog":
        assert figures.late_blocks >= 1
        assert figures.times.worst_ms >= 80.0
        assert figures.times.longest_gap_ms >= 80.0
    else:
        assert figures.faults > 100
        assert "tripped" in figures.as_text()


def test_blocks_during_model_changes_are_separated() -> None:
    start, work_ms = np.arange(10.0), np.full(10, 1.0, np.float32)
    work_ms[[2, 5, 7]] = 3.0, 9.0, 20.0
    times = BlockTimes.of(start, work_ms, 0.002, 1.5, changes=[(4.5, 5.5), (7.01, 7.5)])
    assert (times.blocks, times.worst_ms, times.longest_gap_ms) == (10, 20.0, 1500.0)
    # block 7 reaches into the second change
    assert (times.worst_outside_changes_ms, times.late_outside_changes) == (3.0, 1)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="threads cannot be bound to cores here")
def test_pauses_of_every_core_are_seen() -> None:
    each = {frozenset({core}) for core in os.sched_getaffinity(0)}
    with BackgroundProcess(STALLS) as pauses:
        threads = Path(f"/proc/{pauses._process.pid}/task")
        wait_until(
            lambda: each <= {frozenset(os.sched_getaffinity(int(t.name))) for t in threads.iterdir()}, seconds=20
        )


def test_stalls_are_attributed_to_the_machine_only_at_real_time_priority() -> None:
    seen = SchedulerStalls.of("real-time", (12.4, 103.2))
    assert seen.as_text() == "stalls of more than 10 ms: 2, the longest 103 ms (caused by the machine)"
    text = "stalls of more than 10 ms: 0 (caused by the machine or other programs)"
    assert SchedulerStalls.of("normal", ()).as_text() == text


def test_an_impossible_plan_is_refused() -> None:
    with pytest.raises(UserError, match="no model"):
        SoakPlan((), 1.0, NO_DEVICE)
    with pytest.raises(UserError, match="minutes"):
        SoakPlan(("a",), 0.0, NO_DEVICE)
    with pytest.raises(UserError, match="65 voices"):
        SoakPlan(("a",), 1.0, NO_DEVICE, voices=65)


def test_a_soak_test_without_its_training_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("synth_app.benchmarks.soak.TRAINING", "synth_app.no_such_module")
    save_model_file(Path("a.safetensors"), small_model())
    with pytest.raises(UserError, match="no_such_module ended too early"):
        soak(SoakPlan(("a.safetensors",), 1.0, NO_DEVICE, voices=2), lambda _: None, engine=FAKE_ENGINE)


def test_the_training_runs_in_the_background_and_ends() -> None:
    with BackgroundProcess(TRAINING) as training:
        wait_until(lambda: bool(training.numbers), seconds=60)
        assert training.kind in ("torch", "numpy")
        process = training._process
    assert process.returncode == 0


def test_a_pause_of_the_machine_is_seen_with_its_length() -> None:
    with BackgroundProcess(STALLS) as pauses:
        wait_until(lambda: bool(pauses.kind), seconds=20)
        before, start = len(pauses.numbers) // 2 * 2, time.perf_counter()
        os.kill(pauses._process.pid, signal.SIGSTOP)
        time.sleep(0.3)
        os.kill(pauses._process.pid, signal.SIGCONT)
        wait_until(lambda: max(pauses.numbers[before + 1 :: 2], default=0.0) > 250.0, seconds=5)
        assert max(pauses.numbers[before + 1 :: 2]) < 1000.0
        assert start < pauses.numbers[before] < time.perf_counter()
        assert pauses.kind in ("real-time", "normal")
    assert pauses._process.returncode == 0


@pytest.mark.parametrize("disturb", [lambda: hold_gil(0.2), collect_garbage])
def test_no_other_thread_of_the_app_runs_meanwhile(disturb: object) -> None:
    import threading

    ticks: list[float] = []
    over = threading.Event()

    def tick() -> None:
        while not over.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    time.sleep(0.05)
    assert callable(disturb)
    took = disturb()
    time.sleep(0.02)
    over.set()
    thread.join()
    assert float(np.diff(ticks).max()) > 0.3 * took


FIGURES = SoakFigures(
    device="out", running=True, rate=48_000, block=256, latency_ms=21.3, priority="normal", seconds=1.0, underruns=0,
    late_blocks=0, times=BlockTimes(1, 5.0, 1.0, 1.0, 1.0, 5.0, 1.0, 0), faults=0, fault_texts=(), restarts=0,
    voices_median=1.0, voices_most=1, notes=1, patches=1, models_loaded=1, models_refused=0, app_stalls=0,
    app_stalled_s=0.0, training="", training_steps=0, stalls=SchedulerStalls("real-time", 2, 31.4),
    slow=SlowMoments(0, 0.0, 0, 0), dropouts=(),
    killed=False, sound_again_s=None, voices_again=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("figures", "status"),
    [
        (FIGURES, 0),
        (replace(FIGURES, underruns=1), 1),
        (replace(FIGURES, underruns=2, slow=SlowMoments(1, 9.0, 0, 1)), 1),
        (replace(FIGURES, underruns=1, slow=SlowMoments(1, 9.0, 0, 1)), 0),
        (replace(FIGURES, faults=1), 1),
        (replace(FIGURES, restarts=1), 1),
        (replace(FIGURES, restarts=1, killed=True), 0),
    ],
)
def test_the_exit_status_states_whether_it_passed(
    figures: SoakFigures, status: int, synth: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []

    def fake(plan: SoakPlan, _tell: object) -> SoakFigures:
        plans.append(plan)
        return figures

    monkeypatch.setattr("synth_app.benchmarks.soak.soak", fake)
    done = synth("bench", "--soak", 0.5, "--kill", "--json")
    assert done.status == status
    data = json.loads(done.out)
    assert data["passed"] == (status == 0)
    assert data["p99_ms"] == 1.0
    assert (data["sounds"], data["stand_stills"], data["stood_still_s"]) == (1, 0, 0.0)
    assert (data["worst_outside_swaps_ms"], data["late_outside_swaps"]) == (1.0, 0)
    assert (data["pauses"], data["longest_pause_ms"], data["pauses_seen_by"]) == (2, 31.4, "real-time")
    assert (plans[0].seconds, plans[0].settings.block, plans[0].kill) == (30.0, 256, True)
    assert {Path(path).stem for path in plans[0].models} >= {"exact", "exact16", "residual-vae-48k"}


def test_only_what_happens_in_a_slow_moment_counts_as_the_machines() -> None:
    blocks = np.zeros(4, BLOCK)
    blocks["start"], blocks["span_ms"] = (1.0, 2.0, 3.0, 4.0), 5.0
    blocks["work_ms"] = (6.0, 6.0, 60.0, 4.0)  # three are late
    slow = SlowMoments.of([(2.05, 4.0), (3.15, 12.0), (4.0, 5.0)], blocks, [1.0, 2.2, 3.9])
    assert slow == SlowMoments(3, 12.0, 2, 1)
    assert SlowMoments.of([], blocks, [1.0]) == SlowMoments(0, 0.0, 0, 0)
    assert "in them and in stalls late blocks 2, underruns 1" in slow.as_text()
    assert SlowMoments.of([], blocks, [1.0, 2.2, 3.9], [2.1]) == SlowMoments(0, 0.0, 1, 1)


def test_a_dropout_names_the_longest_block_before_it() -> None:
    blocks = np.zeros(100, BLOCK)
    blocks["start"], blocks["work_ms"], blocks["cpu_ms"] = 10.0 + 0.005 * np.arange(100), 1.5, 1.4
    blocks["start"][50:] += 0.018
    blocks["work_ms"][[10, 48]] = 40.0, 19.0
    found = Dropout.find(blocks, [10.3, 10.3, 10.5], [(10.2, 10.25)])
    assert [(round(each.at_s, 3), each.underruns) for each in found] == [(0.3, 2), (0.5, 1)]
    assert [each.changing for each in found] == [True, False]
    assert (found[0].work_ms, found[0].cpu_ms) == pytest.approx((19.0, 1.4))
    assert found[0].gap_ms == pytest.approx(23.0)
    assert found[1].work_ms == pytest.approx(1.5)
    assert "2 underruns, longest block 19.0 ms (1.4 of them computing), 23.0 ms between" in found[0].as_text()


def test_a_computation_that_is_slow_is_reported_with_its_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stop, matmul, slow_at = threading.Event(), np.matmul, list[float]()
    runs = 0

    def sometimes_slow(*args: Any, **kws: Any) -> None:
        nonlocal runs
        runs += 1
        slow = runs > 250 and runs % 50 == 0
        if slow:
            slow_at.append(time.perf_counter())
        for _ in range(30 if slow else 1):
            matmul(*args, **kws)
        if runs == 400:
            stop.set()

    monkeypatch.setattr("synth_app.benchmarks.slow_moments.np.matmul", sometimes_slow)
    slow_moments._watch(None, stop)
    lines = [tuple(map(float, line.split())) for line in capsys.readouterr().out.splitlines()]
    for at in slow_at:
        assert any(abs(start - at) < 0.005 and slowness > 3 for start, slowness in lines), (at, lines)
    assert len(slow_at) == 3
