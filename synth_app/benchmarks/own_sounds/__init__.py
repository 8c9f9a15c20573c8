"""Recordings dropped on the window, beside the real notes of their instruments at the same and at other keys."""

from synth_app.benchmarks.own_sounds.report import SoundReport, sound_report

__all__ = ["SoundReport", "sound_report"]
