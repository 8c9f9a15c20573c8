"""Voice allocation: starts, releases and steals voices, and spreads many onsets over time."""

from bisect import bisect_right, insort

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import ATTACK, DECAY, SNAP, SUSTAIN, VELOCITY
from synth_app.engine.control.held_keys import Key
from synth_app.engine.spectral.frame_layout import LANES, FrameLayout
from synth_app.engine.spectral.frame_scheduler import FrameScheduler
from synth_app.engine.voices.latent_path import FREE, HELD, RELEASED, Voices, envelope, freeze, new_voices
from synth_app.engine.voices.stereo_places import free_side
from synth_app.patch.patch import ENGINE_RATE

HEADROOM_DB = -12.0  # a loud note peaks near -9 dBFS, so chords of four stay below the limiter
ONSETS_AT_ONCE = 4  # notes that may begin at one sample; further ones begin a tick later, which is inaudible
_DECODED_TOGETHER = 4  # rows that use each weight read from memory; memory limits the decoder's speed
_NOT_BEGUN = 1 << 62
_SLOWER = 10.0  # factor for the attack of the softest stroke at full ``velocity_attack``


class VoiceAllocator:
    """The voices of one instrument.

    Args:
        max_voices: voices that can sound at once.
        latent_size: of the model.
        layout: sizes of the frames.

    Attributes:
        voices: one row each.
        serial: number of the next note.
        joining: voices of notes held under another model; they start with their lane's next frame.
    """

    def __init__(self, max_voices: int, latent_size: int, layout: FrameLayout) -> None:
        self.voices: Voices = new_voices(max_voices, latent_size)
        self.serial = 0
        self.joining: list[int] = []
        self._layout = layout
        self._waiting: list[tuple[int, int, int]] = []  # voices to begin: sample, serial, voice; sorted

    @property
    def active(self) -> int:
        """Number of voices that make frames, or soon will."""
        return int(np.count_nonzero(self.voices.stage))

    def start(self, key: Key, velocity: int, clock: int, elapsed_samples: int, params: NDArray[np.float64]) -> int:
        """Start a voice for a note and return its index; arguments as ``Instrument.note_on``, and the parameters."""
        v, voices = self._pick(), self.voices
        self._waiting = [each for each in self._waiting if each[2] != v]  # the onset of a note that v was stolen from
        start = clock if elapsed_samples else self._onset_at(clock)
        voices.channel[v], voices.key[v] = key
        voices.start[v], voices.serial[v] = start - elapsed_samples, self.serial
        voices.velocity_db[v] = params[VELOCITY] * (velocity - 100) / 126.0 + HEADROOM_DB
        voices.velocity[v] = velocity / 127.0
        softer = params[SNAP] * (100 - velocity) / 100.0
        voices.attack_s[v], voices.decay_s[v] = params[ATTACK] * _SLOWER**softer, params[DECAY]
        voices.side[v] = free_side(voices.side[(voices.stage != FREE) & (voices.serial != self.serial)], self.serial)
        voices.unison_side[v] = 0.0
        voices.position[v, :] = elapsed_samples / self._layout.model_hop
        voices.in_release[v] = 0.0
        voices.begun[v] = 0
        voices.loop_position[v, :] = voices.turning_point[v, :] = voices.turns[v, :] = 0
        voices.blend[v] = 0.0
        voices.stage[v] = FREE  # not counted by the choice of its lane
        voices.lane[v] = self._lane_for_one_more()
        voices.stage[v] = HELD
        if elapsed_samples:
            voices.onset_frame[v] = clock
            self.joining.append(v)
        else:
            voices.onset_frame[v] = _NOT_BEGUN
            insort(self._waiting, (start, self.serial, v))
        self.serial += 1
        return v

    def all_held(self) -> list[int]:
        """Return the voices of all held keys."""
        return [int(v) for v in np.flatnonzero(self.voices.stage == HELD)]

    def drop(self, v: int) -> None:
        """Free a voice that has not sounded yet."""
        self.voices.stage[v] = FREE
        if v in self.joining:
            self.joining.remove(v)

    def held(self, key: Key) -> list[int]:
        """Return the voices of a held key."""
        voices = self.voices
        of_key = (voices.key == key.note) & (voices.channel == key.channel)
        return [int(v) for v in np.flatnonzero((voices.stage == HELD) & of_key)]

    def waits(self, v: int) -> bool:
        """Return whether a voice was started but does not sound yet."""
        return bool(self.voices.onset_frame[v] == _NOT_BEGUN)

    def release(self, v: int, clock: int, release_s: float, params: NDArray[np.float64]) -> None:
        """Release a voice: it falls by 60 dB in ``release_s``."""
        voices = self.voices
        voices.amp_off[v] = envelope(voices, v, clock, float(params[SUSTAIN]), float(ENGINE_RATE))
        voices.off_db[v] = voices.path_db[v]
        voices.release_s[v] = release_s
        voices.released[v] = clock
        voices.stage[v] = RELEASED
        freeze(voices, v)

    def due(self, clock: int) -> list[int]:
        """Return the voices that must begin at ``clock`` and remove them from the queue.

        They are at most ``ONSETS_AT_ONCE`` if it is called at every onset, and at every tick.
        """
        count = bisect_right(self._waiting, clock, key=lambda each: each[0])
        due = [v for _, _, v in self._waiting[:count] if self.voices.stage[v] != FREE and self.waits(v)]
        del self._waiting[:count]
        return due

    def blend_all(self) -> None:
        """Blend all voices from their present values into what they read from now on."""
        for v in np.flatnonzero((self.voices.stage != FREE) & (self.voices.begun != 0)):
            freeze(self.voices, int(v))

    def silence(self) -> None:
        """Free every voice."""
        self.voices.stage[:] = FREE
        self._waiting.clear()
        self.joining.clear()

    def silence_channel(self, channel: int) -> None:
        """Free every voice of a channel."""
        voices = self.voices
        for v in np.flatnonzero((voices.channel == channel) & (voices.stage != FREE)):
            self.drop(int(v))

    def end_quietest(self, count: int) -> None:
        """Free the quietest voices."""
        for _ in range(min(count, self.active)):
            busy = np.flatnonzero(self.voices.stage != FREE)
            self.voices.stage[busy[np.argmin(self.voices.level_db[busy])]] = FREE

    def _pick(self) -> int:
        """Return a free voice, else the quietest, released ones first; frames of a stolen voice fade in the ring."""
        stage = self.voices.stage
        free = np.flatnonzero(stage == FREE)
        if len(free):
            return int(free[0])
        bonus = np.where(stage == RELEASED, -1000.0, 0.0)
        return int(np.argmin(self.voices.level_db + bonus))

    def _onset_at(self, clock: int) -> int:
        """Return the first sample, ``clock`` or a tick after it, at which fewer than ``ONSETS_AT_ONCE`` notes begin."""
        start = clock
        while sum(begin == start for begin, _, _ in self._waiting) >= ONSETS_AT_ONCE:
            start += -(start + 1) % self._layout.tick + 1
        return start

    def _lane_for_one_more(self) -> int:
        """Return a lane whose group of voices decoded together is incomplete, else the emptiest lane."""
        busy = np.bincount(self.voices.lane[self.voices.stage != FREE], minlength=LANES)
        incomplete = np.flatnonzero(busy % _DECODED_TOGETHER)
        return int(incomplete[0]) if len(incomplete) else FrameScheduler.least_busy_lane(busy)
