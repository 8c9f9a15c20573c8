"""Layout of a model's frames in time at the engine's sample rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.patch.patch import ENGINE_RATE
from synth_app.patch.quality import Quality
from synth_app.spectrum import FrameSpec, window

# A lane is one of the staggered series of frames of an instrument. Each has a part of the voices and its own ring, so
# that the work is spread over small blocks.
LANES = 4
_FINEST = 16  # overlap of the densest quality; n_fft is rounded equally for all qualities, and so is the pitch


@dataclass(frozen=True)
class FrameLayout:
    """Lengths and distances of a model's frames, in samples at ``ENGINE_RATE``.

    Attributes:
        n_fft: inverse transform; larger than the model's where its rate is lower (zero-padded spectrum).
        hop: distance between a lane's frames.
        length: audible part of a frame.
        skip: samples before that part.
        tick: distance between the frames of successive lanes.
        bins: number of the model's bins below the engine's Nyquist frequency.
        pitch_ratio: factor for all frequencies that compensates for the rounding of n_fft; 1 for common rates.
        model_hop: the model's own hop in engine samples.
        bin_hz: distance of bins.
        taper: float32 [length], window for the inverse transform, with the scale from |X| (full-scale sine = 1) to
            samples.
        weight: float32 [length], analysis window times taper: weight of a frame where frames overlap.
    """

    n_fft: int
    hop: int
    length: int
    skip: int
    tick: int
    bins: int
    pitch_ratio: float
    model_hop: float
    bin_hz: float
    taper: NDArray[np.float32]
    weight: NDArray[np.float32]


def half_change_s(spec: FrameSpec, quality: Quality) -> float:
    """Return the average time in s from a slider's move until half of the change is heard.

    It is the middle of the audible part of a voice's next frame, which is a quarter of the frames' distance away.
    ``synth-app bench`` measures it within 3 ms (tests/benchmarks/test_latency.py).
    """
    layout = frame_layout(spec, quality)
    return (layout.length / 2 + layout.hop * quality.stride / 4) / ENGINE_RATE


def frame_layout(spec: FrameSpec, quality: Quality) -> FrameLayout:
    """Return the layout of a model's frames at ``ENGINE_RATE``."""
    step = _FINEST * LANES
    n_fft = step * max(1, round(spec.n_fft * ENGINE_RATE / spec.sample_rate / step))
    length = n_fft // quality.shorten
    skip = (n_fft - length) // 2
    analysis = window(spec.window, n_fft)[skip : skip + length]
    # the whole window is its own best weight (Griffin & Lim 1984); a Hann window ends a part of it smoothly
    taper = analysis if length == n_fft else window("hann", length) / analysis
    # irfft of the zero-phase spectrum of a unit sine gives w(t); its |X| is defined as 1
    scale = window(spec.window, n_fft).sum() / 2.0
    return FrameLayout(
        n_fft=n_fft,
        hop=n_fft // quality.overlap,
        length=length,
        skip=skip,
        tick=n_fft // quality.overlap // LANES,
        bins=min(spec.bins, n_fft // 2 + 1),
        pitch_ratio=spec.sample_rate * n_fft / (spec.n_fft * ENGINE_RATE),
        model_hop=spec.hop_seconds * ENGINE_RATE,
        bin_hz=ENGINE_RATE / n_fft,
        taper=(taper * scale).astype(np.float32),
        weight=(taper * analysis).astype(np.float32),
    )
