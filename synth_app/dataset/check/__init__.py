"""Checks of notes before a training: folders in NSynth's layout, and folders of recordings."""

from synth_app.dataset.check.nsynth_folder import CheckReport, Finding, check_dataset
from synth_app.dataset.check.recordings import Preflight, check_recordings

__all__ = ["CheckReport", "Finding", "Preflight", "check_dataset", "check_recordings"]
