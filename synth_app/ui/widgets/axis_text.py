"""What a dimension of the code is called, and what is known about it, from the model's card."""

import re

from synth_app.modelfile import ModelCard

_PLAIN = re.compile(r"z\d+$")
LEAST_NAMED = 0.35  # a weaker trait does not make a name


def axis_label(card: ModelCard, dim: int) -> str:
    """Short name: the card's own, or the descriptor that the dimension follows best, and whether it rises."""
    name = card.axis_names[dim]
    traits = card.axis_traits[dim] if card.axis_traits else ()
    if not _PLAIN.match(name) or not traits or abs(traits[0].r) < LEAST_NAMED:
        return name
    return f"{name} {traits[0].name} {'↑' if traits[0].r > 0 else '↓'}"


def axis_strength(card: ModelCard, dim: int) -> float | None:
    """|r| of the strongest trait; None where it was not measured."""
    if not card.axis_traits:
        return None
    traits = card.axis_traits[dim]
    return abs(traits[0].r) if traits else 0.0


def axis_help(card: ModelCard, dim: int) -> str:
    """A sentence for the tooltip."""
    traits = card.axis_traits[dim] if card.axis_traits else ()
    told = ", ".join(f"{trait.name} {trait.r:+.2f}".replace("-", "−") for trait in traits)
    follows = f"Follows {told} (correlation over the bank). " if told else ""
    return f"{follows}The tick is where the note rests, the band where most notes lie. Click the lock to keep it."
