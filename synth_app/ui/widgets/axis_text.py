"""Names of what can be moved, and descriptions of latent dimensions by their effect."""

from synth_app.decoder import Model
from synth_app.handles import dimension_effects, dimension_label
from synth_app.params import SPECTRAL_HANDLES
from synth_app.patch import Patch
from synth_app.patch.target import Target
from synth_app.session.store.param_title import param_title

_NAMED_EFFECTS = 3  # in a tooltip


def target_label(target: str, model: Model | None, patch: Patch) -> str:
    """Return the label in the window of a parameter, a handle or a latent dimension; macros have their given names."""
    found = Target.parse(target)
    if found.handle is not None:
        return SPECTRAL_HANDLES[found.handle].label
    if found.dimension is None:
        return param_title(target, patch.macro_names)
    known = model is not None and found.dimension < model.card.latent_size
    return dimension_label(model, found.dimension) if model is not None and known else target


def axis_strength(model: Model, dim: int) -> float | None:
    """Return how much the dimension does what its name says, 0-1 for up to one step; None where it is not known."""
    effects = dimension_effects(model, dim)
    return min(abs(effects[0][1]), 1.0) if effects else None


def axis_help(model: Model, dim: int) -> str:
    """Return the tooltip of a dimension's slider."""
    named = ", ".join(f"{name} {steps:+.1f}" for name, steps in dimension_effects(model, dim)[:_NAMED_EFFECTS])
    effects = f"A standard deviation up moves the handles by about: {named.replace('-', '−')} steps. " if named else ""
    return (
        f"{effects}The tick marks the note's value, the band most notes' values. "
        "Click the lock to protect the value from randomizing."
    )
