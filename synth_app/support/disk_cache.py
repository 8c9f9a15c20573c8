"""Disk cache for arrays that take long to compute and never change.

They are stored in the folder of the compiled kernels, which is named after the sources, so every edit computes them
again.
"""

import contextlib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path
from synth_app.support.kernels import cache_folder

Float32s = NDArray[np.float32]
P = ParamSpec("P")


def cached_on_disk(compute: Callable[P, Float32s]) -> Callable[P, Float32s]:
    """Decorate a function of numbers and strings so that each result is computed once for these sources."""

    @wraps(compute)
    def read_or_compute(*args: P.args, **kws: P.kwargs) -> Float32s:
        arguments = "-".join(str(each) for each in (*args, *kws.values()))
        path = cache_folder() / f"numpy-{np.__version__}" / f"{compute.__module__}.{compute.__name__}-{arguments}.npy"
        with contextlib.suppress(OSError, ValueError, EOFError):  # no file yet, or a damaged one
            return _read(path)
        result = compute(*args, **kws)
        with contextlib.suppress(OSError, UserError):  # no space or no permission: the next start computes again
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                np.save(temporary, result, allow_pickle=False)
        return result

    return read_or_compute


def _read(path: Path) -> Float32s:
    array: Float32s = np.load(path, allow_pickle=False)
    if array.dtype != np.float32:
        raise ValueError(f"{path} holds {array.dtype}")
    return array
