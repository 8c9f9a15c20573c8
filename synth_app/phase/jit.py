"""How the phase stage's functions are compiled.

Every kernel is compiled once and cached on disk. Numba would also make each callable from Python and from C,
which with these argument lists takes longer than the kernel itself, so only the public ones get that.
"""

from numba import njit

# callable from Python; exact floating point
public = njit(cache=True, no_cfunc_wrapper=True)
# the same where no value can be NaN or infinite any more, so that loops may be reordered into vectors
public_fast = njit(cache=True, no_cfunc_wrapper=True, fastmath=True, error_model="numpy")
# callable from other kernels only
internal = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)
internal_fast = njit(cache=True, no_cfunc_wrapper=True, no_cpython_wrapper=True, fastmath=True, error_model="numpy")
