"""Disk cache for arrays that take long to compute and never change.

They are stored in the folder of the compiled kernels, which is named after the sources, so every edit computes them
again.
"""

import contextlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError
from synth_app.support.kernels import cache_folder
from synth_app.support.tensor_files import read_arrays, save_arrays

Float32s = NDArray[np.float32]
P = ParamSpec("P")
_RESULT = "result"


def cached_on_disk(compute: Callable[P, Float32s]) -> Callable[P, Float32s]:
    """Decorate a function of numbers and strings so that each result is computed once for these sources."""

    @wraps(compute)
    def read_or_compute(*args: P.args, **kws: P.kwargs) -> Float32s:
        arguments = "-".join(str(each) for each in (*args, *kws.values()))
        name = f"{compute.__module__}.{compute.__name__}-{arguments}.safetensors"
        path = cache_folder() / f"numpy-{np.__version__}" / name
        found = (read_arrays(path) or {}).get(_RESULT)
        if found is not None and found.dtype == np.float32:
            return found.view(np.float32)
        result = compute(*args, **kws)
        with contextlib.suppress(OSError, UserError):  # no space or no permission: the next start computes again
            path.parent.mkdir(parents=True, exist_ok=True)
            save_arrays(path, {_RESULT: result})
        return result

    return read_or_compute
