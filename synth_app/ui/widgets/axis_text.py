"""Names and descriptions of latent dimensions, from the model card."""

from synth_app.modelfile import ModelCard


def axis_label(card: ModelCard, dim: int) -> str:
    """Return a short name: the card's own, or the trait that the dimension follows best with its direction."""
    title = card.axis_title(dim)
    if title == card.axis_names[dim]:
        return title
    return f"{title} {'↑' if card.axis_traits[dim][0].r > 0 else '↓'}"


def axis_strength(card: ModelCard, dim: int) -> float | None:
    """Return |r| of the dimension's strongest trait, 0-1; None if the card has no measured traits."""
    if not card.axis_traits:
        return None
    traits = card.axis_traits[dim]
    return abs(traits[0].r) if traits else 0.0


def axis_help(card: ModelCard, dim: int) -> str:
    """Return the tooltip of a dimension's slider."""
    traits = card.axis_traits[dim] if card.axis_traits else ()
    correlations = ", ".join(f"{trait.name} {trait.r:+.2f}".replace("-", "−") for trait in traits)
    follows = f"Follows {correlations} (correlation over the note bank). " if correlations else ""
    return (
        f"{follows}The tick marks the note's value, the band most notes' values. "
        "Click the lock to protect the value from randomizing."
    )
