"""The cache folder of compiled kernels: one per set of sources and compile target."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest

from synth_app.support import kernels
from synth_app.support.compiling.target import CompileTarget
from synth_app.support.kernels import cache_folder, kernel_sources


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stands for the user's cache folder; the real one stays as it is."""
    monkeypatch.setattr(kernels, "user_folder", lambda _: tmp_path)
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    yield tmp_path
    cache_folder.cache_clear()


def _folder(name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder in use when kernels are compiled for the processor ``name``."""
    monkeypatch.setattr(kernels, "compile_target", lambda: CompileTarget(name, "", 8, True))
    cache_folder.cache_clear()
    kernels._use_cache_folder()
    assert str(cache_folder()) == numba.config.CACHE_DIR
    return cache_folder()


def test_every_compile_target_has_its_own_folder_and_keeps_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _folder("haswell", monkeypatch)
    old = first.parent / "0123456789abcdef-01234567"
    old.mkdir()
    second = _folder("znver4", monkeypatch)
    assert first != second
    assert first.is_dir()
    assert second.is_dir()
    assert cache in first.parents
    assert not old.exists(), "folders of other sources are removed"


def test_sources_include_what_kernels_import() -> None:
    names = {"/".join(path.parts[-2:]) for path in kernel_sources()}
    assert {"phase/sweep.py", "effects/reverb.py", "decoding/matmul.py", "compiling/target.py"} <= names
    assert {"decoding/matmul_kernel.py", "spectrum/windows.py"} <= names


_PROGRAM = """
from synth_app.support.kernels import public

@public
def twice(x):
    return 2.0 * x

print(twice(21.0), sum(twice.stats.cache_hits.values()))
"""


def _run_twice(folder: Path) -> str:
    """Run a program with one kernel whose compiled form is kept in a folder: its result, and cache hits."""
    program = folder / "program.py"
    program.write_text(_PROGRAM)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache")}
    found = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"cut"])
def test_a_damaged_compiled_kernel_is_compiled_again(tmp_path: Path, ending: str, content: bytes) -> None:
    assert _run_twice(tmp_path) == "42.0 0"
    (file,) = (tmp_path / "cache").rglob(f"*twice*.{ending}")
    file.write_bytes(file.read_bytes()[:-7] if content == b"cut" else content)
    assert _run_twice(tmp_path) == "42.0 0"
    assert _run_twice(tmp_path) == "42.0 1"
