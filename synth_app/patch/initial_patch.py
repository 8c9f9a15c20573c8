"""The initial sound of a model: the same in the window, on the command line and in reports."""

from dataclasses import replace

from synth_app.modelfile import ModelCard
from synth_app.params import param_index
from synth_app.patch.patch import Patch


def initial_patch(path: str, card: ModelCard, slot_a: int = 0, slot_b: int | None = None) -> Patch:
    """Return the patch that a model starts with: bank notes in the slots, and all parameters at their defaults.

    Args:
        path: of the model file. card: of the model.
        slot_a, slot_b: indices in its note bank; the same note in both slots if ``slot_b`` is None.
    """
    patch = Patch(path, slot_a, slot_a if slot_b is None else slot_b)
    return replace(patch, params=initial_params(card))


def initial_params(card: ModelCard | None) -> tuple[float, ...]:
    """Return the parameters of a model's initial patch, in the order of ``PARAMS``; None stands for no model.

    They are the defaults, with one exception: a pitch-conditioned model has the harmonic lock (``lock``) at 1. Its
    partials lie within a few cents of the key's harmonics, and this lock corrects the rest (docs/benchmarks/models.md).
    """
    params = list(Patch("").params)
    if card is not None and card.key_range is not None:
        params[param_index("lock")] = 1.0
    return tuple(params)
