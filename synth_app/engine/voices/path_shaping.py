"""Bite and movement: what the two handles of the path do to a voice at one moment; the scale of velocity (compiled)."""

import numpy as np

from synth_app.params import param
from synth_app.params.handles import BITE, MOVEMENT, ONSET_S
from synth_app.support.kernels import inlined

_ONSET_END = 0.003  # weights below are 0, so that a held note costs no more
NEUTRAL_VELOCITY = 100.0 / 127.0  # changes nothing
VELOCITY_RANGE = 126.0 / 127.0  # from the softest to the hardest
MAX_BITE_DB = float(param(BITE.target).maximum)
_LEAST_DB, _MOST_DB = float(param(MOVEMENT.target).minimum), float(param(MOVEMENT.target).maximum)


@inlined
def onset_weight(elapsed_s: float) -> float:
    """Return how much a moment belongs to the attack: 1 at the onset and before, then falling exponentially to 0."""
    weight = np.exp(-max(elapsed_s, 0.0) / ONSET_S)
    return weight if weight > _ONSET_END else 0.0


@inlined
def movement_factor(movement_db: float) -> float:
    """Return the factor of the way from the centre of the path, within the range of the parameter."""
    return 10.0 ** (min(max(movement_db, _LEAST_DB), _MOST_DB) / 20.0)
