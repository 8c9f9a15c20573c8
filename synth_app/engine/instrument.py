"""A rig: one model made ready to play, with its voices, frame lanes and overlap-add rings."""

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from synth_app.engine.control.controls import BEND_RANGE, LOCK, RELEASE, WIDTH, Controls
from synth_app.engine.control.expression import Expression, Inputs
from synth_app.engine.control.held_keys import Key
from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.spectral.frame_grid import LANES, FrameGrid, frame_grid
from synth_app.engine.spectral.frame_scheduler import FrameScheduler
from synth_app.engine.spectral.frame_synthesis import (
    Shaping,
    VoiceFrames,
    add_frames,
    add_studio_frames,
    new_frames,
    new_scratch,
    prime_voices,
    unit_to_db,
)
from synth_app.engine.spectral.inverse_fft import InverseFft
from synth_app.engine.spectral.loudness import k_weights, morph_level_db
from synth_app.engine.voices.bank_slots import with_room, write_note
from synth_app.engine.voices.key_assigner import KeyAssigner
from synth_app.engine.voices.modulation_state import ModulationState
from synth_app.engine.voices.packed_bank import PackedBank, pack_bank
from synth_app.engine.voices.voice_allocator import ONSETS_AT_ONCE, VoiceAllocator
from synth_app.engine.voices.voice_frames import Timing, change_slots, gather, gather_onset
from synth_app.modelfile import KeyRange, ModelFile, load_model_file
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, Patch
from synth_app.patch.quality import DEFAULT_QUALITY, Relief, quality
from synth_app.patch.user_note import UserNote
from synth_app.phase import KernelTables, new_state, new_studio, phase_tables, reset, reset_studio
from synth_app.support.errors import UserError
from synth_app.support.fast_dispatch import FastDispatch

BLEND_S = 0.04  # time over which a sudden change of the path is blended
_FADE_S = 0.04  # crossfade between two rigs
_MORPH_POINTS = 9


class Instrument:
    """Plays one model: notes in, samples out. Made by ``prepare_instrument``, then used by the render thread alone.

    Args:
        file: the model.
        path: where it came from; sounds name it.
        quality_name: one of ``quality.QUALITIES``.
        max_voices: voices that can sound at once.
        seed: of phases and noise; the same seed and events give the same samples.
    """

    def __init__(self, file: ModelFile, path: str, quality_name: str, max_voices: int, seed: int) -> None:
        if not file.bank:
            raise UserError(f"{path}: this model has no note bank, so there is nothing to play; train it again")
        spec = file.card.frame_spec
        self.path, self.quality_name, self.latent_size, self.seed = path, quality_name, file.card.latent_size, seed
        self._quality, self._relief = quality(quality_name), Relief.NONE
        g = self.grid = frame_grid(spec, self._quality)
        self._lanes = FrameScheduler(g, self._quality.stride)
        tables = [phase_tables(spec.window, spec.n_fft, hops * spec.n_fft // self._quality.overlap) for hops in (1, 2)]
        keys = file.card.key_range
        self._steps = [(_timing(g, hops, keys), tables[hops - 1].kernel) for hops in (1, 2)]
        self.floor_db = spec.floor_db
        self._bank_size, self._frame_rate = len(file.bank), 1.0 / spec.hop_seconds
        self.bank: PackedBank = with_room(pack_bank(file.bank, self._frame_rate), 2)
        self.notes = VoiceAllocator(max_voices, self.latent_size, g)
        self.voices = self.notes.voices
        self.state = new_state(max_voices, spec.bins)
        self._studio = new_studio(max_voices, tables[0]) if self._quality.rounds else None
        rows = max(max_voices, ONSETS_AT_ONCE * self._lanes.onset_frames, _MORPH_POINTS)
        self._decoding = DecoderRuntime(file, max_voices, rows, _MORPH_POINTS)
        self._frames: VoiceFrames = new_frames(rows, self.latent_size)
        self._centers = np.zeros(rows, np.int64)  # of the rows' windows, sample
        self._scratch = new_scratch(spec.bins, spec.window, g.bin_hz)
        self._left, self._right = np.zeros((2, spec.bins), np.float32), np.zeros((2, spec.bins), np.float32)
        self._gather, self._add = FastDispatch(gather), FastDispatch(add_frames)
        self._waves = InverseFft(g, spec.bins)
        self._loudness = k_weights(spec.bins, spec.sample_rate / spec.n_fft)
        self._morph_db = np.zeros(_MORPH_POINTS)
        self._asleep, self._last_frame = False, 0  # nothing in the rings; sample at which the last frame was made
        self._fade, self._fade_step = 1.0, 0.0
        self._slots = (0, 0)
        self._custom: tuple[UserNote | None, UserNote | None] = (None, None)
        self.controls, self._inputs = Controls(self.latent_size, g.tick, Patch(path)), Inputs()
        self.playing = KeyAssigner(self.notes, Expression(max_voices, g.tick, self._inputs), g.tick, self._fresh)
        self.modulator = ModulationState(self.voices, file.stats.std, g.tick, seed)

    # ---- events

    def begin(self, patch: Patch, clock: int, inputs: Inputs, *, faded: bool) -> None:
        """Take a sound over at sample ``clock``; ``faded`` starts from silence, for a crossfade with another rig."""
        self.controls = Controls(self.latent_size, self.grid.tick, patch)
        self._inputs = inputs
        self.controls.begin(clock, inputs.phrase_start)
        self.playing.expression = Expression(len(self.voices.stage), self.grid.tick, inputs)
        self.modulator.begin(patch.modulation, patch.pad, inputs.beat, self.playing.expression.values, clock)
        self._take_slots(patch)
        self._lanes.begin(clock)
        self._asleep, self._last_frame = False, clock
        self._fade, self._fade_step = (0.0 if faded else 1.0), 1.0 / (_FADE_S * ENGINE_RATE)

    def rehearse(self) -> None:
        """Play a few ticks unheard, so that no first touch of memory falls into the render thread; before ``begin``."""
        out = np.zeros((self.grid.tick, 2), np.float32)
        for v in range(len(self.voices.stage)):
            self.state.magnitude[v] = self.state.phase[v] = 0
        for clock in range(0, 2 * LANES * self.grid.tick, self.grid.tick):
            if clock < ONSETS_AT_ONCE * self.grid.tick:  # one by one: the interpreter is held for as short as can be
                self.note_on(Key(0, 60 + clock // self.grid.tick), 1, clock)
            self.begin_waiting(clock)
            self.tick(clock)
            self.mix(clock, out)
        self.silence()
        self.notes.serial = 0

    def set_patch(self, patch: Patch) -> None:
        """Glide to a sound; another bank note is blended in under the sounding voices."""
        self.controls.set(patch)
        self.modulator.follow(patch.modulation, patch.pad)
        if self._take_slots(patch):
            change_slots(self.voices, self.bank, *self._slots)

    def note_on(self, key: Key, velocity: int, clock: int, elapsed_samples: int = 0) -> None:
        """Start a voice whose sound begins at sample ``clock``, or a few ticks later if many begin there.

        Args:
            key: channel and MIDI note. velocity: 1-127.
            elapsed_samples: how long the note has been held already under another model, from which the sound
                crosses over; such a note comes in with its lane's next frame.
        """
        if self._asleep:
            self._lanes.begin(clock)
            self._asleep, self._last_frame = False, clock
        if clock == self._inputs.phrase_start:
            self.controls.begin(clock, clock)
        self.playing.note_on(key, velocity, clock, elapsed_samples, self.controls.params)

    def note_off(self, key: Key, clock: int) -> None:
        """Release the voices of a key."""
        for v in self.playing.note_off(key, clock, self.controls.params):
            if self.notes.waits(v):  # a tap within one block is heard all the same
                self._begin([v], clock)
            self.notes.release(v, clock, float(self.controls.params[RELEASE]), self.controls.params)

    def silence(self) -> None:
        """Stop making frames: what is in the ring fades with the synthesis window, without a click."""
        self.notes.silence()
        self.playing.silence()

    def relieve(self, relief: Relief) -> None:
        """Give up quality, or take it back."""
        self._relief = relief

    @property
    def first_relief(self) -> Relief:
        """The first step of relief that lessens this rig's work."""
        if self._quality.rounds:
            return Relief.NO_ROUNDS
        return Relief.FEWER_FRAMES if self._quality.stride == 1 else Relief.FEWER_VOICES

    def end_quietest(self, count: int) -> None:
        """Stop the quietest voices; their frames in the ring fade by themselves."""
        self.notes.end_quietest(count)

    def plays(self, patch: Patch) -> bool:
        """Whether this rig was made for the sound's model and quality."""
        return (self.path, self.quality_name) == (patch.model, patch.quality)

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
        return self.notes.active

    # ---- rendering

    def samples_to_tick(self, clock: int) -> int:
        """Samples from ``clock`` until the next tick; 0 when one is due now."""
        return -clock % self.grid.tick

    def tick(self, clock: int) -> None:
        """Glide the controls and make the frame of the lane whose turn it is, audible from ``clock`` on."""
        self.controls.step(clock, self._inputs.phrase_start)
        self.playing.step(float(self.controls.params[BEND_RANGE]))
        self.modulator.step(clock)
        if self._asleep:
            return
        # while two rigs cross over, neither needs all its frames
        relieved = self._relief >= Relief.FEWER_FRAMES or self._fade < 1.0
        self._lanes.stride = 2 if relieved else self._quality.stride
        lane = self._lanes.turn(clock)
        if lane is None:
            return
        hops = min(self._lanes.gap(lane, clock), 2)
        timing, tables = self._steps[hops - 1]
        p, (a, b) = self.controls.params, self._slots
        n = self._gather(self.voices, self._frames, self.bank, a, b, lane, clock, timing, p, self.controls.offset,
                         self._morph_db, self.modulator.state)  # fmt: skip
        if n:
            self._last_frame = clock
            self._centers[:n] = clock + timing.center
            unit = self._decoded(n)
            if self.notes.joining:
                self._let_in(unit, n, tables)
            if self._studio and self._relief == Relief.NONE and hops == 1:
                add_studio_frames(
                    unit, n, self._frames, self._shaping(), self._scratch, self.state, self._studio, tables,
                    self._quality.rounds, self._left, self._right,
                )  # fmt: skip
            else:
                self._add_frames(unit, 0, n, tables)
                self._forget_studio(n)
            self._lanes.add(lane, clock, self._sum_up())
        self._lanes.done(lane, clock)
        silent_since = clock - self._last_frame - self.grid.length - 4 * self.grid.hop  # an onset reaches that far
        self._asleep = silent_since > 0 and self.active_voices == 0

    def mix(self, clock: int, out: NDArray[np.float32]) -> None:
        """Add the samples from ``clock`` on to ``out`` [n, 2]; n must not reach past the next tick."""
        if self._asleep:  # nothing to hear, but the fade goes on, sample by sample as it would be heard
            fading = self._fade < 1.0 if self._fade_step > 0.0 else self._fade > 0.0
            for _ in range(len(out) if fading else 0):
                self._fade = min(max(self._fade + self._fade_step, 0.0), 1.0)
        else:
            self._fade = self._lanes.mix(clock, out, self._fade, self._fade_step)

    def decode(self, z: NDArray[np.float32], pitch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit frames [n, bins] of codes [n, latent] held still at MIDI pitches [n], in a buffer that is used again."""
        return self._decoding.held(z, pitch)

    def begin_waiting(self, clock: int) -> None:
        """Begin the notes that are due at ``clock``, so that each starts at its full level.

        The lane's frames before ``clock`` are gone; their audible rest is made for these voices alone, together with
        their lane's next frame, ramped up from ``clock``; after that they share the lane's frames.
        """
        due = self.notes.due(clock)
        if due:
            self._begin(due, clock)

    # ---- inside

    def _fresh(self, v: int, serial: int) -> None:
        """A voice has no past."""
        self._decoding.begin(v)
        self.modulator.note(v)
        reset(self.state, v, self._steps[0][1], self.seed * 1_000_003 + serial)
        if self._studio:
            reset_studio(self._studio, v)

    def _begin(self, due: list[int], clock: int) -> None:
        groups: dict[tuple[int, float], list[int]] = {}  # of one lane and one attack
        for v in due:
            groups.setdefault((int(self.voices.lane[v]), float(self.voices.attack_s[v])), []).append(v)
        row = 0
        for (lane, _), group in groups.items():
            row += self._gather_onset(lane, group, row, clock)
        unit = self._decoded(row)
        row = 0
        for (lane, _), group in groups.items():
            row += self._sound_at_once(unit, lane, group, row, clock)

    def _decoded(self, n: int) -> NDArray[np.float32]:
        """Unit frames of the first ``n`` rows, in a buffer that the next call overwrites."""
        row = self._frames.row[:n]
        elapsed = np.maximum(self._centers[:n] - self.voices.start[row], 0) / self.grid.model_hop
        return self._decoding.frames(self._frames.z[:n], self._frames.pitch[:n], row, elapsed)

    def _take_slots(self, patch: Patch) -> bool:
        """Point the slots at the sound's notes, made ready to play; whether that changed anything."""
        given = (patch.slot_a, patch.slot_b)
        slots = self._slot(given[0], patch.custom[0], 0), self._slot(given[1], patch.custom[1], 1)
        if slots == self._slots and patch.custom == self._custom:
            return False
        for place, (note, before) in enumerate(zip(patch.custom, self._custom, strict=True)):
            if note is not None and note != before and slots[place] >= self._bank_size:
                write_note(self.bank, slots[place], note, self._frame_rate)
        self._slots, self._custom = slots, patch.custom
        a, b = self.bank.center_z[slots[0]], self.bank.center_z[slots[1]]
        way = np.linspace(0.0, 1.0, _MORPH_POINTS, dtype=np.float32)[:, None]
        low, high = self.bank.pitch[slots[0]], self.bank.pitch[slots[1]]
        frames_db = np.empty((_MORPH_POINTS, self.grid.bins), np.float32)
        made = self.decode(a + way * (b - a), np.round(low + way[:, 0] * (high - low)))
        for unit, frame_db in zip(made, frames_db, strict=True):
            unit_to_db(unit[: self.grid.bins], self.floor_db, frame_db)
        self._morph_db[:] = morph_level_db(frames_db, self._loudness[: self.grid.bins])
        return True

    def _slot(self, index: int, custom: UserNote | None, place: int) -> int:
        """Row of the packed bank that a slot plays; a note of another latent space is left out."""
        if custom is not None and custom.latent_size == self.latent_size:
            return self._bank_size + place
        return min(max(index, 0), self._bank_size - 1)

    def _forget_studio(self, n: int) -> None:
        """After a frame that was not fitted the sound before it is not what the next one must fit."""
        if self._studio:
            for v in self._frames.row[:n]:
                reset_studio(self._studio, v)

    def _let_in(self, unit: NDArray[np.float32], n: int, tables: KernelTables) -> None:
        """Let this frame's joining voices begin as if their frame had always been held."""
        for i in range(n):
            v = int(self._frames.row[i])
            if v in self.notes.joining:
                self.notes.joining.remove(v)
                prime_voices(unit, i, 1, self._frames, self._shaping(), self._scratch, self.state, tables)

    def _shaping(self) -> Shaping:
        return Shaping(self.floor_db, self.controls.params[LOCK])

    def _add_frames(self, unit: NDArray[np.float32], first: int, n: int, tables: KernelTables) -> None:
        self._add(
            unit, first, n, self._frames, self._shaping(), self._scratch, self.state, tables, self._left, self._right,
        )  # fmt: skip

    def _sum_up(self) -> NDArray[np.float32]:
        """Samples of the spectra that frames were added to, which are empty afterwards."""
        return self._waves(self._left, self._right, self.controls.params[WIDTH])

    def _gather_onset(self, lane: int, group: list[int], row: int, clock: int) -> int:
        """Fill rows for a lane's new voices, frame by frame; returns how many."""
        n, (timing, _) = self._lanes.onset_frames, self._steps[1]
        coming = self._lanes.coming(lane, clock)
        first = coming - (n - 1) * self._lanes.onset_hop
        moments = first + np.arange(n) * timing.hop + timing.center
        self._centers[row : row + n * len(group)] = np.repeat(moments, len(group))
        p, (a, b) = self.controls.params, self._slots
        for i, v in enumerate(group):
            self.voices.onset_frame[v] = coming
            gather_onset(
                self.voices, self._frames, self.bank, a, b, v, row + i, len(group), n,
                first, clock, timing, p, self.controls.offset, self._morph_db, self.modulator.state,
            )  # fmt: skip
        return n * len(group)

    def _sound_at_once(self, unit: NDArray[np.float32], lane: int, group: list[int], row: int, clock: int) -> int:
        """Make the frames of rows filled by ``_gather_onset`` and add them to the lane; returns how many rows."""
        n, (_, tables) = self._lanes.onset_frames, self._steps[1]
        coming = self._lanes.coming(lane, clock)
        prime_voices(unit, row, len(group), self._frames, self._shaping(), self._scratch,
                     self.state, tables)  # fmt: skip
        for i in range(n):
            self._add_frames(unit, row + i * len(group), len(group), tables)
            self._lanes.add_to_onset(coming - (n - 1 - i) * self._lanes.onset_hop - clock, self._sum_up())
        first = group[0]
        attack = max(float(self.voices.attack_s[first]) * ENGINE_RATE, 1.0)
        self._lanes.end_onset(lane, clock, coming, attack)
        return n * len(group)


def _timing(g: FrameGrid, hops: int, keys: KeyRange | None) -> Timing:
    hop = hops * g.hop
    lowest, highest = (keys.lowest, keys.highest) if keys else (0, -1)
    return Timing(
        hop, g.length // 2, hop / g.model_hop, hop / (BLEND_S * ENGINE_RATE), g.bin_hz, g.pitch_ratio,
        float(ENGINE_RATE), lowest, highest,
    )  # fmt: skip


def prepare_instrument(
    path: str, quality_name: str = DEFAULT_QUALITY, max_voices: int = MAX_VOICES, seed: int = 0
) -> Instrument:
    """Load a model file and make it ready to play: slow (disk, buffers), so not for the render thread.

    Raises:
        UserError: the file is missing, damaged, foreign, newer, or has no note bank; or there is no such quality.
    """
    # A frame's products are small: several threads would only wait for each other, by milliseconds.
    threadpoolctl.threadpool_limits(1, user_api="blas")
    instrument = Instrument(load_model_file(path), path, quality_name, max_voices, seed)
    instrument.rehearse()
    return instrument
