"""Compilation of kernels by numba, with a cache that follows every change of the sources.

Numba's own cache keeps machine code until the file of the function itself changes. It misses changes in functions that
this one calls, and in constants of other modules. Here the cache folder is named after the sources of all kernels and
of everything that they import, and after the compile target. Any edit compiles again, and folders of other sources are
removed.

Numba can also make each function callable from C and from Python. With these argument lists that takes longer to
compile than the kernel itself, so only public kernels are callable from Python, and none from C.
"""

import contextlib
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numba
from numba import njit
from numba.core.caching import IndexDataCacheFile

from synth_app.support.compiling.target import compile_target
from synth_app.support.resources import user_folder

logger = logging.getLogger(__name__)

__all__ = ["inlined", "internal", "internal_fast", "other_cache_folder", "public", "public_fast"]

_PACKAGES = ("phase", "effects", "engine")
_ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(r"^from synth_app\.([\w.]+) import", re.MULTILINE)


def kernel_sources() -> list[Path]:
    """Return the files that define kernels, and all files of this package that they import, directly or indirectly."""
    waiting = [path for package in _PACKAGES for path in (_ROOT / package).rglob("*.py") if _defines_kernels(path)]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        for module in _IMPORT.findall(path.read_text(encoding="utf-8")):
            stem = _ROOT.joinpath(*module.split("."))
            waiting.append(stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py"))
    return sorted(found)


def _defines_kernels(path: Path) -> bool:
    return "from synth_app.support.kernels import" in path.read_text(encoding="utf-8")


@cache
def cache_folder() -> Path:
    """Return the folder of the kernels compiled from exactly these sources, by this numba, for this compile target."""
    checkout = hashlib.sha256(str(_ROOT).encode()).hexdigest()[:8]  # two checkouts do not evict each other
    target = hashlib.sha256(repr(compile_target()).encode()).hexdigest()[:8]
    return user_folder("cache") / f"kernels-{checkout}" / f"{_sources_digest()}-{target}"


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in kernel_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _use_cache_folder() -> None:
    compile_target()  # settles numba's CPU features, so it comes first in any case
    if os.environ.get("NUMBA_CACHE_DIR"):  # the user's own choice
        return
    folder = cache_folder()
    if not folder.is_dir():
        _remove_older(folder.parent)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return  # no home to write to: numba falls back to __pycache__ beside the sources
    numba.config.CACHE_DIR = str(folder)


@contextlib.contextmanager
def other_cache_folder(folder: Path) -> Iterator[None]:
    """Let numba cache what is defined meanwhile in another folder than the kernels', unless the user chose one."""
    before = numba.config.CACHE_DIR
    if not os.environ.get("NUMBA_CACHE_DIR"):
        numba.config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _remove_older(parent: Path) -> None:
    """Remove the folders of other sources. Those of other compile targets stay."""
    for folder in parent.iterdir() if parent.is_dir() else ():
        if not folder.name.startswith(_sources_digest()):
            shutil.rmtree(folder, ignore_errors=True)


def _compile_damaged_kernels_again() -> None:
    """Make numba compile a kernel again if its cache file is damaged; numba itself expects whole files or none."""
    load_whole = IndexDataCacheFile.load

    def load(self: IndexDataCacheFile, key: object) -> object:
        try:
            return load_whole(self, key)
        except Exception as error:  # unpickling damaged data may raise anything
            logger.warning("compiled kernel %s is damaged (%r); it is compiled again", self._index_path, error)
            with contextlib.suppress(OSError):
                Path(self._index_path).unlink()  # numba reads it once more when it saves the kernel
            return None

    IndexDataCacheFile.load = load


_use_cache_folder()
_compile_damaged_kernels_again()

# callable from Python, with exact floating point
public = njit(cache=True, no_cfunc_wrapper=True)
# the same for finite values only, so that loops may be reordered into vectors
public_fast = njit(cache=True, no_cfunc_wrapper=True, fastmath=True, error_model="numpy")
# callable from other kernels only
internal = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)
internal_fast = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True, fastmath=True, error_model="numpy")
# The same, inlined into the callers: for short functions on large tuples of arrays, a call that copies every field of
# every array would take longer than the work.
inlined = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True, forceinline=True)
