"""The filter of a voice, as a gain for every bin of its frame (compiled).

The gains are applied after the phases are found. A slope in dB per octave, applied before, would raise one side of
every window lobe over the other, and the phase stage would estimate another frequency from it.

Each bin gets the gain at the frequency of the sine that the frame shows there. So all bins of a steady partial get the
same gain, that of the analog filter at the partial's frequency, even where the filter changes within a bin: a narrow
resonance or a notch at a low cutoff is not blurred by the window.
"""

import numpy as np
from numpy.typing import NDArray

from synth_app.params.filter import dampings, power_terms
from synth_app.phase import KernelTables, SweepState
from synth_app.phase.gradients import advance_gradient, apply_known_delta
from synth_app.support.kernels import internal, public_fast

Float32s = NDArray[np.float32]
_f = np.float32
MIX, CUTOFF_HZ, RESONANCE_DB = range(3)  # columns of a voice's settings
SETTINGS = 3
_ALL_PASS = (1.0, 0.0, 1.0, 0.0)  # power terms of no filter
_dampings, _power_terms = internal(dampings), internal(power_terms)


@public_fast
def filter_gains(
    delta: Float32s, cutoff_bins: float, kind: int, four_poles: bool, resonance_db: float, mix: float, gains: Float32s
) -> None:
    """Compute the filter's gain at every bin.

    Args:
        delta: float32 [bins], distance in bins from each bin to the frequency at which to take the gain.
        cutoff_bins: cutoff over the distance of bins, > 0.
        kind, four_poles, resonance_db: as for ``params.filter.dampings``.
        mix: 0 for no filter, 1 for the whole filter; between, a crossfade.
        gains: float32 [bins], result, linear.
    """
    first, second = _dampings(kind, four_poles, resonance_db)
    terms = _power_terms(kind, first)
    a, b, c, d = _f(terms[0]), _f(terms[1]), _f(terms[2]), _f(terms[3])
    others = _power_terms(kind, second) if four_poles else _ALL_PASS
    p, q, r, s = _f(others[0]), _f(others[1]), _f(others[2]), _f(others[3])
    per_bin, share, one = _f(1.0 / cutoff_bins), _f(mix), _f(1.0)
    for k in range(gains.shape[0]):
        x = (_f(k) + delta[k]) * per_bin
        u = x * x
        passed = (a + u * (b + u * c)) * (p + u * (q + u * r))
        power = passed / ((one + u * (d + u)) * (one + u * (s + u)))
        gains[k] = one + share * (np.sqrt(max(power, _f(0.0))) - one)


@internal
def set_bin_gains(
    magnitude: Float32s, voice: int, settings: Float32s, kind: int, four_poles: bool, bin_hz: float, state: SweepState,
    tables: KernelTables,
) -> None:  # fmt: skip
    """Set a voice's gains for its coming frame.

    Args:
        magnitude: float32 [bins], of the frame, finite.
        voice: row of the state.
        settings: float32 [SETTINGS], of the voice.
        kind, four_poles: as for ``params.filter.dampings``.
        bin_hz: distance of bins.
        state: ``bin_gain`` and ``has_bin_gain`` are changed; ``known_delta`` of the frame is read.
        tables: of the phase stage.
    """
    gains, delta = state.bin_gain[voice], state.scratch.delta
    state.has_bin_gain[voice] = settings[MIX] > _f(0.0)
    if not state.has_bin_gain[voice]:
        return
    advance_gradient(magnitude, tables, delta)
    apply_known_delta(state.known_delta[voice], delta)
    cutoff_bins = float(settings[CUTOFF_HZ]) / bin_hz
    filter_gains(delta, cutoff_bins, kind, four_poles, float(settings[RESONANCE_DB]), settings[MIX], gains)
