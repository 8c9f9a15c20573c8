"""Phase gradient heap integration, frame by frame and over a whole spectrogram: a slow, plain reference.

Prusa & Sondergaard, "Real-time spectrogram inversion using phase gradient heap integration", DAFx 2016;
Prusa, Balazs & Sondergaard, "A noniterative method for reconstruction of phase from STFT magnitude", IEEE/ACM
TASLP 2017. Gradients are the window-exact ones of ``phase/gradients.py``; phases are zero-phase, in turns.
"""

from heapq import heappop, heappush

import numpy as np

from synth_app.phase.gradients import advance_gradient, slope_lookahead
from synth_app.phase.tables import Float32s, Float64s, KernelTables
from synth_app.support.kernels import public


def gradients_of(magnitudes: Float32s, tables: KernelTables) -> tuple[Float64s, Float64s]:
    """Compute phase advance per hop and phase slope per bin, in turns, of all frames [frames, bins]."""
    bins = magnitudes.shape[1]
    delta, slope = np.empty_like(magnitudes), np.empty_like(magnitudes)
    for m in range(len(magnitudes)):
        advance_gradient(magnitudes[m], tables, delta[m])
        coming = magnitudes[min(m + 1, len(magnitudes) - 1)]
        slope_lookahead(magnitudes[max(m - 1, 0)], coming, tables, slope[m])
    position = np.arange(bins, dtype=np.float64) + delta.astype(np.float64)
    advance = np.multiply(position, float(tables.hop_over_n_fft), dtype=np.float64)
    return advance, slope.astype(np.float64)


@public
def rtpghi(magnitudes: Float32s, advance: Float64s, slope: Float64s, first: Float64s, block: float) -> Float64s:
    """Integrate each frame from the one before, always from the loudest bin that has a phase.

    Args:
        magnitudes: float32 [frames, bins].
        advance, slope: float64 [frames, bins], turns, from ``gradients_of``.
        first: float64 [bins], phases before the first frame, in turns; that frame counts as held before.
        block: bins at or below this fraction of the two frames' maximum only step in time.

    Returns:
        float64 [frames, bins], phases in turns.
    """
    frames, bins = magnitudes.shape
    out = np.empty((frames, bins))
    done = np.empty(bins, np.bool_)
    for m in range(frames):
        before = max(m - 1, 0)
        old = out[m - 1] if m else first
        step = old + 0.5 * (advance[before] + advance[m])
        threshold = block * max(magnitudes[before].max(), magnitudes[m].max())
        heap = [(0.0, 0)]
        heap.pop()
        for k in range(bins):
            done[k] = magnitudes[m, k] <= threshold
            out[m, k] = step[k]
            if not done[k]:
                heappush(heap, (-np.float64(magnitudes[before, k]), k))  # k in the frame before
        while len(heap) > 0:
            _, node = heappop(heap)
            if node < bins:
                if not done[node]:
                    done[node] = True
                    heappush(heap, (-np.float64(magnitudes[m, node]), node + bins))
                continue
            k = node - bins
            for j in (k + 1, k - 1):
                if 0 <= j < bins and not done[j]:
                    out[m, j] = out[m, k] + (j - k) * 0.5 * (slope[m, k] + slope[m, j])
                    done[j] = True
                    heappush(heap, (-np.float64(magnitudes[m, j]), j + bins))
        out[m] -= np.floor(out[m])
    return out


@public
def pghi(magnitudes: Float32s, advance: Float64s, slope: Float64s, quiet: Float64s, block: float) -> Float64s:
    """Integrate over the whole spectrogram from its loudest bins outwards, in time and frequency.

    Args:
        magnitudes, advance, slope, block: as for ``rtpghi``, the block level relative to the whole.
        quiet: float64 [frames, bins], phases of bins at or below the block level.

    Returns:
        float64 [frames, bins], phases in turns.
    """
    frames, bins = magnitudes.shape
    out = quiet.copy()
    flat = magnitudes.ravel()
    done = flat <= block * flat.max()
    heap = [(0.0, 0)]
    heap.pop()
    for seed in np.argsort(-flat):
        if done[seed]:
            continue
        done[seed] = True
        out[seed // bins, seed % bins] = 0.0
        heappush(heap, (-np.float64(flat[seed]), seed))
        while len(heap) > 0:
            _, node = heappop(heap)
            m, k = node // bins, node % bins
            for dm, dk in ((0, 1), (0, -1), (1, 0), (-1, 0)):
                i, j = m + dm, k + dk
                if 0 <= i < frames and 0 <= j < bins and not done[i * bins + j]:
                    side = dk * 0.5 * (slope[m, k] + slope[i, j])
                    out[i, j] = out[m, k] + side + dm * 0.5 * (advance[m, k] + advance[i, j])
                    done[i * bins + j] = True
                    heappush(heap, (-np.float64(magnitudes[i, j]), i * bins + j))
    return out
