"""ADSR envelopes in closed form: level as a function of time, without state (compiled).

Voices and modulation share attack and decay. Their releases differ: a voice falls from the level that it had at
key-up, which it stores (``voices.latent_path.envelope``).
"""

import numpy as np

from synth_app.support.kernels import internal, public

_DECAY_RATE = 4.605  # ln(100): the decay covers 99 % of the distance in ``decay_s``
_RELEASE_RATE = 6.9078  # ln(1000): the release covers 99.9 % of the distance in ``release_s``


@internal
def attack_decay(elapsed_s: float, attack_s: float, decay_s: float, sustain: float) -> float:
    """Return the level, 0 to 1, while the key is held: a linear attack, then an exponential decay to ``sustain``."""
    if elapsed_s < attack_s:
        return elapsed_s / attack_s
    return sustain + (1.0 - sustain) * np.exp(-_DECAY_RATE * (elapsed_s - attack_s) / decay_s)


@public
def adsr(
    elapsed_s: float, released_s: float, attack_s: float, decay_s: float, sustain: float, release_s: float
) -> float:
    """Return the level of an envelope, 0 to 1.

    Args:
        elapsed_s: time since key-down.
        released_s: time since key-up; negative while the key is held.
        attack_s: duration of the linear attack.
        decay_s: time in which the decay covers 99 % of the distance.
        sustain: level while the key is held, 0 to 1.
        release_s: time in which the release covers 99.9 % of the distance.
    """
    if released_s <= 0.0:
        return attack_decay(elapsed_s, attack_s, decay_s, sustain)
    level = attack_decay(elapsed_s - released_s, attack_s, decay_s, sustain)
    return level * np.exp(-_RELEASE_RATE * released_s / release_s)
