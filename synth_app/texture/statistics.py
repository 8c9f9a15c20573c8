"""Statistics of a texture, and the distance between two textures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.support.errors import UserError
from synth_app.texture.bands import movement

Float64s = NDArray[np.float64]
OCTAVES_HZ = ((2.0, 4.0), (4.0, 8.0), (8.0, 16.0), (16.0, 32.0))
MIN_FRAMES = 24
AUDIBLE_DB = 40.0  # below the loudest band
STILL_DB = 0.5  # movement that small has no reliable skewness, correlation or modulation: they tend to 0 with it
SCALES = (3.0, 0.75, 0.35, 0.2)  # dB, none, none, share: a clearly different texture differs by about one of each


@dataclass(frozen=True)
class TextureStatistics:
    """Statistics of the movement of band levels; see ``bands.movement``.

    Attributes:
        deviation_db: float64 [bands], standard deviation in dB.
        skewness: float64 [bands]; positive where a band has short peaks, such as drops or crackles.
        correlation: float64 [bands, bands], -1 to 1, how bands move together; the diagonal is 0.
        modulation: float64 [bands, octaves], share of the variance in the octaves of ``OCTAVES_HZ``, 0 to 1.
    """

    deviation_db: Float64s
    skewness: Float64s
    correlation: Float64s
    modulation: Float64s

    def groups(self) -> tuple[Float64s, Float64s, Float64s, Float64s]:
        """Return the four groups in the order of ``SCALES``."""
        return self.deviation_db, self.skewness, self.correlation, self.modulation


def texture_statistics(levels_db: Float64s, frames_per_second: float) -> TextureStatistics:
    """Measure the texture of band levels.

    Args:
        levels_db: [frames, bands].
        frames_per_second: rate in Hz.

    Raises:
        UserError: there are too few frames.
    """
    if len(levels_db) < MIN_FRAMES:
        raise UserError(
            f"a texture of {len(levels_db)} frames is too short to measure; it needs {MIN_FRAMES} "
            f"({MIN_FRAMES / frames_per_second:.2g} s)"
        )
    return movement_statistics(movement(levels_db, frames_per_second), frames_per_second)


def movement_statistics(moving_db: Float64s, frames_per_second: float) -> TextureStatistics:
    """Measure a movement [frames, bands] in dB, of zero mean."""
    variance = np.mean(moving_db**2, axis=0)
    steady = variance + STILL_DB**2
    covariance = moving_db.T @ moving_db / len(moving_db)
    correlation = covariance / np.sqrt(np.outer(steady, steady))
    np.fill_diagonal(correlation, 0.0)
    modulated = octave_parts(moving_db, frames_per_second)
    return TextureStatistics(
        deviation_db=np.sqrt(steady) - STILL_DB,
        skewness=np.mean(moving_db**3, axis=0) / steady**1.5,
        correlation=correlation,
        modulation=np.mean(modulated**2, axis=1).T / steady[:, None],
    )


def octave_parts(moving_db: Float64s, frames_per_second: float) -> Float64s:
    """Split a movement into modulation octaves, float64 [octaves, frames, bands]; each is an orthogonal projection."""
    spectrum = np.fft.rfft(moving_db, axis=0)
    hz = np.fft.rfftfreq(len(moving_db), 1.0 / frames_per_second)
    parts = [spectrum * ((hz >= low) & (hz < high))[:, None] for low, high in OCTAVES_HZ]
    return np.asarray(np.fft.irfft(np.stack(parts), len(moving_db), axis=1))


def audible_bands(levels_db: Float64s) -> Float64s:
    """Return 1 for bands whose mean level lies within 40 dB of the loudest, and 0 for others: float64 [bands]."""
    mean = levels_db.mean(axis=0)
    return np.asarray(mean > mean.max() - AUDIBLE_DB, np.float64)


def texture_distance(first: TextureStatistics, second: TextureStatistics, weights: Float64s) -> float:
    """Return the distance of two textures: the RMS over four groups of RMS differences, each in units of ``SCALES``.

    Args:
        first, second: statistics of equal bands.
        weights: float64 [bands], 0 or more, such as ``audible_bands``; at least two must not be 0.
    """
    total = 0.0
    pairs = zip(first.groups(), second.groups(), group_weights(weights), SCALES, strict=True)
    for one, other, weight, scale in pairs:
        total += float(np.sum(weight * (one - other) ** 2)) / scale**2
    return float(np.sqrt(total / len(SCALES)))


def group_weights(weights: Float64s) -> tuple[Float64s, Float64s, Float64s, Float64s]:
    """Return the weights of every number of the four groups; those of each group sum to 1."""
    between = np.outer(weights, weights)
    np.fill_diagonal(between, 0.0)
    if weights.min() < 0.0 or between.sum() <= 0.0:
        raise UserError("fewer than two bands can be compared: the sounds have no audible bands in common")
    single = weights / weights.sum()
    octaves = np.repeat(single[:, None], len(OCTAVES_HZ), axis=1) / len(OCTAVES_HZ)
    return single, single, between / between.sum(), octaves


def share_removed(
    content: TextureStatistics, style: TextureStatistics, result: TextureStatistics, weights: Float64s
) -> float:
    """Return the share of the distance from content to style that a result has removed; 1 is all, negative is worse.

    Raises:
        UserError: content and style have the same texture, so that there is nothing to remove.
    """
    before = texture_distance(content, style, weights)
    if before <= 0.0:
        raise UserError("content and style have the same texture; choose another style")
    return 1.0 - texture_distance(result, style, weights) / before
