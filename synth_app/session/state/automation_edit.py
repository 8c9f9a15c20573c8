"""Edits of recorded automation: trim it, scale or remove one control's curve, add another layer."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve

Floats = NDArray[np.float64]
_MIN_FRAMES = 5  # a tenth of a second
_STILL = 1e-3  # a curve that stays below this deviation, in its own unit, is left out


def trim(automation: Automation, start_s: float, end_s: float) -> Automation:
    """Keep what lies between two times, at least a tenth of a second."""
    first = min(max(round(start_s * AUTOMATION_RATE_HZ), 0), max(automation.frames - _MIN_FRAMES, 0))
    last = min(max(round(end_s * AUTOMATION_RATE_HZ), first + _MIN_FRAMES), automation.frames)
    curves = (AutomationCurve(curve.target, curve.values[4 * first : 4 * last]) for curve in automation.curves)
    return replace(automation, curves=tuple(curves))


def scale(automation: Automation, target: str | None, factor: float) -> Automation:
    """Multiply one control's curve by ``factor``, or all curves if ``target`` is None.

    Curves of parameters are clipped to the whole range of the control.
    """
    curves = (_scaled(curve, factor) if target in (None, curve.target) else curve for curve in automation.curves)
    return replace(automation, curves=tuple(curves))


def clear(automation: Automation, target: str) -> Automation | None:
    """Remove one control's curve; None if no curve is left."""
    curves = tuple(curve for curve in automation.curves if curve.target != target)
    return replace(automation, curves=curves) if curves else None


def set_curve(automation: Automation, target: str, values: Floats) -> Automation:
    """Replace one control's curve. Deviations of parameters are clipped to the whole range of the control."""
    made = AutomationCurve.of(target, values)
    if not made.in_own_unit:
        made = AutomationCurve.of(target, np.clip(values, -1.0, 1.0))
    return replace(automation, curves=tuple(made if each.target == target else each for each in automation.curves))


def add_curve(automation: Automation | None, target: str, seconds: float) -> Automation:
    """Add a level curve for a control; without an automation, begin one that lasts ``seconds``.

    Raises:
        UserError: ``seconds`` is out of range, or there are too many curves.
    """
    if automation is None:
        return Automation((AutomationCurve.of(target, np.zeros(round(seconds * AUTOMATION_RATE_HZ))),))
    if any(curve.target == target for curve in automation.curves):
        return automation
    return replace(automation, curves=(*automation.curves, AutomationCurve.of(target, np.zeros(automation.frames))))


def set_seconds(automation: Automation, seconds: float) -> Automation:
    """Change the length: curves are cut, or hold their last value.

    Raises:
        UserError: ``seconds`` is out of range.
    """
    frames = round(seconds * AUTOMATION_RATE_HZ)
    curves = (
        AutomationCurve.of(each.target, np.pad(each.array(), (0, max(frames - automation.frames, 0)), "edge")[:frames])
        for each in automation.curves
    )
    return replace(automation, curves=tuple(curves))


def for_any_model(automation: Automation | None) -> Automation | None:
    """Remove the curves of latent dimensions, which differ between models; None if no curve is left."""
    kept = tuple(curve for curve in automation.curves if curve.dimension is None) if automation else ()
    return replace(automation, curves=kept) if automation and kept else None


def from_deviations(deviations: Mapping[str, Floats]) -> Automation | None:
    """Make automation of deviations by target, float64 [frames] each; None if none of them moves."""
    moving = {target: values for target, values in deviations.items() if np.abs(values).max(initial=0.0) > _STILL}
    curves = tuple(AutomationCurve.of(target, values) for target, values in moving.items())
    return Automation(curves) if curves else None


def add_layer(automation: Automation, layer: Mapping[str, Floats]) -> Automation | None:
    """Add deviations by target, float64 [automation.frames] each, to the curves; None if they cancel out."""
    sums = {curve.target: curve.array().astype(np.float64) for curve in automation.curves}
    for target, values in layer.items():
        sums[target] = sums.get(target, np.zeros(automation.frames)) + values
    made = from_deviations(sums)
    return replace(automation, curves=made.curves) if made else None


def _scaled(curve: AutomationCurve, factor: float) -> AutomationCurve:
    values = curve.array().astype(np.float64) * factor
    if not curve.in_own_unit:
        values = np.clip(values, -1.0, 1.0)
    return AutomationCurve.of(curve.target, values)
