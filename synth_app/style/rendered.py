"""The rendered way: a latent path optimized through the decoder against the statistics of the style."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch import UserNote
from synth_app.style.live import GAIN_UNIT_DB, check_amount, styled_path
from synth_app.style.note_levels import LevelModel
from synth_app.style.optimization import minimized
from synth_app.style.path import StyledPath, keeping_content, limited, note_at
from synth_app.style.source import Style
from synth_app.style.target import Part, styled_part
from synth_app.texture import audible_bands, squared_distance_gradient
from synth_app.texture.bands import movement_floor_db, movement_matrix

Float64s = NDArray[np.float64]
ITERATIONS = 60
MEAN_WEIGHT = 0.02  # per dB²: a change of the mean spectrum; it belongs to the content
EFFORT_WEIGHT = 0.01  # per squared standard deviation: keeps the path where the decoder was trained
_LEAST_DEVIATION = 1e-6


@dataclass(frozen=True)
class _Problem:
    """The objective: squared texture distance, change of the mean spectrum, and effort."""

    levels: LevelModel
    content: UserNote
    style: Style
    part: Part
    scale: Float64s
    matrix: Float64s
    weights: Float64s
    before_db: Float64s
    frames_per_second: float

    def path(self, x: Float64s) -> tuple[Float64s, Float64s]:
        """Return the changes of latent vectors and gains that the variables ``x`` stand for."""
        moves = smoothed(x.reshape(len(self.part.envelope), -1)) * self.part.envelope[:, None]
        return moves[:, :-1] * self.scale, moves[:, -1] * GAIN_UNIT_DB

    def __call__(self, x: Float64s) -> tuple[float, Float64s]:
        """Return the objective and its gradient."""
        z, gain = self.path(x)
        found = self.levels(self.content.codes() + z, self.content.gains() + gain)
        inside = slice(self.part.start, self.part.stop)
        levels, floor = found.levels_db[inside], movement_floor_db(self.before_db)
        heard = levels > floor
        distance, by_movement = squared_distance_gradient(
            self.matrix @ np.maximum(levels, floor), self.frames_per_second, self.style.statistics, self.weights
        )
        drift = (levels - self.before_db).mean(axis=0) * self.weights
        value = distance + MEAN_WEIGHT * float(np.mean(drift**2)) + EFFORT_WEIGHT * float(np.mean(x**2))
        by_level = np.zeros_like(found.levels_db)
        by_level[inside] = (self.matrix.T @ by_movement) * heard
        by_level[inside] += 2.0 * MEAN_WEIGHT * drift * self.weights / levels.size
        by_z, by_gain = found.pull(by_level)
        gradient = np.concatenate([by_z * self.scale, GAIN_UNIT_DB * by_gain[:, None]], axis=1)
        gradient = smoothed(gradient * self.part.envelope[:, None])
        return value, gradient.ravel() + 2.0 * EFFORT_WEIGHT * x / x.size


def smoothed(rows: Float64s) -> Float64s:
    """Return (1, 2, 1) / 4 of neighbouring rows, with zeros before and after: a symmetrical linear map.

    Changes that alternate from frame to frame are hidden by the overlap of frames, so nothing else would hold them
    back; the phase stage turns them into noise.
    """
    out = 0.5 * rows
    out[1:] += 0.25 * rows[:-1]
    out[:-1] += 0.25 * rows[1:]
    return out


def rendered_style(
    model: Model,
    content: UserNote,
    style: Style,
    amount: float = 1.0,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> UserNote | None:
    """Return the content with the texture of a style, optimized; it plays at every key.

    The optimization (``optimization.minimized``) starts from the live way's path.

    Args:
        model, content, style, amount: as for ``live_style``.
        progress: called with (iterations done, all iterations).
        cancelled: asked after every iteration; True stops the work.

    Returns:
        the note; None if the work was cancelled.

    Raises:
        UserError: as ``live_style``.
    """
    check_amount(amount)
    path = rendered_path(model, content, style, progress=progress, cancelled=cancelled)
    return None if path is None else note_at(model, LevelModel(model, content), path, amount)


def rendered_path(
    model: Model,
    content: UserNote,
    style: Style,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> StyledPath | None:
    """Return the optimized path for any amount; arguments as for ``rendered_style``."""
    start = styled_path(model, content, style)
    problem = _problem(model, content, style)
    first = np.concatenate([start.z_change / problem.scale, start.gain_change_db[:, None] / GAIN_UNIT_DB], axis=1)
    best = minimized(problem, first, ITERATIONS, progress=progress, cancelled=cancelled)
    if best is None:
        return None
    z_change, gain_change_db = problem.path(best)
    z_change = limited(content.codes(), z_change, model, style.step)
    return keeping_content(model, problem.levels, StyledPath(content, z_change, gain_change_db))


def _problem(model: Model, content: UserNote, style: Style) -> _Problem:
    part, levels = styled_part(model, content), LevelModel(model, content)
    rate = 1.0 / model.spec.hop_seconds
    before = levels(content.codes(), content.gains()).levels_db[part.start : part.stop]
    return _Problem(
        levels, content, style, part,
        scale=np.maximum(model.stats.std.astype(np.float64), _LEAST_DEVIATION),
        matrix=movement_matrix(part.stop - part.start, rate),
        weights=audible_bands(before) * style.audible,
        before_db=before,
        frames_per_second=rate,
    )  # fmt: skip
