"""Only one process at a time imports librosa, which compiles and caches functions meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from filelock import FileLock

from synth_app.support.compiling.librosa_import import FOLDER_NAME, LOCK_NAME
from synth_app.support.kernels import cache_folder
from synth_app.support.resources import user_folder

_IMPORT = "from synth_app.support.compiling.librosa_import import librosa; print(librosa.__name__)"


def begin(home: Path) -> subprocess.Popen[str]:
    """Start a process that imports librosa; its cache folder of user files is below ``home``."""
    variables = {**os.environ, "XDG_CACHE_HOME": str(home), "HOME": str(home), "LOCALAPPDATA": str(home)}
    return subprocess.Popen([sys.executable, "-c", _IMPORT], env=variables, stdout=subprocess.PIPE, text=True)


def test_a_process_waits_until_another_has_imported_librosa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = user_folder("cache") / FOLDER_NAME
    for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    user_folder("cache").mkdir(parents=True)
    (user_folder("cache") / FOLDER_NAME).symlink_to(compiled)  # compiling takes 20 seconds
    with FileLock(user_folder("cache") / LOCK_NAME):
        process = begin(tmp_path)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(6.0)
    assert process.communicate(timeout=90.0)[0] == "librosa\n"


@pytest.mark.skipif("NUMBA_CACHE_DIR" in os.environ, reason="the user chose another folder")
def test_what_is_compiled_is_where_every_process_looks_for_it() -> None:
    assert any((user_folder("cache") / FOLDER_NAME).rglob("guf-*.nbc"))
    assert str(numba.config.CACHE_DIR) == str(cache_folder()), "kernels have a folder of their own"


def test_without_a_folder_for_the_lock_librosa_is_imported_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert begin(tmp_path / "file" / "no").communicate(timeout=60.0)[0] == "librosa\n"
