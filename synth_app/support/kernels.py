"""How kernels are compiled: numba, with a cache that notices every change.

Numba keeps compiled code until the file of the function itself changes; a change in a function that it calls
goes unnoticed and the old machine code stays in use, and so does one in a constant from another module. Here the cache
folder is named after the sources of all kernels and of all that they import, so any edit or update of these compiles
afresh, and folders of other versions are removed.

Numba would also make each function callable from C and from Python, which with these argument lists takes longer
than the kernel itself, so only the public ones get the latter and none the former.
"""

import hashlib
import os
import re
import shutil
from functools import cache
from pathlib import Path

import numba
from numba import njit
from platformdirs import user_cache_path

__all__ = ["inlined", "internal", "internal_fast", "public", "public_fast"]

_PACKAGES = ("phase", "effects", "engine")
_ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(r"^from synth_app\.([\w.]+) import", re.MULTILINE)


def kernel_sources() -> list[Path]:
    """Files that define kernels, and everything of this program that these import, directly or not."""
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
    """Where compiled kernels of exactly these sources, this numba and this CPU user lie."""
    root = _ROOT
    digest = hashlib.sha256(numba.__version__.encode())
    for path in kernel_sources():
        digest.update(path.read_bytes())
    checkout = hashlib.sha256(str(root).encode()).hexdigest()[:8]  # two checkouts do not evict each other
    return user_cache_path("synth_app", appauthor=False) / f"kernels-{checkout}" / digest.hexdigest()[:16]


def _use_cache_folder() -> None:
    if os.environ.get("NUMBA_CACHE_DIR"):  # the user's own choice
        return
    folder = cache_folder()
    if not folder.is_dir():
        if folder.parent.is_dir():
            for old in folder.parent.iterdir():
                shutil.rmtree(old, ignore_errors=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return  # no home to write to: numba falls back to __pycache__ beside the sources
    numba.config.CACHE_DIR = str(folder)


_use_cache_folder()

# callable from Python; exact floating point
public = njit(cache=True, no_cfunc_wrapper=True)
# the same where no value can be NaN or infinite any more, so that loops may be reordered into vectors
public_fast = njit(cache=True, no_cfunc_wrapper=True, fastmath=True, error_model="numpy")
# callable from other kernels only
internal = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)
internal_fast = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True, fastmath=True, error_model="numpy")
# The same, put into the callers as they are: where little is done with large tuples of arrays, a call that copies every
# field of every array takes longer than that.
inlined = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True, forceinline=True)
