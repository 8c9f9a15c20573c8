"""Styles as plain data for patches: the texture of a sound, and the style that it is for a model."""

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.patch.style_texture import MAX_TEXTURE_FRAMES, StyleTexture
from synth_app.style.source import Style
from synth_app.texture.bands import band_centers, highest_center_hz
from synth_app.texture.statistics import movement_statistics

Float64s = NDArray[np.float64]


def texture_of(model: Model, style: Style) -> StyleTexture:
    """Return the texture of a style that was taken with a model; of a long one, the first ten seconds."""
    moving = style.moving_db[:MAX_TEXTURE_FRAMES]
    return StyleTexture(
        name=style.name,
        frames_per_second=1.0 / model.spec.hop_seconds,
        highest_hz=highest_center_hz(model.spec),
        moving_db=(moving - moving.mean(axis=0)).astype(np.float16).tobytes(),
        audible=style.audible.astype(np.uint8).tobytes(),
        step=style.step,
    )


def style_of_texture(model: Model, texture: StyleTexture) -> Style:
    """Return the style that a texture is for a model.

    A texture that was taken with a model of other frames or another sample rate is interpolated in time and between
    bands.
    """
    rate, highest_hz = 1.0 / model.spec.hop_seconds, highest_center_hz(model.spec)
    moving, audible = texture.movement(), texture.heard()
    if texture.frames_per_second != rate:
        moving = _in_time(moving, texture.frames_per_second / rate)
    if texture.highest_hz != highest_hz:
        own, wanted = band_centers(texture.highest_hz), band_centers(highest_hz)
        moving = np.stack([np.interp(wanted, own, frame) for frame in moving])
        audible = audible[np.abs(wanted[:, None] - own).argmin(axis=1)]
    return Style(texture.name, moving, movement_statistics(moving, rate), audible, texture.step)


def _in_time(moving: Float64s, step: float) -> Float64s:
    """Return a movement [frames, bands] read at every ``step`` frames."""
    before = np.arange(len(moving))
    after = np.arange(0.0, len(moving) - 1 + 1e-9, step)
    return np.stack([np.interp(after, before, band) for band in moving.T], axis=1)
