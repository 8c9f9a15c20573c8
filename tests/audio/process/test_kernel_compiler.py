"""Kernels are compiled in processes of their own: progress, what waits for them, and failures."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest

from synth_app.audio.process.kernel_compiler import KernelCompiler
from synth_app.audio.protocol.channel import Channel
from synth_app.audio.protocol.messages import Compiling, DeviceSettings, ModelLoaded, Ready
from synth_app.engine import warmup
from synth_app.patch import NoteOff, NoteOn, Patch, SetPatch
from synth_app.support.compiling import jobs
from tests.audio.conftest import Probe, wait_until

SLOW = "tests.audio.slow_warm_up"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, here and in the processes."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    yield folder
    numba.config.CACHE_DIR = before


@pytest.mark.usefixtures("cache")
def test_both_groups_are_compiled_at_the_same_time_with_rising_progress() -> None:
    reports: list[object] = []
    compiler = KernelCompiler(SLOW, reports.append)
    assert compiler.qualities == ("live",), "studio is not compiled yet"
    compiler.compile_first()
    fractions = [report.fraction for report in reports if isinstance(report, Compiling)]
    assert fractions[0] == 0.0
    assert fractions == sorted(fractions)
    assert 0.5 < fractions[-1] < 1.0
    assert jobs.is_compiled("one")
    assert jobs.is_compiled("two")
    del reports[:]
    KernelCompiler(SLOW, reports.append).compile_first()
    assert reports == [], "the second start compiles nothing"


@pytest.mark.usefixtures("cache")
def test_studio_waits_for_its_kernels_and_live_does_not() -> None:
    compiler = KernelCompiler(SLOW, lambda report: None)
    compiler.start_rest()
    start = time.monotonic()
    compiler.wait_for("live")
    assert time.monotonic() - start < 1.0
    compiler.wait_for("studio")
    assert jobs.is_compiled("three")
    assert KernelCompiler(SLOW, lambda report: None).qualities == ("live", "studio")
    compiler.close()


def test_a_failed_group_and_a_cache_that_cannot_be_written_are_left_to_the_process(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKEN", "two")
    KernelCompiler(SLOW, lambda report: None).compile_first()
    assert jobs.is_compiled("one")
    assert not jobs.is_compiled("two")
    monkeypatch.setattr("synth_app.support.compiling.jobs.os.access", lambda *_: False)
    started = jobs.CompileJobs(SLOW, ("two",))
    started.start()
    assert not started.running
    del cache


def test_touched_sources_make_a_group_incomplete(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.mark_compiled("one")
    assert jobs.is_compiled("one")
    source = cache / "source.py"
    source.touch()
    monkeypatch.setattr("synth_app.support.compiling.jobs.kernel_sources", lambda: [source])
    assert not jobs.is_compiled("one")


@pytest.mark.usefixtures("cache")
def test_messages_wait_for_the_compilation_and_a_held_key_sounds() -> None:
    probe = Probe("tests.audio.compiling_engine")
    try:
        probe.client.start(DeviceSettings(""))
        probe.client.send(SetPatch(Patch("ok")))
        for message in (NoteOn(60), NoteOff(60), NoteOn(72)):
            probe.client.send(message)
        probe.wait_for(Compiling, lambda report: report.fraction > 0.2)
        assert probe.client.telemetry.written == 0
        probe.wait_for(Ready)
        probe.wait_for(ModelLoaded)
        probe.wait_sound()
        wait_until(lambda: probe.client.telemetry.voices == 1)
    finally:
        probe.client.close()


@pytest.mark.usefixtures("cache")
def test_a_program_that_closes_during_the_compilation_leaves_no_error_and_no_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "synth_app.audio.process.main", "tests.audio.compiling_engine", "tests.audio.fake_midi"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert isinstance(Channel(process.stdout, process.stdin).receive(), Compiling)
    process.stdin.close()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b"", "the compiling processes, which share this stream, have ended"
    assert process.wait(10) == 0


_MODULES = (
    "import sys, synth_app.engine.warmup; print(*(m.rpartition('.')[2] for m in sys.modules if 'synth_app' in m))"
)


def test_the_number_of_kernels_for_the_progress_is_up_to_date() -> None:
    """The cache that the tests use holds kernels of all kinds; those of the engine's modules but studio count."""
    if not all(jobs.is_compiled(group) for group in warmup.FIRST):
        pytest.skip("this cache was filled without the warm-up")
    found = subprocess.run([sys.executable, "-c", _MODULES], capture_output=True, text=True, check=True)
    modules = {name for name in found.stdout.split() if "studio" not in name}
    kernels = [path for path in Path(numba.config.CACHE_DIR).rglob("*.nbi") if path.name.partition(".")[0] in modules]
    assert len(kernels) == pytest.approx(warmup.FIRST_KERNELS, rel=0.15)
