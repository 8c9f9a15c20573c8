"""How much of each bin a spectral peak explains; the rest of a static frame must sound as noise.

Smooth magnitudes that do not change leave every phase method with phases that repeat from frame to frame: a
buzz of period n_fft. Bins under clear peaks keep their phase; the others are mixed with hop-consistent noise
as far as they are static (lively magnitudes carry their own noise).

What belongs to a peak is passed down its slopes by selections instead of loops from valley to valley, whose
unpredictable branches cost three times as much.
"""

import numpy as np

from synth_app.kernels import internal, internal_fast, public_fast
from synth_app.phase.carry import carry
from synth_app.phase.state import Scratch
from synth_app.phase.tables import Float32s, Int32s, KernelTables

_f = np.float32
_TINY = _f(1e-12)
_CODE_POSITION = 32  # a peak's code: position in 1/32 bin times 256, plus its weight in 1/255
_CODE_WEIGHT = 255


@internal
def peak_tonality(s: Float32s, tables: KernelTables, delta: Float32s, scratch: Scratch, tonal: Float32s) -> None:
    """Share 0-1 of every bin explained by the peak on whose slope it lies; a valley takes the better one.

    A peak weighs as far as it stands PEAK_DB above the mean of its valleys; a bin is explained as far as it
    is not above LOBE_EXCESS times the window's lobe at its distance from the peak.
    """
    bits = s.view(np.int32)
    # Rows of the phase passes, free again: the upward values in `left`, the downward ones in `right`.
    rises, falls, left, right = scratch.from_below, scratch.from_above, scratch.left, scratch.right
    slopes(bits, rises, falls)
    keep_out(bits, rises, left)
    keep_out(bits, falls, right)
    carry(rises, left, falls, right)  # magnitude at the foot of the slope below and above every bin
    weight, reach, code = scratch.weight, scratch.reach, scratch.time
    peaks(s, left.view(np.float32), right.view(np.float32), tables, weight)
    peak_codes(s, weight, delta, tables, reach, code)
    invert(rises)  # a slope that does not rise carries what its upper end, on the left, hands down
    invert(falls)
    tonal[:] = _f(0)
    keep_out(code, rises, left)
    keep_out(code, falls, right)
    carry(rises, left, falls, right)
    keep_out(reach.view(np.int32), rises, scratch.side)
    keep_out(reach.view(np.int32), falls, scratch.code)
    carry(rises, scratch.side, falls, scratch.code)
    explain(s, scratch.side.view(np.float32), left, tables, tonal)
    explain(s, scratch.code.view(np.float32), right, tables, tonal)
    tonal[0] = _f(1)
    tonal[-1] = _f(1)


@internal
def slopes(s: Int32s, rises: Int32s, falls: Int32s) -> None:
    """-1 where a bin is above the one below it (``rises``), or not below the one above it (``falls``)."""
    last = s.shape[0] - 1
    rises[0] = 0
    falls[last] = 0
    for k in range(1, last + 1):
        rises[k] = np.int32(-1) if s[k] > s[k - 1] else np.int32(0)
    for k in range(last):
        falls[k] = np.int32(-1) if s[k] >= s[k + 1] else np.int32(0)


@internal
def keep_out(values: Int32s, mask: Int32s, out: Int32s) -> None:
    """The values where nothing is carried in, else 0."""
    for k in range(values.shape[0]):
        out[k] = values[k] & ~mask[k]


@internal
def invert(mask: Int32s) -> None:
    """Turn the mask round."""
    for k in range(mask.shape[0]):
        mask[k] = ~mask[k]


@internal_fast
def peaks(s: Float32s, left: Float32s, right: Float32s, tables: KernelTables, weight: Float32s) -> None:
    """Weight 0-1 of every local maximum by its height over its valleys, 0 elsewhere."""
    last = s.shape[0] - 1
    low = tables.peak_low
    scale = _f(1) / (tables.peak_high - low)
    # beyond 0 and Nyquist the spectrum is its own mirror image, so there is one valley
    weight[0] = min(max((s[0] / (right[0] + _TINY) - low) * scale, _f(0)), _f(1)) if s[0] >= s[1] else _f(0)
    ends_high = s[last] > s[last - 1]
    weight[last] = min(max((s[last] / (left[last] + _TINY) - low) * scale, _f(0)), _f(1)) if ends_high else _f(0)
    for k in range(1, last):
        height = (s[k] / np.sqrt(left[k] * right[k] + _TINY * _TINY) - low) * scale
        height = min(max(height, _f(0)), _f(1))
        top = (s[k] > s[k - 1]) & (s[k] >= s[k + 1])
        weight[k] = height if top else _f(0)


@internal_fast
def peak_codes(
    s: Float32s, weight: Float32s, delta: Float32s, tables: KernelTables, reach: Float32s, code: Int32s
) -> None:
    """LOBE_EXCESS times the amplitude of the sine under each bin, and where it is."""
    for k in range(s.shape[0]):
        reach[k] = tables.lobe_excess * s[k] * inverse_lobe(delta[k], tables)
    for k in range(s.shape[0]):
        position = np.int32((_f(k) + delta[k]) * _f(_CODE_POSITION) + _f(0.5))
        code[k] = (position << 8) + np.int32(weight[k] * _f(_CODE_WEIGHT) + _f(0.5))


@public_fast
def inverse_lobe(x: np.float32, tables: KernelTables) -> np.float32:
    """W(0) / W(x) of the window's main lobe at x bins, at most 1 / LOBE_FLOOR."""
    fit = tables.lobe
    z = x * x
    return min(_f(1) + z * (fit.c1 + z * (fit.c2 + z * (fit.c3 + z * fit.c4))), fit.limit)


@internal_fast
def explain(s: Float32s, reach: Float32s, code: Int32s, tables: KernelTables, tonal: Float32s) -> None:
    """Raise ``tonal`` to the share that the handed-down lobe has in each bin."""
    for k in range(s.shape[0]):
        distance = _f(k) - _f(code[k] >> 8) * _f(1 / _CODE_POSITION)
        weight = _f(code[k] & 255) * _f(1 / _CODE_WEIGHT)
        share = min(reach[k] / ((s[k] + _TINY) * inverse_lobe(distance, tables)), _f(1)) * weight
        tonal[k] = max(tonal[k], share)
