"""Format and parse values as users read and type them: 300 ms, -6.0 dB, 42 %."""

import re
from collections.abc import Callable

from synth_app.params import ParamSpec
from synth_app.support.errors import UserError

LATENT_GROUP = "latent"
_NUMBER = re.compile(r"^\s*([+\-−]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z%/]*)\s*$")


def is_fraction(spec: ParamSpec) -> bool:
    """Return whether the parameter is a plain fraction 0-1, shown in per cent."""
    return spec.unit == "" and spec.minimum == 0 < spec.maximum <= 1 and spec.group != LATENT_GROUP


def format_value(spec: ParamSpec, value: float) -> str:
    """Format a value with its unit, in few characters."""
    if spec.choices:
        return spec.choices[round(value - spec.minimum)]
    if spec.curve == "steps":
        return f"{value:.0f}"
    if is_fraction(spec):
        return f"{100 * value:.0f} %"
    if spec.unit == "dB":
        return f"{_signed(value, 1) if spec.minimum < 0 else f'{value:.1f}'} dB"
    if spec.unit == "dB/oct" and spec.minimum < 0:
        return f"{_signed(value, 1)} dB/oct"
    if spec.unit == "st" and spec.minimum < 0:
        return f"{_signed(value, 2)} st"
    if spec.unit in _FORMATS:
        return _FORMATS[spec.unit](value)
    return f"{_signed(value, 2) if spec.minimum < 0 else f'{value:.2f}'} {spec.unit}".rstrip()


def _seconds(value: float) -> str:
    if value < 0.0995:
        return f"{1000 * value:.1f} ms" if value < 0.01 else f"{1000 * value:.0f} ms"
    return f"{1000 * value:.0f} ms" if value < 0.9995 else f"{value:.2f} s"


def _hertz(value: float) -> str:
    if value >= 999.5:
        return f"{value / 1000:.2g} kHz"
    return f"{value:.0f} Hz" if value >= 9.95 else f"{value:.2f} Hz"


_FORMATS: dict[str, Callable[[float], str]] = {
    "s": _seconds,
    "Hz": _hertz,
    "ms": lambda value: f"{value:.1f} ms",
    "cents": lambda value: f"{_signed(value, 0)} ct",
    "st": lambda value: f"{value:.1f} st",
    "dB/oct": lambda value: f"{value:.1f} dB/oct",
    "bpm": lambda value: f"{value:.1f} bpm",
}


def parse_value(spec: ParamSpec, text: str, shown: float) -> float:
    """Parse a typed value and clamp it to the parameter's range.

    Args:
        spec: the parameter.
        text: a number with or without a unit, or the name of a choice. A number without a unit has the unit in which
            ``shown`` is displayed.
        shown: the current value.

    Raises:
        UserError: not a number, not a choice, or a unit that the parameter does not have.
    """
    typed = text.strip().lower()
    named = [i for i, name in enumerate(spec.choices) if name.lower() == typed] or [
        i for i, name in enumerate(spec.choices) if name.lower().startswith(typed)
    ]
    if len(named) == 1 and typed:
        return spec.minimum + named[0]
    if spec.choices:
        raise UserError(f"{spec.label} cannot be {text!r}; type one of {', '.join(spec.choices)}")
    match = _NUMBER.match(text)
    if match is None:
        raise UserError(f"{text!r} is not a number; type one like {format_value(spec, shown)}")
    number = float(match[1].replace(",", ".").replace("−", "-"))
    unit = match[2].lower() or format_value(spec, shown).rpartition(" ")[2].lower()
    scales = {"%": 0.01} if is_fraction(spec) else {"s": 1.0, "ms": 0.001} if spec.unit == "s" else {}
    scales |= {"khz": 1000.0, "k": 1000.0} if spec.unit == "Hz" else {}
    scales |= {"ct": 1.0, "cents": 1.0} if spec.unit == "cents" else {spec.unit.lower(): 1.0}
    if match[2] and unit not in scales:
        raise UserError(f"{spec.label} has no unit {match[2]!r}; type a value like {format_value(spec, shown)}")
    return spec.clamp(number * scales.get(unit, 1.0))


def note_name(pitch: int) -> str:
    """Return the name of a MIDI pitch; 60 is C4."""
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    return f"{names[pitch % 12]}{pitch // 12 - 1}"


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return f"{0:.{digits}f}" if float(text) == 0 else text.replace("-", "−")
