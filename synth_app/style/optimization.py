"""The optimization of the rendered way and of the free mode: L-BFGS (Liu and Nocedal 1989) with progress and cancel."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]
Progress = Callable[[int, int], None]
_ENOUGH = 1e-6  # relative gain of an iteration below which it ends


class _CancelledError(Exception):
    """The caller asked to stop."""


def minimized(
    objective: Callable[[Float64s], tuple[float, Float64s]],
    start: Float64s,
    iterations: int,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Float64s | None:
    """Return the variables that minimize an objective, float64 [n]; None if the work was cancelled.

    The number of iterations is fixed, so that a result does not depend on the machine's speed.

    Args:
        objective: returns value and gradient [n] at variables [n].
        start: first variables, of any shape.
        iterations: at most.
        progress: called with (iterations done, all iterations).
        cancelled: asked after every iteration; True stops the work.
    """
    from scipy.optimize import minimize  # slow to import

    done = 0

    def count(_: object) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, iterations)
        if cancelled and cancelled():
            raise _CancelledError

    options = {"maxiter": iterations, "gtol": 0.0, "ftol": _ENOUGH}
    try:
        best = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", callback=count, options=options)
    except _CancelledError:
        return None
    return np.asarray(best.x, np.float64)
