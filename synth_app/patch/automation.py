"""A recorded gesture: what a hand did to parameters and latent sliders over time. Plain data."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.params import param
from synth_app.support.errors import UserError

AUTOMATION_RATE_HZ = 50  # values per second of a curve; the engine draws straight lines between them
MAX_AUTOMATION_S = 60.0
_MOST_CURVES = 256
_LEAST_VALUES = 2


@dataclass(frozen=True)
class AutomationCurve:
    """One control's way, told as deviations from where the control stands: moving it moves the whole curve.

    Attributes:
        target: a parameter's name, or ``z1``, ``z2``... for a latent dimension.
        values: float32 as bytes, ``AUTOMATION_RATE_HZ`` a second: normalized values for a parameter, latent units for
            a dimension.
    """

    target: str
    values: bytes

    def __post_init__(self) -> None:
        """Refuse what could not be played."""
        if self.dimension is None:
            param(self.target)  # raises for a name that is none
        if len(self.values) % 4 or not np.isfinite(self.array()).all():
            raise UserError(f"the gesture of {self.target} holds what is not a number")

    @classmethod
    def of(cls, target: str, values: NDArray[np.floating]) -> "AutomationCurve":
        """From numbers; rounded to half precision, as files keep them."""
        return cls(target, values.astype(np.float16).astype(np.float32).tobytes())

    def array(self) -> NDArray[np.float32]:
        """The deviations, float32 [values], read-only."""
        return np.frombuffer(self.values, np.float32)

    @property
    def dimension(self) -> int | None:
        """The latent dimension, counted from 0; None for a parameter."""
        number = self.target[1:]
        return int(number) - 1 if self.target[:1] == "z" and number.isdigit() and int(number) > 0 else None


@dataclass(frozen=True)
class Automation:
    """Curves of one length, and how they are played.

    Attributes:
        curves: at least one; each target once.
        playing: whether they are heard.
        looping: begin again at the end, or stay there.
        with_keys: begin with the first key of a phrase, struck while no other is held; else with the engine's clock.
    """

    curves: tuple[AutomationCurve, ...]
    playing: bool = True
    looping: bool = True
    with_keys: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be played, naming the limit."""
        lengths = {len(curve.values) // 4 for curve in self.curves}
        if len(lengths) != 1 or len({curve.target for curve in self.curves}) != len(self.curves):
            raise UserError("a gesture needs curves of one length, each for a control of its own")
        if len(self.curves) > _MOST_CURVES:
            raise UserError(f"a gesture of {len(self.curves)} controls; {_MOST_CURVES} are the most")
        if not _LEAST_VALUES <= self.frames <= math.ceil(MAX_AUTOMATION_S * AUTOMATION_RATE_HZ):
            raise UserError(f"a gesture of {self.seconds:.2f} s; it may last 0.04 to {MAX_AUTOMATION_S:g} s")

    @property
    def frames(self) -> int:
        """Values of each curve."""
        return len(self.curves[0].values) // 4

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames / AUTOMATION_RATE_HZ
