"""The lanes of an instrument (see ``frame_layout.LANES``) and their overlap-add rings."""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.frame_layout import LANES, FrameLayout
from synth_app.engine.spectral.overlap_add_ring import add_onset, add_to_onset, add_to_ring, add_weight, mix_rings

_FARTHEST_FIRST = (0, 2, 1, 3)  # order in which successive lanes are as far apart in time as possible


class FrameScheduler:
    """Decides when each lane makes a frame, and overlap-adds the frames.

    With a stride of 2 every second frame is left out, by lanes in turn, so that the work is even over small blocks.

    Args:
        layout: sizes of the frames.
        stride: hops between a lane's frames, 1 or 2.
    """

    def __init__(self, layout: FrameLayout, stride: int) -> None:
        self.layout, self.stride = layout, stride
        size = layout.length + 4 * layout.hop
        self._rings = np.zeros((LANES, 3, 1 << (size - 1).bit_length()), np.float32)
        self._onset = np.zeros((3, size), np.float32)
        self._last_frame = [0] * LANES

    def begin(self, clock: int) -> None:
        """Start at sample ``clock`` as if frames had been made before."""
        self._rings[:] = 0.0
        g = self.layout
        distance = self.stride * g.hop
        for lane in range(LANES):
            self._last_frame[lane] = self.next_frame(lane, clock) - distance
            frames = -(-g.length // distance)
            for at in range(
                self._last_frame[lane] - frames * distance, clock, distance
            ):  # in the order in which they were made
                if at + g.length > clock:
                    add_weight(self._rings[lane], at, g.weight, clock - at)

    def next_frame(self, lane: int, clock: int) -> int:
        """Return the sample of the lane's next frame, ``clock`` or later."""
        cycle = LANES * self.layout.tick
        at = clock + (lane * self.layout.tick - clock) % cycle
        return at if self._makes_frame(lane, at) else at + cycle

    def lane_due(self, clock: int) -> int | None:
        """Return the lane that makes a frame at this tick, if any."""
        lane = clock // self.layout.tick % LANES
        return lane if self._makes_frame(lane, clock) else None

    def _makes_frame(self, lane: int, clock: int) -> bool:
        cycle = clock // (LANES * self.layout.tick)
        return self.stride == 1 or (cycle + lane) % 2 == 0

    def hops_since_frame(self, lane: int, clock: int) -> int:
        """Return the number of hops since the lane's last frame."""
        return round((clock - self._last_frame[lane]) / self.layout.hop)

    @staticmethod
    def least_busy_lane(voices: NDArray[np.int64]) -> int:
        """Return the lane with the fewest ``voices`` [lanes]; of several, the one farthest in time from the others."""
        return min(_FARTHEST_FIRST, key=lambda lane: int(voices[lane]))

    def add(self, lane: int, clock: int, waves: NDArray[np.float32]) -> None:
        """Add a frame, float32 [2, n_fft], to the lane's ring from ``clock`` on."""
        left, right = waves
        add_to_ring(self._rings[lane], clock, left, right, self.layout.taper, self.layout.skip)

    def end_frame(self, lane: int, clock: int) -> None:
        """Count the lane's frame at ``clock``, silent or not."""
        add_weight(self._rings[lane], clock, self.layout.weight, 0)
        self._last_frame[lane] = clock

    # ---- onsets: notes that begin between frames

    @property
    def onset_hop(self) -> int:
        """Distance in samples of the frames made at an onset: twice a lane's hop, enough for a static sound."""
        return 2 * self.layout.hop

    @property
    def onset_frames(self) -> int:
        """Number of frames made at an onset: enough that their weights suffice at the onset."""
        g = self.layout
        return math.ceil((self.stride * g.hop + g.length / 4) / self.onset_hop) + 1

    def add_to_onset(self, after_onset: int, waves: NDArray[np.float32]) -> None:
        """Add a frame, float32 [2, n_fft], ``after_onset`` samples after the onset, or before it if negative."""
        left, right = waves
        g = self.layout
        add_to_onset(self._onset, after_onset, left, right, g.taper, g.weight, g.skip)

    def end_onset(self, lane: int, clock: int, coming: int, attack_samples: float) -> None:
        """Add the onset's frames to the lane, ramped up from ``clock`` over ``attack_samples``."""
        add_onset(self._rings[lane], self._onset, clock, coming, self.layout.weight, attack_samples)

    def mix(self, clock: int, out: NDArray[np.float32], fade: float, fade_step: float) -> float:
        """Add the samples from ``clock`` on to ``out``, float32 [n, 2]; return the fade after them."""
        return float(mix_rings(self._rings, clock, out, fade, fade_step))
