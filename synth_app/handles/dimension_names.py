"""Names of the latent dimensions by their effect on the sound."""

import re

import numpy as np

from synth_app.decoder import Model
from synth_app.handles.descriptors import LOUDNESS
from synth_app.handles.prepared import model_scale
from synth_app.handles.scale import FEWEST_NOTES
from synth_app.params import SPECTRAL_HANDLES

_DEFAULT_NAME = re.compile(r"z[0-9]+")
_SHORT = {"brightness": "bright"}
_LEAST_STEPS = 0.2  # of a handle for one standard deviation; less gives no name


def dimension_effects(model: Model, dim: int) -> tuple[tuple[str, float], ...]:
    """Return what one standard deviation of a dimension does to the handles, in steps, the largest effect first.

    It is the mean over notes of the bank: (handle's label in lower case, steps) pairs. Empty where the bank is too
    small for handles.
    """
    if len(model.bank) < FEWEST_NOTES:
        return ()
    steps = model_scale(model).slopes[:LOUDNESS, dim]
    order = np.argsort(-np.abs(steps), kind="stable")
    return tuple((SPECTRAL_HANDLES[i].label.lower(), float(steps[i])) for i in order)


def dimension_label(model: Model, dim: int) -> str:
    """Return a short name: the number with the largest effect and its direction, ``z3 air ↑``.

    A name that somebody gave in the card is kept; one that the training derived from correlations is not.
    """
    card, effects = model.card, dimension_effects(model, dim)
    name = card.axis_names[dim]
    traits = [trait.name for trait in card.axis_traits[dim]] if card.axis_traits else []
    if not effects or not (_DEFAULT_NAME.fullmatch(name) or name in traits):
        return name
    if abs(effects[0][1]) < _LEAST_STEPS:
        return f"z{dim + 1}"
    short = _SHORT.get(effects[0][0], effects[0][0])
    return f"z{dim + 1} {short} {'↑' if effects[0][1] > 0 else '↓'}"
