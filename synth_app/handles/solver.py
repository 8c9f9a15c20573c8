"""Moves of handles: the smallest change of the latent vector that changes one descriptor and holds the others."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.bounded_step import bounded_step, room
from synth_app.handles.descriptors import LOUDNESS
from synth_app.handles.scale import HandleScale
from synth_app.handles.sound import HandleSound, SoundReader

Floats = NDArray[np.float64]
_MOVED_WEIGHT = 30.0  # re that of a handle that is held
_LOUDNESS_WEIGHT = 0.03  # per dB: keeps from moves that change the whole frame
_DAMPING = 0.1
_LONGEST_STEP = 2.0  # standard deviations of the latent vector, between two looks at the sound
_SHORTER = 0.5  # after a step that made it worse
_GLOBAL_SHARE = 0.1  # of the bank's mean slopes in the first step
_SECOND_LOOKS = 10  # or more, of a second search from the bank's mean slopes, where the first one misses
_FAR = 0.25  # steps; slopes are measured again while a handle misses more


@dataclass(frozen=True)
class Effort:
    """How far a search goes.

    Attributes:
        looks: most steps of the first search.
        linearizations: in how many of them, from the first on, slopes may be measured.
        close, close_held: steps of a handle that is moved or pinned, and of one that is held, which count as reached.
    """

    looks: int
    linearizations: int
    close: float
    close_held: float


QUICK = Effort(looks=6, linearizations=3, close=0.08, close_held=0.15)  # while a handle is dragged
EXACT = Effort(looks=20, linearizations=20, close=0.01, close_held=0.05)  # where a value is typed


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
        limits: Floats | None = None,
    ) -> None:
        self._reader, self._scale, self._sound = reader, scale, sound
        self._start = slopes[0]
        self._longest = _LONGEST_STEP
        self.position = np.zeros(len(sound.z)) if start is None else start / reader.z_scale
        self._room = room(limits, sound.z, reader.z_scale)
        values, there = slopes if start is None else reader.slopes(sound.z + start, sound)
        self.change = (values - self._start) / scale.step
        local = there / scale.step[:, None]
        self._slopes = local + global_share * (scale.slopes - local)

    def go(self, wanted: Floats, weights: Floats, *, linearize: bool) -> None:
        """Look where a step leads. Stay there if it is better, with slopes measured there if ``linearize``.

        Otherwise the slopes are corrected by what was seen (Broyden 1965), and the next step is shorter.
        """
        low, high = (np.minimum(self._room[0] - self.position, 0.0), np.maximum(self._room[1] - self.position, 0.0))
        step = _step(self._slopes, wanted - self.change, weights, low, high)
        step *= min(1.0, self._longest / max(float(np.linalg.norm(step)), 1e-12))
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
    limits: Floats | None = None,
    slopes: tuple[Floats, Floats] | None = None,
    start: Floats | None = None,
    effort: Effort = QUICK,
) -> Move:
    """Return the move that changes some handles by given amounts and holds the others.

    Each step solves the damped least-squares problem ``min |w (wanted - J u)|^2 + d |u|^2`` for u in standard
    deviations of the latent dimensions (Levenberg 1944). The slopes J are at first those of the sound, mixed with the
    bank's mean. They are measured again where a step ends far from what is wanted, and corrected after the others.
    Where this search fails, a second one starts along the bank's mean slopes.

    Args:
        reader: of the model. scale: of the model.
        sound: the sound to move.
        amounts: steps by index in ``SPECTRAL_HANDLES``, from the sound as it is; 0 holds a handle as firmly as those
            that are moved.
        limits: float64 [latent, 2], lower and upper end of every latent dimension; None for none.
        slopes: ``reader.slopes(sound.z, sound)``, if known.
        start: float64 [latent], an offset near the one that is looked for, where the search begins; None for none.
        effort: how far to search. With a ``start`` no other slopes are measured, and no second search follows.
    """
    wanted, weights = np.zeros(len(scale.step)), np.ones(len(scale.step))
    for i, amount in amounts.items():
        wanted[i], weights[i] = amount, _MOVED_WEIGHT
    weights[LOUDNESS] = _LOUDNESS_WEIGHT
    measured = slopes or reader.slopes(sound.z, sound)
    search = _Search(reader, scale, sound, measured, _GLOBAL_SHARE if start is None else 0.0, start, limits)
    _run(search, wanted, weights, effort if start is None else replace(effort, linearizations=0))
    if start is None and _is_far(search, wanted, weights):
        second, looks = _Search(reader, scale, sound, measured, 1.0, limits=limits), max(_SECOND_LOOKS, effort.looks)
        _run(second, wanted, weights, replace(effort, looks=looks, linearizations=looks))
        search = min((search, second), key=lambda each: _cost(wanted - each.change, weights))
    change = search.change
    return Move(search.position * reader.z_scale, -float(change[LOUDNESS]), change[:LOUDNESS])


def _run(search: _Search, wanted: Floats, weights: Floats, effort: Effort) -> None:
    """Go on until every handle is close, or the looks are used up."""
    close = np.where(weights > 1.0, effort.close, effort.close_held)
    close[LOUDNESS] = np.inf
    linearizations = effort.linearizations
    for look in range(effort.looks):
        if (np.abs(wanted - search.change) < close).all():
            break
        far = _is_far(search, wanted, weights)
        search.go(wanted, weights, linearize=linearizations > 0 and (look == 0 or (far and look < linearizations)))


def _is_far(search: _Search, wanted: Floats, weights: Floats) -> bool:
    return float(np.abs(weights * (wanted - search.change)).max()) > _FAR * _MOVED_WEIGHT


def _step(slopes: Floats, missing: Floats, weights: Floats, low: Floats, high: Floats) -> Floats:
    weighted = slopes * weights[:, None]
    curvature = weighted.T @ weighted
    curvature[np.diag_indices_from(curvature)] += _DAMPING
    return bounded_step(curvature, weighted.T @ (missing * weights), low, high)


def _cost(missing: Floats, weights: Floats) -> float:
    return float(np.square(weights * missing).sum())
