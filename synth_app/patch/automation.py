"""Automation: recorded moves of parameters, handles and latent sliders over time. Plain data."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.params import PARAMS
from synth_app.params.handles import spectral_handle
from synth_app.patch.target import MAX_DIMENSIONS, latent_dimension
from synth_app.support.errors import UserError

AUTOMATION_RATE_HZ = 50  # values per second of a curve; the engine interpolates linearly
MAX_AUTOMATION_S = 60.0
_MAX_CURVES = 256
_MIN_FRAMES = 2


@dataclass(frozen=True)
class AutomationCurve:
    """The moves of one control, as deviations from its position: moving the control moves the whole curve.

    Attributes:
        target: a parameter's name, ``handle_brightness`` and so on for a handle, or ``z1``, ``z2``... for a latent
            dimension.
        values: float32 as bytes, ``AUTOMATION_RATE_HZ`` a second: normalized values for a parameter, steps for a
            handle, latent units for a dimension.
    """

    target: str
    values: bytes

    def __post_init__(self) -> None:
        """Refuse a curve that cannot be played."""
        if not self.in_own_unit and not PARAMS.has(self.target):
            raise UserError(
                f"automation cannot move {self.target!r}; use z1 to z{MAX_DIMENSIONS} for a latent dimension, "
                f"handle_brightness and so on for a handle, or one of {', '.join(spec.name for spec in PARAMS)}"
            )
        if len(self.values) % 4 or not np.isfinite(self.array()).all():
            raise UserError(f"the automation of {self.target} has a value that is not a number; record it again")

    @classmethod
    def of(cls, target: str, values: NDArray[np.floating]) -> "AutomationCurve":
        """Return a curve of these values, rounded to half precision as files keep them."""
        return cls(target, values.astype(np.float16).astype(np.float32).tobytes())

    def array(self) -> NDArray[np.float32]:
        """Return the deviations, float32 [frames], read-only."""
        return np.frombuffer(self.values, np.float32)

    @property
    def dimension(self) -> int | None:
        """The latent dimension, counted from 0; None for other controls."""
        return latent_dimension(self.target)

    @property
    def handle(self) -> int | None:
        """The position in ``SPECTRAL_HANDLES``; None for other controls."""
        return spectral_handle(self.target)

    @property
    def in_own_unit(self) -> bool:
        """Whether the values are steps or latent units; otherwise they are normalized."""
        return self.dimension is not None or self.handle is not None


@dataclass(frozen=True)
class Automation:
    """Curves of equal length, and how they are played.

    Attributes:
        curves: at least one; each target once.
        playing: whether the automation moves its controls.
        looping: whether it restarts at the end; otherwise the last values stay.
        with_keys: whether it starts with each phrase (a key that goes down while no other is held); otherwise it starts
            with the engine's clock.
    """

    curves: tuple[AutomationCurve, ...]
    playing: bool = True
    looping: bool = True
    with_keys: bool = True

    def __post_init__(self) -> None:
        """Refuse automation that cannot be played, and name the limit."""
        lengths = {len(curve.values) // 4 for curve in self.curves}
        if len(lengths) != 1 or len({curve.target for curve in self.curves}) != len(self.curves):
            raise UserError("all curves of an automation need the same length and different controls")
        if len(self.curves) > _MAX_CURVES:
            raise UserError(f"automation of {len(self.curves)} controls; the limit is {_MAX_CURVES}: remove some")
        if not _MIN_FRAMES <= self.frames <= math.ceil(MAX_AUTOMATION_S * AUTOMATION_RATE_HZ):
            raise UserError(f"automation of {self.seconds:.2f} s; it may last 0.04 to {MAX_AUTOMATION_S:g} s")

    @property
    def moved_handles(self) -> frozenset[int]:
        """The positions in ``SPECTRAL_HANDLES`` of the handles that it moves while it plays."""
        found = (curve.handle for curve in self.curves if self.playing)
        return frozenset(handle for handle in found if handle is not None)

    @property
    def frames(self) -> int:
        """Number of values of each curve."""
        return len(self.curves[0].values) // 4

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / AUTOMATION_RATE_HZ
