"""Audio files: what their headers promise, and what can be decoded."""

from synth_app.dataset.audio_files.suffixes import AUDIO_SUFFIXES, COMMON_AUDIO_SUFFIXES

__all__ = ["AUDIO_SUFFIXES", "COMMON_AUDIO_SUFFIXES"]
