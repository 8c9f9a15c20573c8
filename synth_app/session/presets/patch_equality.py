"""Equality of patches up to the rounding of a preset's file, which decides whether a patch counts as modified."""

from dataclasses import replace

import numpy as np

from synth_app.patch import PadGrid, Patch

_HALF_PRECISION = 5e-3  # rounding of latent values between -10 and 10
_TOLERANCE = 1e-6  # relative rounding of offsets and parameters


def same_patch(x: Patch, y: Patch) -> bool:
    """Return whether two patches are equal except for quality and rounding."""
    same = replace(x.settings, offset=y.offset, params=y.params, quality=y.quality) == y.settings
    if not same or not _same_pad_grid(x.pad_grid, y.pad_grid) or len(x.offset) != len(y.offset):
        return False
    pairs = (*zip(x.offset, y.offset, strict=True), *zip(x.params, y.params, strict=True))
    return all(abs(p - q) <= _TOLERANCE * max(1.0, abs(p)) for p, q in pairs)


def _same_pad_grid(x: PadGrid | None, y: PadGrid | None) -> bool:
    """Return whether two grids are equal up to rounding: a preset's file rounds user notes in the corners."""
    if x is None or y is None or x.side != y.side:
        return x is y
    at = np.allclose(x.at, y.at, rtol=0.0, atol=_TOLERANCE)
    return (at and x.codes == y.codes) or (at and np.allclose(x.nodes(), y.nodes(), rtol=0.0, atol=_HALF_PRECISION))
