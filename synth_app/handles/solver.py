"""Moves of handles: the smallest change of the latent vector that changes one descriptor and holds the others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.descriptors import LOUDNESS
from synth_app.handles.scale import HandleScale
from synth_app.handles.sound import HandleSound, SoundReader

Floats = NDArray[np.float64]
_MOVED_WEIGHT, _PINNED_WEIGHT = 30.0, 30.0  # re that of a handle that is held
_LOUDNESS_WEIGHT = 0.03  # per dB: keeps from moves that change the whole frame
_DAMPING = 0.1
_LONGEST_STEP = 2.0  # standard deviations of the latent vector, between two looks at the sound
_CLOSE, _CLOSE_HELD = 0.08, 0.15  # steps of a handle that is moved, and of one that is held
_SHORTER = 0.5  # after a step that made it worse
_GLOBAL_SHARE = 0.1  # of the bank's mean slopes in the first step
_LINEARIZATIONS, _LOOKS = 3, 6
_SECOND_LOOKS = 10  # of a second search from the bank's mean slopes, where the first one misses
_FAR = 0.25  # steps; slopes are measured again while a handle misses more


@dataclass(frozen=True)
class Move:
    """What a move of handles adds to a sound.

    Attributes:
        offset: float64 [latent], added to the latent vector.
        gain_db: added to the level, so that the loudness stays.
        reached: float64 [6], change of each handle in steps.
    """

    offset: Floats
    gain_db: float
    reached: Floats


class _Search:
    """The state of one search. Positions are in standard deviations of each latent dimension, from the sound."""

    def __init__(
        self,
        reader: SoundReader,
        scale: HandleScale,
        sound: HandleSound,
        slopes: tuple[Floats, Floats],
        global_share: float,
        start: Floats | None = None,
    ) -> None:
        self._reader, self._scale, self._sound = reader, scale, sound
        self._start = slopes[0]
        self._longest = _LONGEST_STEP
        self.position = np.zeros(len(sound.z)) if start is None else start / reader.z_scale
        values, there = slopes if start is None else reader.slopes(sound.z + start, sound)
        self.change = (values - self._start) / scale.step
        local = there / scale.step[:, None]
        self._slopes = local + global_share * (scale.slopes - local)

    def go(self, wanted: Floats, weights: Floats, *, linearize: bool) -> None:
        """Look where a step leads. Stay there if it is better, with slopes measured there if ``linearize``.

        Otherwise the slopes are corrected by what was seen (Broyden 1965), and the next step is shorter.
        """
        step = _step(self._slopes, wanted - self.change, weights, self._longest)
        position = self.position + step
        z = self._sound.z + position * self._reader.z_scale
        measured: Floats | None = None
        if linearize:
            values, slopes = self._reader.slopes(z, self._sound)
            measured = slopes / self._scale.step[:, None]
        else:
            values = self._reader.values(z[None], self._sound)[0]
        change = (values - self._start) / self._scale.step
        better = _cost(wanted - change, weights) < _cost(wanted - self.change, weights)
        if better and measured is not None:
            self._slopes = measured
        else:
            seen = change - self.change - self._slopes @ step
            self._slopes = self._slopes + np.outer(seen, step) / max(float(step @ step), 1e-12)
        if better:
            self.position, self.change = position, change
        else:
            self._longest = _SHORTER * float(np.linalg.norm(step))


def move_handles(
    reader: SoundReader,
    scale: HandleScale,
    sound: HandleSound,
    amounts: dict[int, float],
    *,
    pins: frozenset[int] = frozenset(),
    slopes: tuple[Floats, Floats] | None = None,
    start: Floats | None = None,
    looks: int = _LOOKS,
) -> Move:
    """Return the move that changes some handles by given amounts and holds the others.

    Each step solves the damped least-squares problem ``min |w (wanted - J u)|^2 + d |u|^2`` for u in standard
    deviations of the latent dimensions (Levenberg 1944). The slopes J are at first those of the sound, mixed with the
    bank's mean. They are measured again where a step ends far from what is wanted, and corrected after the others.
    Where this search fails, a second one starts along the bank's mean slopes.

    Args:
        reader: of the model. scale: of the model.
        sound: the sound to move.
        amounts: steps by index in ``SPECTRAL_HANDLES``, from the sound as it is.
        pins: indices of handles to hold as firmly as those that are moved.
        slopes: ``reader.slopes(sound.z, sound)``, if known.
        start: float64 [latent], an offset near the one that is looked for, where the search begins; None for none.
        looks: most steps of the first search. With a ``start`` it measures no other slopes, and no second one follows.
    """
    wanted, weights = np.zeros(len(scale.step)), np.ones(len(scale.step))
    for i in pins:
        weights[i] = _PINNED_WEIGHT
    for i, amount in amounts.items():
        wanted[i], weights[i] = amount, _MOVED_WEIGHT
    weights[LOUDNESS] = _LOUDNESS_WEIGHT
    measured = slopes or reader.slopes(sound.z, sound)
    search = _Search(reader, scale, sound, measured, _GLOBAL_SHARE if start is None else 0.0, start)
    _run(search, wanted, weights, _LINEARIZATIONS if start is None else 0, looks)
    if start is None and _is_far(search, wanted, weights):
        second = _Search(reader, scale, sound, measured, 1.0)
        _run(second, wanted, weights, _SECOND_LOOKS, _SECOND_LOOKS)
        search = min((search, second), key=lambda each: _cost(wanted - each.change, weights))
    change = search.change
    return Move(search.position * reader.z_scale, -float(change[LOUDNESS]), change[:LOUDNESS])


def _run(search: _Search, wanted: Floats, weights: Floats, linearizations: int, looks: int) -> None:
    """Go on until every handle is close, at most for a number of looks."""
    close = np.where(weights > 1.0, _CLOSE, _CLOSE_HELD)
    close[LOUDNESS] = np.inf
    for look in range(looks):
        if (np.abs(wanted - search.change) < close).all():
            break
        far = _is_far(search, wanted, weights)
        search.go(wanted, weights, linearize=linearizations > 0 and (look == 0 or (far and look < linearizations)))


def _is_far(search: _Search, wanted: Floats, weights: Floats) -> bool:
    return float(np.abs(weights * (wanted - search.change)).max()) > _FAR * _MOVED_WEIGHT


def _step(slopes: Floats, missing: Floats, weights: Floats, longest: float) -> Floats:
    weighted = slopes * weights[:, None]
    curvature = weighted.T @ weighted
    curvature[np.diag_indices_from(curvature)] += _DAMPING
    step = np.asarray(np.linalg.solve(curvature, weighted.T @ (missing * weights)), np.float64)
    length = float(np.linalg.norm(step))
    step *= min(1.0, longest / max(length, 1e-12))
    return step


def _cost(missing: Floats, weights: Floats) -> float:
    return float(np.square(weights * missing).sum())
