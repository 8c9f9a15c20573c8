"""A rig: one model made ready to play, with its voices, frame lanes and overlap-add ring."""

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from synth_app.decoder import Network
from synth_app.engine.controls import ATTACK, DECAY, FORMANT, RELEASE, SUSTAIN, VELOCITY, WIDTH, Controls
from synth_app.engine.frame import (
    VoiceFrames,
    add_frame,
    add_frames,
    new_frames,
    new_scratch,
    prime_voice,
    to_complex,
)
from synth_app.engine.grid import LANES, FrameGrid, frame_grid
from synth_app.engine.layers import COMPILED
from synth_app.engine.messages import ENGINE_RATE, MAX_VOICES, Sound
from synth_app.engine.packed_bank import PackedBank, pack_bank
from synth_app.engine.path import FREE, HELD, RELEASED, Voices, envelope, freeze, new_voices
from synth_app.engine.ring import add_from_onset, add_onset, add_to_ring, mix_ring
from synth_app.engine.voicing import Timing, change_slots, gather, gather_onset
from synth_app.errors import UserError
from synth_app.modelfile import ModelFile, load_model_file
from synth_app.phase import new_state, phase_tables, reset

HEADROOM_DB = -12.0  # a loud note peaks near -9 dBFS: chords of four stay below the limiter
BLEND_S = 0.04  # time over which a sudden change of the path is blended
DAMP_S = 0.08  # release of a key struck again
DECODED_TOGETHER = 4  # rows that share every weight read from memory, which is what decoding waits for
_LANES_APART = (0, 2, 1, 3)
_FADE_S = 0.04  # crossfade between two rigs


class ModelRig:
    """Plays one model: notes in, samples out. Made by ``prepare_rig``, then used by the render thread alone.

    Args:
        file: the model.
        path: where it came from; sounds name it.
        max_voices: voices that can sound at once.
        seed: of phases and noise; the same seed and events give the same samples.
    """

    def __init__(self, file: ModelFile, path: str, max_voices: int, seed: int) -> None:
        if not file.bank:
            raise UserError(f"{path}: this model has no note bank, so there is nothing to play; train it again")
        spec = file.card.frame_spec
        self.path, self.latent_size, self.seed = path, file.card.latent_size, seed
        self.grid: FrameGrid = frame_grid(spec)
        g = self.grid
        self._timing = Timing(
            g.hop, g.length // 2, g.frames_per_hop, g.hop / (BLEND_S * ENGINE_RATE), g.bin_hz, g.pitch_ratio,
            float(ENGINE_RATE),
        )  # fmt: skip
        self.floor_db = spec.floor_db
        self.bank: PackedBank = pack_bank(file.bank, 1.0 / spec.hop_seconds)
        self.voices: Voices = new_voices(max_voices, self.latent_size)
        self.tables = phase_tables(spec.window, spec.n_fft, spec.n_fft // 8).kernel
        self.state = new_state(max_voices, spec.bins)
        rows = max(max_voices, self.grid.warm_frames + 1)
        self._decoder = Network(file.card.decoder, file.tensors, self.latent_size, rows, COMPILED)
        self._frames: VoiceFrames = new_frames(rows, self.latent_size)
        self._scratch = new_scratch(spec.bins, spec.window)
        self._left, self._right = np.zeros((2, spec.bins), np.float32), np.zeros((2, spec.bins), np.float32)
        self._spectra = np.zeros((2, spec.bins), np.complex64)
        self._waves = np.zeros((2, self.grid.n_fft), np.float32)
        self._ring = np.zeros((2, 1 << int(4 * self.grid.length - 1).bit_length()), np.float32)
        self._patch = np.zeros((2, 2 * self.grid.length + self.grid.hop), np.float32)
        self._serial = 0
        self._fade, self._fade_step = 1.0, 0.0
        self._slots = (0, 0)
        self.controls = Controls(self.latent_size, self.grid.tick, Sound(path))

    # ---- events

    def begin(self, sound: Sound, *, faded: bool) -> None:
        """Take a sound over at once; ``faded`` starts from silence, for a crossfade with another rig."""
        self.controls = Controls(self.latent_size, self.grid.tick, sound)
        self._slots = self._valid_slots(sound)
        self._fade, self._fade_step = (0.0 if faded else 1.0), 1.0 / (_FADE_S * ENGINE_RATE)

    def set_sound(self, sound: Sound) -> None:
        """Glide to a sound; another bank note is blended in under the sounding voices."""
        self.controls.set(sound)
        slots = self._valid_slots(sound)
        if slots != self._slots:
            change_slots(self.voices, self.bank, *slots)
            self._slots = slots

    def note_on(self, key: int, velocity: int, clock: int, elapsed_samples: int = 0) -> None:
        """Start a voice whose sound begins at sample ``clock``.

        Args:
            key: MIDI note. velocity: 1-127.
            elapsed_samples: how long the note has been held already (under another model).
        """
        for v in range(len(self.voices.stage)):
            if self.voices.stage[v] == HELD and self.voices.key[v] == key:
                self._release(v, clock, DAMP_S)
        v = self._pick_voice()
        p, voices = self.controls.params, self.voices
        voices.key[v], voices.start[v], voices.serial[v] = key, clock - elapsed_samples, self._serial
        voices.velocity_db[v] = p[VELOCITY] * (velocity - 100) / 126.0 + HEADROOM_DB
        voices.attack_s[v], voices.decay_s[v] = p[ATTACK], p[DECAY]
        voices.position[v, :] = elapsed_samples / self.grid.hop * self.grid.frames_per_hop
        voices.in_release[v] = 0.0
        voices.blend[v] = 0.0
        voices.stage[v] = HELD
        voices.lane[v] = self._lane_for_one_more()
        reset(self.state, v, self.tables, self.seed * 1_000_003 + self._serial)
        self._serial += 1
        self._sound_at_once(v, clock)

    def note_off(self, key: int, clock: int) -> None:
        """Release the voices of a key."""
        for v in range(len(self.voices.stage)):
            if self.voices.stage[v] == HELD and self.voices.key[v] == key:
                self._release(v, clock, float(self.controls.params[RELEASE]))

    def silence(self) -> None:
        """Stop making frames: what is in the ring fades with the synthesis window, without a click."""
        self.voices.stage[:] = FREE

    def fade_out(self) -> None:
        """Begin to fall silent as a whole; ``faded_out`` tells when it is done."""
        self._fade_step = -1.0 / (_FADE_S * ENGINE_RATE)

    @property
    def faded_out(self) -> bool:
        """Whether a fade-out has ended."""
        return self._fade <= 0.0 and self._fade_step < 0.0

    @property
    def active_voices(self) -> int:
        """Voices that make frames."""
        return int(np.count_nonzero(self.voices.stage))

    # ---- rendering

    def samples_to_tick(self, clock: int) -> int:
        """Samples from ``clock`` until the next tick; 0 when one is due now."""
        return -clock % self.grid.tick

    def tick(self, clock: int) -> None:
        """Glide the controls and make the frame of the lane whose turn it is, audible from ``clock`` on."""
        self.controls.step()
        lane = clock // self.grid.tick % LANES
        p, (a, b) = self.controls.params, self._slots
        n = gather(self.voices, self._frames, self.bank, a, b, lane, clock, self._timing, p, self.controls.offset)
        if n == 0:
            return
        self._spectrum(n)
        for channel in range(2):
            np.fft.irfft(self._spectra[channel, : self.grid.bins], self.grid.n_fft, out=self._waves[channel])
            add_to_ring(self._ring, channel, clock, self._waves[channel], self.grid.taper, self.grid.skip)

    def mix(self, clock: int, out: NDArray[np.float32]) -> None:
        """Add the samples from ``clock`` on to ``out`` [n, 2]; n must not reach past the next tick."""
        self._fade = mix_ring(self._ring, clock, out, self._fade, self._fade_step)

    def decode(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit frames [n, bins] of codes [n, latent], in a buffer that the next call overwrites."""
        return self._decoder.run(z)

    # ---- inside

    def _valid_slots(self, sound: Sound) -> tuple[int, int]:
        last = len(self.bank.pitch) - 1
        return min(max(sound.slot_a, 0), last), min(max(sound.slot_b, 0), last)

    def _pick_voice(self) -> int:
        """A free voice, else the quietest, released ones first; its frames in the ring fade by themselves."""
        stage = self.voices.stage
        free = np.flatnonzero(stage == FREE)
        if len(free):
            return int(free[0])
        bonus = np.where(stage == RELEASED, -1000.0, 0.0)
        return int(np.argmin(self.voices.level_db + bonus))

    def _lane_for_one_more(self) -> int:
        """Complete a lane's group of voices that are decoded together, else begin one far from the others in time."""
        busy = np.bincount(self.voices.lane[self.voices.stage != FREE], minlength=LANES)
        begun = np.flatnonzero(busy % DECODED_TOGETHER)
        return int(begun[0]) if len(begun) else min(_LANES_APART, key=lambda lane: int(busy[lane]))

    def _release(self, v: int, clock: int, release_s: float) -> None:
        voices = self.voices
        sustain = float(self.controls.params[SUSTAIN])
        voices.amp_off[v] = envelope(voices, v, clock, sustain, ENGINE_RATE)
        voices.off_db[v] = voices.path_db[v]
        voices.release_s[v] = release_s
        voices.released[v] = clock
        voices.stage[v] = RELEASED
        freeze(voices, v)

    def _spectrum(self, n: int) -> None:
        unit = self.decode(self._frames.z[:n])
        p = self.controls.params
        add_frames(
            unit, n, self._frames, self.floor_db, p[FORMANT], self._scratch, self.state, self.tables,
            self._left, self._right,
        )  # fmt: skip
        to_complex(self._left, self._right, p[WIDTH], self._spectra[0], self._spectra[1])

    def _sound_at_once(self, v: int, clock: int) -> None:
        """Make the frames that would be sounding had the note begun earlier, so that it starts at full level.

        The lane's frames before ``clock`` are gone; their audible rest is made for this voice alone, together
        with its next frame, ramped up from ``clock``; after that the voice shares the lane's frames.
        """
        g, voices, frames = self.grid, self.voices, self._frames
        cycle = LANES * g.tick
        coming = clock + (voices.lane[v] * g.tick - clock) % cycle
        n = g.warm_frames + 1
        first = coming - g.warm_frames * g.hop
        p, (a, b) = self.controls.params, self._slots
        voices.first_frame[v] = coming + g.hop
        gather_onset(voices, frames, self.bank, a, b, v, n, first, clock, self._timing, p, self.controls.offset)
        unit = self.decode(frames.z[:n])
        prime_voice(unit, frames, self.floor_db, p[FORMANT], self._scratch, self.state, self.tables)
        for i in range(n):
            at = first + i * g.hop
            add_frame(unit, i, frames, self.floor_db, p[FORMANT], self._scratch, self.state, self.tables,
                     self._left, self._right)  # fmt: skip
            to_complex(self._left, self._right, p[WIDTH], self._spectra[0], self._spectra[1])
            for channel in range(2):
                np.fft.irfft(self._spectra[channel, : g.bins], g.n_fft, out=self._waves[channel])
                add_from_onset(self._patch[channel], at - clock, self._waves[channel], g.taper, g.skip)
        attack = max(float(voices.attack_s[v]) * ENGINE_RATE, 1.0)
        already = clock > voices.start[v]
        add_onset(self._ring, self._patch, clock, coming + g.length - clock, 1.0 if already else attack)


def prepare_rig(path: str, max_voices: int = MAX_VOICES, seed: int = 0) -> ModelRig:
    """Load a model file and make it ready to play: slow (disk, buffers), so not for the render thread.

    Raises:
        UserError: the file is missing, damaged, foreign, newer, or has no note bank.
    """
    # A frame's products are small: several threads would only wait for each other, by milliseconds.
    threadpoolctl.threadpool_limits(1, user_api="blas")
    return ModelRig(load_model_file(path), path, max_voices, seed)
