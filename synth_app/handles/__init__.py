"""Handles: sliders that each change one property of the sound and hold the others. Numpy alone."""

from synth_app.handles.audibility import QUIET_DB, audible_changes_db
from synth_app.handles.curves import solve_curves
from synth_app.handles.descriptors import Descriptors
from synth_app.handles.dimension_names import dimension_effects, dimension_label
from synth_app.handles.path import PathReader
from synth_app.handles.prepared import model_changes_db, model_path_scale, model_scale, prepare_handles
from synth_app.handles.scale import FEWEST_NOTES, HandleScale, PathScale, fit_scale
from synth_app.handles.solver import EXACT, QUICK, Move, move_handles
from synth_app.handles.sound import HandleSound, SoundReader
from synth_app.params import HANDLES, SPECTRAL_HANDLES, Handle, handle_index

__all__ = [
    "EXACT",
    "FEWEST_NOTES",
    "HANDLES",
    "QUICK",
    "QUIET_DB",
    "SPECTRAL_HANDLES",
    "Descriptors",
    "Handle",
    "HandleScale",
    "HandleSound",
    "Move",
    "PathReader",
    "PathScale",
    "SoundReader",
    "audible_changes_db",
    "dimension_effects",
    "dimension_label",
    "fit_scale",
    "handle_index",
    "model_changes_db",
    "model_path_scale",
    "model_scale",
    "move_handles",
    "prepare_handles",
    "solve_curves",
]
