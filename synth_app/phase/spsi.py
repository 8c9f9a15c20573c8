"""Single-pass spectrogram inversion: every peak advances at its own frequency, and its slopes follow the peak.

After Beauregard, Harish & Wyse, "Single pass spectrogram inversion", DSP 2015. Here the peak's frequency comes from the
window's own map instead of a parabola. There are no phase slopes and no noise split.
"""

import numpy as np

from synth_app.phase.carry import propagate
from synth_app.phase.emit import emit
from synth_app.phase.gradients import advance_gradient, apply_known_delta, follow_flux, sanitize, time_step
from synth_app.phase.state import StereoSum, SweepState, store_previous
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.support.kernels import internal, public

_f = np.float32


@public
def spsi_add(
    mag: Float32s, state: SweepState, voice: int, tables: KernelTables,
    out: StereoSum,
) -> None:  # fmt: skip
    """Add the next frame of one voice, with phases locked to peaks, to ``out``; arguments as ``sweep_add``."""
    scratch, clean, phase = state.scratch, state.scratch.clean, state.phase[voice]
    sanitize(mag, clean)
    follow_flux(clean, state.magnitude[voice], tables, state.flux[voice])
    advance_gradient(clean, tables, scratch.delta)
    apply_known_delta(state.known_delta[voice], scratch.delta)
    time_step(phase, scratch.delta, state.delta[voice], tables, scratch.time)
    downhill(clean.view(np.int32), scratch.from_below, scratch.from_above)
    scratch.side[:] = 0
    propagate(scratch, phase)
    phase[0] = 0
    phase[-1] = 0
    state.tonal[voice, :] = _f(1)
    emit(clean, state, voice, tables, out)
    store_previous(clean, state, voice)


@internal
def downhill(s: Int32s, from_below: Int32s, from_above: Int32s) -> None:
    """Set -1 where a bin follows the louder of its neighbours, below or above; 0 on peaks."""
    last = s.shape[0] - 1
    from_below[0] = 0
    from_above[last] = 0
    from_above[0] = np.int32(-1) if s[1] > s[0] else np.int32(0)
    from_below[last] = np.int32(-1) if s[last - 1] > s[last] else np.int32(0)
    for k in range(1, last):
        below_leads = (s[k - 1] > s[k]) & (s[k - 1] >= s[k + 1])
        from_below[k] = np.int32(-1) if below_leads else np.int32(0)
    for k in range(1, last):
        above_leads = (s[k + 1] > s[k]) & (s[k + 1] > s[k - 1])
        from_above[k] = np.int32(-1) if above_leads else np.int32(0)
