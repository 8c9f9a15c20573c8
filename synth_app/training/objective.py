"""The error that a training minimizes: one or more terms."""

from synth_app.support.errors import UserError

SQUARED, AUDIBLE = "squared", "audible"  # the squared error of all bins; all terms
# Weight of each term, chosen on validation notes. Partials decide how well a harmonic sound is recognized.
WEIGHTS: dict[str, float] = {SQUARED: 0.15, "mel": 1.0, "bins": 0.2, "partials": 1.0}


def objective_terms(objective: str) -> tuple[str, ...]:
    """Return the terms of an objective: ``audible``, or names of ``WEIGHTS`` joined by "+".

    Raises:
        UserError: an unknown or repeated term.
    """
    if objective == AUDIBLE:
        return tuple(WEIGHTS)
    terms = tuple(objective.split("+"))
    if len(set(terms)) < len(terms) or not set(terms) <= set(WEIGHTS):
        raise UserError(
            f"objective {objective!r} is invalid; give {AUDIBLE}, or terms joined by +, each once: {', '.join(WEIGHTS)}"
        )
    return terms
