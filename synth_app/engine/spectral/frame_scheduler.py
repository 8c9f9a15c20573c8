"""Four staggered frame grids, each with an overlap-add ring, into which a rig's frames go."""

import math

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.frame_grid import LANES, FrameGrid
from synth_app.engine.spectral.overlap_add_ring import add_onset, add_to_patch, add_to_ring, add_weight, mix_rings

_APART = (0, 2, 1, 3)  # the order in which lanes are as far from each other in time as they can be


class FrameScheduler:
    """When each lane makes a frame, and what becomes of it.

    With a stride of 2 every second frame is left out, by lanes in turn, so that the work stays even over small blocks.

    Args:
        grid: sizes.
        stride: hops from one frame of a lane to the next.
    """

    def __init__(self, grid: FrameGrid, stride: int) -> None:
        self.grid, self.stride = grid, stride
        room = grid.length + 4 * grid.hop
        self._rings = np.zeros((LANES, 3, 1 << (room - 1).bit_length()), np.float32)
        self._patch = np.zeros((3, room), np.float32)
        self._last = [0] * LANES

    def begin(self, clock: int) -> None:
        """Start at sample ``clock`` as if frames had been made all the time before."""
        self._rings[:] = 0.0
        g = self.grid
        apart = self.stride * g.hop
        for lane in range(LANES):
            self._last[lane] = self.coming(lane, clock) - apart
            frames = -(-g.length // apart)
            for at in range(self._last[lane] - frames * apart, clock, apart):  # in the order in which they were made
                if at + g.length > clock:
                    add_weight(self._rings[lane], at, g.weight, clock - at)

    def coming(self, lane: int, clock: int) -> int:
        """Sample of the lane's next frame, ``clock`` or later."""
        cycle = LANES * self.grid.tick
        at = clock + (lane * self.grid.tick - clock) % cycle
        return at if self._in_turn(lane, at) else at + cycle

    def turn(self, clock: int) -> int | None:
        """The lane that makes a frame at this tick, if any."""
        lane = clock // self.grid.tick % LANES
        return lane if self._in_turn(lane, clock) else None

    def _in_turn(self, lane: int, clock: int) -> bool:
        cycle = clock // (LANES * self.grid.tick)
        return self.stride == 1 or (cycle + lane) % 2 == 0

    def gap(self, lane: int, clock: int) -> int:
        """Hops since the lane's last frame."""
        return round((clock - self._last[lane]) / self.grid.hop)

    @staticmethod
    def emptiest(busy: NDArray[np.int64]) -> int:
        """The lane with the fewest voices, of several the one farthest in time from those before it."""
        return min(_APART, key=lambda lane: int(busy[lane]))

    def add(self, lane: int, clock: int, waves: NDArray[np.float32]) -> None:
        """Add a frame, float32 [2, n_fft], to what the lane plays from ``clock`` on."""
        left, right = waves
        add_to_ring(self._rings[lane], clock, left, right, self.grid.taper, self.grid.skip)

    def done(self, lane: int, clock: int) -> None:
        """Count the lane's frame at ``clock``, whether anything sounded in it or not."""
        add_weight(self._rings[lane], clock, self.grid.weight, 0)
        self._last[lane] = clock

    # ---- onsets: notes that begin between frames

    @property
    def onset_hop(self) -> int:
        """Distance of the frames made at an onset: twice a lane's, which is enough for a sound that is still held."""
        return 2 * self.grid.hop

    @property
    def onset_frames(self) -> int:
        """How many: so that at the onset, at most ``stride`` hops before the last one, they weigh enough together."""
        g = self.grid
        return math.ceil((self.stride * g.hop + g.length / 4) / self.onset_hop) + 1

    def add_to_onset(self, after_onset: int, waves: NDArray[np.float32]) -> None:
        """Add a frame, float32 [2, n_fft], that begins so many samples after the onset (before it, if negative)."""
        left, right = waves
        g = self.grid
        add_to_patch(self._patch, after_onset, left, right, g.taper, g.weight, g.skip)

    def end_onset(self, lane: int, clock: int, coming: int, attack_samples: float) -> None:
        """Join the onset's frames to the lane, ramped up from ``clock`` over ``attack_samples``."""
        add_onset(self._rings[lane], self._patch, clock, coming, self.grid.weight, attack_samples)

    def mix(self, clock: int, out: NDArray[np.float32], fade: float, fade_step: float) -> float:
        """Add the samples from ``clock`` on to ``out`` [n, 2]; returns the fade after them."""
        return float(mix_rings(self._rings, clock, out, fade, fade_step))
