"""Magnitude frames to waveforms: phases are estimated causally frame by frame, or offline from all frames at once.

Live, per voice and frame: ``new_state``, ``reset``, ``prime``, then ``sweep_add`` (economy: ``spsi_add``; studio:
``studio_add``) into a lane's spectra. These are inverted, windowed by ``synthesis_window`` and overlap-added. Offline:
``resynthesize`` with one of ``METHODS``.
"""

from synth_app.phase.emit import to_irfft
from synth_app.phase.gradients import UNKNOWN
from synth_app.phase.offline.methods import METHODS, Method, griffin_lim, resynthesize
from synth_app.phase.offline.stft import StftGrid, istft, spectral_convergence_db, stft
from synth_app.phase.overlap import overlap_add, synthesis_window
from synth_app.phase.spsi import spsi_add
from synth_app.phase.state import StereoSum, SweepState, new_state, prime, reset
from synth_app.phase.studio import STUDIO_ITERATIONS, studio_add
from synth_app.phase.studio_state import StudioState, begin_from_silence, new_studio, reset_studio
from synth_app.phase.sweep import sweep_add, sweep_tonal_add
from synth_app.phase.tables import KernelTables, PhaseTables, phase_tables

__all__ = [
    "METHODS",
    "STUDIO_ITERATIONS",
    "UNKNOWN",
    "KernelTables",
    "Method",
    "PhaseTables",
    "StereoSum",
    "StftGrid",
    "StudioState",
    "SweepState",
    "begin_from_silence",
    "griffin_lim",
    "istft",
    "new_state",
    "new_studio",
    "overlap_add",
    "phase_tables",
    "prime",
    "reset",
    "reset_studio",
    "resynthesize",
    "spectral_convergence_db",
    "spsi_add",
    "stft",
    "studio_add",
    "sweep_add",
    "sweep_tonal_add",
    "synthesis_window",
    "to_irfft",
]
