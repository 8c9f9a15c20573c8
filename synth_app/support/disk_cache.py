"""Arrays that take long to compute and never change, kept on disk for the next start.

They lie beside the compiled kernels, in the folder that is named after the sources, so an edit computes them afresh.
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


def kept(make: Callable[P, Float32s]) -> Callable[P, Float32s]:
    """Have ``make`` called once in the life of these sources for the same arguments, which are numbers and words."""

    @wraps(make)
    def read_or_make(*args: P.args, **kws: P.kwargs) -> Float32s:
        given = "-".join(str(each) for each in (*args, *kws.values()))
        path = cache_folder() / f"numpy-{np.__version__}" / f"{make.__module__}.{make.__name__}-{given}.npy"
        with contextlib.suppress(OSError, ValueError, EOFError):  # none yet, or a damaged one
            return _read(path)
        made = make(*args, **kws)
        with contextlib.suppress(OSError, UserError):  # no room or no right to write: the next start computes again
            path.parent.mkdir(exist_ok=True)
            with atomic_path(path) as temporary:
                np.save(temporary, made, allow_pickle=False)
        return made

    return read_or_make


def _read(path: Path) -> Float32s:
    array: Float32s = np.load(path, allow_pickle=False)
    if array.dtype != np.float32:
        raise ValueError(f"{path} holds {array.dtype}")
    return array
