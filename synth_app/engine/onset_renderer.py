"""Notes that begin between the frames of their lane: their frames are made at once, from before the onset on.

The lane's frames before the onset have been rendered already. Their part after the onset is rendered again for the new
voices alone, together with the lane's next frame, and ramped up from the onset. After that, the voices use the lane's
frames like all others.
"""

import numpy as np

from synth_app.engine.frame_renderer import FrameRenderer
from synth_app.engine.spectral.frame_scheduler import FrameScheduler
from synth_app.engine.voices.latent_path import Voices
from synth_app.engine.voices.voice_frames import Onset, Timing, VoiceInputs, gather_onset
from synth_app.patch.patch import ENGINE_RATE

_HOPS = 2  # distance of an onset's frames


class OnsetRenderer:
    """Renders the onsets of one instrument.

    Args:
        voices, scheduler, renderer: of the instrument.
        timing: of frames two hops apart.
    """

    def __init__(self, voices: Voices, scheduler: FrameScheduler, renderer: FrameRenderer, timing: Timing) -> None:
        self._voices, self._scheduler, self._renderer, self._timing = voices, scheduler, renderer, timing

    def begin(self, due: list[int], clock: int, inputs: VoiceInputs) -> None:
        """Start voices at sample ``clock``, each at its full level."""
        groups: dict[tuple[int, float], list[int]] = {}  # of one lane and one attack
        for v in due:
            groups.setdefault((int(self._voices.lane[v]), float(self._voices.attack_s[v])), []).append(v)
        row = 0
        for (lane, _), group in groups.items():
            row += self._gather(lane, group, row, clock, inputs)
        unit = self._renderer.decode(row, self._voices.start)
        row = 0
        for (lane, attack_s), group in groups.items():
            rows = range(row, row + self._scheduler.onset_frames * len(group))
            self._sound(unit, lane, rows, len(group), clock, inputs)
            self._scheduler.end_onset(
                lane, clock, self._scheduler.next_frame(lane, clock), max(attack_s * ENGINE_RATE, 1.0)
            )
            row = rows.stop

    def _gather(self, lane: int, group: list[int], row: int, clock: int, inputs: VoiceInputs) -> int:
        """Fill rows for a lane's new voices, frame by frame; return how many."""
        n, timing = self._scheduler.onset_frames, self._timing
        coming = self._scheduler.next_frame(lane, clock)
        first = coming - (n - 1) * self._scheduler.onset_hop
        centers = first + np.arange(n) * timing.hop + timing.center
        self._renderer.center[row : row + n * len(group)] = np.repeat(centers, len(group))
        for i, v in enumerate(group):
            self._voices.onset_frame[v] = coming
            onset = Onset(v, clock, first, n, row + i, len(group))
            gather_onset(self._voices, self._renderer.frames, inputs, onset, timing)
        return n * len(group)

    def _sound(
        self, unit: np.ndarray[tuple[int, ...], np.dtype[np.float32]], lane: int, rows: range, voices: int, clock: int,
        inputs: VoiceInputs,
    ) -> None:  # fmt: skip
        """Make the frames of rows that ``_gather`` filled and add them to the onset."""
        renderer, scheduler = self._renderer, self._scheduler
        coming = scheduler.next_frame(lane, clock)
        renderer.prime(unit, range(rows.start, rows.start + voices), _HOPS, inputs.params)
        starts = range(rows.start, rows.stop, voices)
        for i, start in enumerate(starts):
            renderer.add(unit, range(start, start + voices), _HOPS, inputs.params)
            at = coming - (len(starts) - 1 - i) * scheduler.onset_hop - clock
            scheduler.add_to_onset(at, renderer.waves(inputs.params))
