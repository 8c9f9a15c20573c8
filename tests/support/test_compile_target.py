"""Kernels compiled for processors other than the host: the engine starts, and sounds as the golden renders do."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth_app.support.compiling import target as module
from synth_app.support.compiling.target import CompileTarget, compile_target
from synth_app.support.kernels import cache_folder
from tests.engine.golden import FILE, FLOOR_DB

_RENDER = """
import sys
import numpy as np
from synth_app.engine.engine import warm_kernels
from synth_app.support.compiling.target import compile_target
from synth_app.support.kernels import cache_folder
from tests.engine.golden import band_levels_db, renders
warm_kernels()
np.save(sys.argv[1], band_levels_db(renders("piano")["piano"]))
print(compile_target().float_lanes, compile_target().half_precision, cache_folder())
"""

# name -> (float32 numbers in a register, float16 conversion)
_TARGETS = {"haswell": (8, True), "generic": (4, False)}


def test_the_host_is_the_default_target() -> None:
    target = compile_target()
    assert target.float_lanes in (4, 8, 16)
    assert target.name in str(target)


@pytest.mark.timeout(900)  # compiles all kernels once for each processor
@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="these targets are x86 processors")
@pytest.mark.parametrize("name", _TARGETS)
def test_the_engine_plays_when_compiled_for_another_processor(name: str, tmp_path: Path) -> None:
    """Tolerance as in the golden tests: 0.5 dB RMS, 3 dB in any band within 40 dB of the loudest."""
    levels = tmp_path / "levels.npy"
    env = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")}
    done = subprocess.run(
        [sys.executable, "-c", _RENDER, str(levels)],
        capture_output=True, text=True, env={**env, "NUMBA_CPU_NAME": name},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    lanes, halves, folder = done.stdout.split(maxsplit=2)
    assert (int(lanes), halves == "True") == _TARGETS[name]
    assert compile_target().name == name or folder.strip() != str(cache_folder())
    with np.load(FILE, allow_pickle=False) as file:
        before = file["piano"].astype(np.float32)
    change = np.abs(np.load(levels) - before)
    loud = before > before.max() + FLOOR_DB + 30.0
    assert np.sqrt(np.mean(change[loud] ** 2)) < 0.5
    assert change[loud].max() < 3.0


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="this target is an x86 processor")
def test_a_cache_folder_of_the_user_does_not_change_the_target(tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_CPU_FEATURES"}
    done = subprocess.run(
        [sys.executable, "-c", "import synth_app.support.kernels, numba; print(repr(numba.config.CPU_FEATURES))"],
        capture_output=True, text=True, check=True,
        env={**env, "NUMBA_CPU_NAME": "haswell", "NUMBA_CACHE_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.strip() == "''", "numba must not add the features of the host"


def test_the_probe_runs_once_and_again_after_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probes: list[CompileTarget] = []
    probe = module._probe

    def count(*args: Any) -> CompileTarget:
        probes.append(probe(*args))
        return probes[-1]

    monkeypatch.setattr(module, "_probe", count)
    monkeypatch.setattr(module, "user_folder", lambda _: tmp_path)
    detect = compile_target.__wrapped__
    assert detect() == detect() == compile_target()
    assert len(probes) == 1
    (file,) = tmp_path.rglob("*.json")
    for damaged in ("", "[]", "{}", file.read_text().replace("float_lanes", "lanes")):
        file.write_text(damaged)
        assert detect() == compile_target()
    assert len(probes) == 5


def test_without_a_cache_folder_every_start_probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(module, "user_folder", lambda _: tmp_path / "file")
    assert compile_target.__wrapped__() == compile_target()
