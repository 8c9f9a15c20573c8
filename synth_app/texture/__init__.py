"""Texture: how the bands of a sound rise and fall together, without its melody, spectrum and loudness curve.

A subset of the statistics of McDermott and Simoncelli, "Sound texture perception via statistics of the auditory
periphery" (Neuron 71, 2011): variance, skewness and correlation of band envelopes, and their modulation power.
"""

from synth_app.texture.bands import BANDS, band_filters, band_levels_db, movement
from synth_app.texture.content import loudness_difference_db, momentary_loudness_db, onset_correlation, onset_envelope
from synth_app.texture.gradient import squared_distance_gradient
from synth_app.texture.statistics import (
    TextureStatistics,
    audible_bands,
    share_removed,
    texture_distance,
    texture_statistics,
)
from synth_app.texture.synthesis import TEXTURES, synthesize_texture

__all__ = [
    "BANDS",
    "TEXTURES",
    "TextureStatistics",
    "audible_bands",
    "band_filters",
    "band_levels_db",
    "loudness_difference_db",
    "momentary_loudness_db",
    "movement",
    "onset_correlation",
    "onset_envelope",
    "share_removed",
    "squared_distance_gradient",
    "synthesize_texture",
    "texture_distance",
    "texture_statistics",
]
