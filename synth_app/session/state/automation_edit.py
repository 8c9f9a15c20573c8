"""Editing a recorded gesture: trim it, make a control's part larger or smaller, take one out, lay another over it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import AUTOMATION_RATE_HZ, Automation, AutomationCurve

Floats = NDArray[np.float64]
_LEAST_FRAMES = 5  # a tenth of a second
_STILL = 1e-3  # a curve that stays below this share of its reach moves nothing


def trim(moves: Automation, start_s: float, end_s: float) -> Automation:
    """Only what lies between two times; at least a tenth of a second is left."""
    first = min(max(round(start_s * AUTOMATION_RATE_HZ), 0), max(moves.frames - _LEAST_FRAMES, 0))
    last = min(max(round(end_s * AUTOMATION_RATE_HZ), first + _LEAST_FRAMES), moves.frames)
    return replace(
        moves, curves=tuple(AutomationCurve(curve.target, curve.values[4 * first : 4 * last]) for curve in moves.curves)
    )


def scale(moves: Automation, target: str | None, factor: float) -> Automation:
    """One control's part ``factor`` times as large, of all controls for None; never beyond a control's whole travel."""
    return replace(
        moves,
        curves=tuple(
            _scaled(curve, factor) if target in (None, curve.target) else curve for curve in moves.curves
        ),
    )  # fmt: skip


def clear(moves: Automation, target: str) -> Automation | None:
    """Without one control's part; None where nothing is left."""
    curves = tuple(curve for curve in moves.curves if curve.target != target)
    return replace(moves, curves=curves) if curves else None


def for_any_model(moves: Automation | None) -> Automation | None:
    """Without the moves of latent dimensions, which mean something else in every model; None where nothing is left."""
    kept = tuple(curve for curve in moves.curves if curve.dimension is None) if moves else ()
    return replace(moves, curves=kept) if moves and kept else None


def made_of(curves: Mapping[str, Floats]) -> Automation | None:
    """A gesture of these deviations, float64 [frames] each; None where nothing moves in any of them."""
    moving = {target: values for target, values in curves.items() if np.abs(values).max(initial=0.0) > _STILL}
    return (
        Automation(tuple(AutomationCurve.of(target, values) for target, values in moving.items())) if moving else None
    )


def overlaid(moves: Automation, layer: Mapping[str, Floats]) -> Automation | None:
    """The gesture with more deviations, float64 [moves.frames] each, added to it; None where they cancel out."""
    curves = {curve.target: curve.array().astype(np.float64) for curve in moves.curves}
    for target, values in layer.items():
        curves[target] = curves.get(target, np.zeros(moves.frames)) + values
    made = made_of(curves)
    return replace(moves, curves=made.curves) if made else None


def _scaled(curve: AutomationCurve, factor: float) -> AutomationCurve:
    values = curve.array().astype(np.float64) * factor
    if curve.dimension is None:
        values = np.clip(values, -1.0, 1.0)
    return AutomationCurve.of(curve.target, values)
