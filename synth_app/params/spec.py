"""One continuous sound parameter: name, unit, range, curve, default, smoothing."""

import math
from dataclasses import dataclass
from typing import Literal

from synth_app.support.errors import UserError


@dataclass(frozen=True)
class ParamSpec:
    """One parameter.

    Attributes:
        name: key in presets and messages.
        label: name in the window.
        unit: "", "dB", "s", "cents", "%"...
        minimum, maximum, default: in its unit.
        curve: how a control's normalized value, 0 to 1, maps to the value; "log" needs minimum > 0, "steps" has whole
            numbers only.
        smoothing_ms: time constant of the engine's glide. With 0 the value jumps: it is read at the start of a note,
            sets a rate or range (tempo, bend), or its effect crossfades by itself (delay time).
        group: section of the window.
        help: one sentence for the tooltip and the documentation.
        choices: names of the whole numbers from ``minimum`` on; empty if they are counts.
        short: the label without the words in its panel's title; "" if it is the same.
    """

    name: str
    label: str
    unit: str
    minimum: float
    maximum: float
    default: float
    curve: Literal["linear", "log", "steps"]
    smoothing_ms: float
    group: str
    help: str
    choices: tuple[str, ...] = ()
    short: str = ""

    @property
    def caption(self) -> str:
        """The text beside the control: ``short``, or the label."""
        return self.short or self.label

    def clamp(self, value: float) -> float:
        """Return the nearest allowed value.

        Raises:
            UserError: ``value`` is NaN or infinite.
        """
        if not math.isfinite(value):
            raise UserError(f"{self.name} = {value} is not a number; give {self.minimum:g} to {self.maximum:g}")
        whole = math.floor(value + 0.5) if self.curve == "steps" else value
        return min(max(whole, self.minimum), self.maximum)

    def to_normalized(self, value: float) -> float:
        """Return the normalized value, 0 to 1, of ``value`` in the parameter's unit."""
        if self.curve == "linear" and self.minimum <= value <= self.maximum:  # the usual case, 100 times per frame
            return (value - self.minimum) / (self.maximum - self.minimum)
        value = self.clamp(value)
        if self.curve == "log":
            return math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
        return (value - self.minimum) / (self.maximum - self.minimum)

    def from_normalized(self, normalized: float) -> float:
        """Return the value in the parameter's unit of a normalized value, 0 to 1."""
        normalized = min(max(normalized, 0.0), 1.0)
        if self.curve == "log":
            return self.clamp(self.minimum * (self.maximum / self.minimum) ** normalized)
        return self.clamp(self.minimum + normalized * (self.maximum - self.minimum))
