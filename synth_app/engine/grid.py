"""How a model's frames are laid out in time at the engine's rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.messages import ENGINE_RATE
from synth_app.phase import synthesis_window
from synth_app.spectrum import FrameSpec, window

LANES = 4  # staggered frame grids: each carries part of the voices, so that work spreads over small blocks
OVERLAP = 8  # hop = n_fft / 8
SHORTEN = 2  # audible part = n_fft / 2, half the latency of the whole window


@dataclass(frozen=True)
class FrameGrid:
    """Sizes in engine samples.

    Attributes:
        n_fft: inverse transform; larger than the model's where its rate is lower (zero-padded spectrum).
        hop: between a lane's frames. length: audible part of a frame. skip: samples before that part.
        tick: between the frames of successive lanes.
        bins: of the model that fit below the engine's Nyquist frequency.
        pitch_ratio: what frequencies must be multiplied by because n_fft was rounded; 1 for common rates.
        frames_per_hop: model hops that pass in one synthesis hop.
        bin_hz: distance of bins.
        taper: float32 [length], synthesis window with the scale from |X| (full-scale sine = 1) to samples.
    """

    n_fft: int
    hop: int
    length: int
    skip: int
    tick: int
    bins: int
    pitch_ratio: float
    frames_per_hop: float
    bin_hz: float
    taper: NDArray[np.float32]

    @property
    def warm_frames(self) -> int:
        """Earlier frames of which a note's first sample still needs a part."""
        return self.length // self.hop


def frame_grid(spec: FrameSpec) -> FrameGrid:
    """The grid of a model at ``ENGINE_RATE``."""
    step = OVERLAP * LANES
    n_fft = step * max(1, round(spec.n_fft * ENGINE_RATE / spec.sample_rate / step))
    hop, length = n_fft // OVERLAP, n_fft // SHORTEN
    taper = synthesis_window(spec.window, n_fft, hop, length)
    # irfft of the zero-phase spectrum of a unit sine gives w(t); |X| is stated as 1 for it
    scale = window(spec.window, n_fft).sum() / 2.0
    return FrameGrid(
        n_fft=n_fft,
        hop=hop,
        length=length,
        skip=(n_fft - length) // 2,
        tick=hop // LANES,
        bins=min(spec.bins, n_fft // 2 + 1),
        pitch_ratio=spec.sample_rate * n_fft / (spec.n_fft * ENGINE_RATE),
        frames_per_hop=hop / ENGINE_RATE / spec.hop_seconds,
        bin_hz=ENGINE_RATE / n_fft,
        taper=(taper * scale).astype(np.float32),
    )
