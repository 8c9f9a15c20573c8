"""Only one process at a time imports librosa, which compiles and caches functions meanwhile."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numba
import pytest
from filelock import FileLock

from synth_app.support.compiling.librosa_import import FOLDER_NAME, LOCK_NAME
from synth_app.support.kernels import cache_folder
from synth_app.support.resources import user_folder

# Says when it is about to import, and when librosa itself is looked for.
_PROGRAM = """
import sys
import filelock, synth_app.support.kernels

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "librosa":
            print("looked for", flush=True)

sys.meta_path.insert(0, Finder())
print("begins", flush=True)
from synth_app.support.compiling.librosa_import import librosa
print(librosa.__name__)
"""
_HOME = ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA")
_COMPILED = user_folder("cache") / FOLDER_NAME


def begin(home: Path) -> subprocess.Popen[str]:
    """Start a process that imports librosa; its cache folder of user files is below ``home``."""
    variables = {**os.environ, **dict.fromkeys(_HOME, str(home))}
    return subprocess.Popen([sys.executable, "-c", _PROGRAM], env=variables, stdout=subprocess.PIPE, text=True)


def test_a_process_waits_until_another_has_imported_librosa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _HOME:
        monkeypatch.setenv(name, str(tmp_path))
    folder = user_folder("cache")
    folder.mkdir(parents=True)
    (folder / FOLDER_NAME).symlink_to(_COMPILED)  # compiling takes 20 seconds
    with FileLock(folder / LOCK_NAME):
        process = begin(tmp_path)
        output = process.stdout
        assert output is not None
        assert output.readline() == "begins\n"
        looked_for = list[str]()
        reader = threading.Thread(target=lambda: looked_for.append(output.readline()))
        reader.start()
        reader.join(1.5)
        assert looked_for == []
    reader.join(60.0)
    assert looked_for == ["looked for\n"]
    assert process.communicate(timeout=60.0)[0].endswith("librosa\n")


@pytest.mark.skipif("NUMBA_CACHE_DIR" in os.environ, reason="the user chose another folder")
def test_what_is_compiled_is_where_every_process_looks_for_it() -> None:
    assert any(_COMPILED.rglob("guf-*.nbc"))
    assert str(numba.config.CACHE_DIR) == str(cache_folder()), "kernels have a folder of their own"


def test_without_a_folder_for_the_lock_librosa_is_imported_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert begin(tmp_path / "file" / "no").communicate(timeout=60.0)[0].endswith("librosa\n")
