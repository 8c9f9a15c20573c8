"""The filter of a patch as a curve over frequency, for the window. No Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.params import param
from synth_app.params.filter import HIGHEST_HZ, LOWEST_HZ, dampings, power_terms
from synth_app.patch import Patch

Floats = NDArray[np.float64]
_LOWEST_POWER = 1e-12  # -120 dB: a notch has no power at its middle


@dataclass(frozen=True)
class FilterShape:
    """What determines a filter's response.

    Attributes:
        kind: one of ``params.filter``'s types. four_poles: whether it has four poles, not two.
        cutoff_hz, resonance_db: as the parameters.
    """

    kind: int
    four_poles: bool
    cutoff_hz: float
    resonance_db: float


def filter_shape(patch: Patch) -> FilterShape:
    """Return the filter of a patch at middle C, without envelope and modulation."""
    values = (patch.value(name) for name in ("filter_type", "filter_poles", "filter_cutoff_hz", "filter_resonance_db"))
    kind, poles, cutoff_hz, resonance_db = values
    return FilterShape(round(kind), bool(poles), cutoff_hz, resonance_db)


def top_of_envelope(patch: Patch) -> FilterShape:
    """Return the filter of a patch at the top of the filter's envelope."""
    shape = filter_shape(patch)
    cutoff_hz = shape.cutoff_hz * 2.0 ** patch.value("filter_env_oct")
    return FilterShape(shape.kind, shape.four_poles, min(max(cutoff_hz, LOWEST_HZ), HIGHEST_HZ), shape.resonance_db)


def response_db(shape: FilterShape, hz: Floats) -> Floats:
    """Return a filter's response in dB at frequencies above 0, float64 [n]; -120 at the least."""
    u = (hz / shape.cutoff_hz) ** 2
    power = np.ones_like(u)
    for damping in dampings(shape.kind, shape.four_poles, shape.resonance_db)[: 2 if shape.four_poles else 1]:
        a, b, c, d = power_terms(shape.kind, damping)
        power *= (a + b * u + c * u * u) / (1.0 + d * u + u * u)
    return np.asarray(10.0 * np.log10(np.maximum(power, _LOWEST_POWER)))


def resonance_level_db(resonance_db: float) -> float:
    """Return the level of a low-pass or high-pass at its cutoff, the height at which the window shows a resonance."""
    return resonance_db - 10.0 * float(np.log10(2.0))


CUTOFF, RESONANCE = param("filter_cutoff_hz"), param("filter_resonance_db")
