"""An instrument: one model made ready to play. Notes in, samples out."""

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.control.controls import BEND_RANGE, RELEASE, Controls
from synth_app.engine.control.expression import Expression, Inputs
from synth_app.engine.control.held_keys import Key
from synth_app.engine.decoding.decoder_runtime import DecoderRuntime
from synth_app.engine.fade import Fade
from synth_app.engine.frame_renderer import FrameRenderer
from synth_app.engine.onset_renderer import OnsetRenderer
from synth_app.engine.spectral.frame_layout import LANES, FrameLayout, frame_layout
from synth_app.engine.spectral.frame_scheduler import FrameScheduler
from synth_app.engine.voices.key_assigner import KeyAssigner
from synth_app.engine.voices.modulation_state import KernelInputs, ModulationState, Moved
from synth_app.engine.voices.nearest_recordings import change_recordings, choose_recordings
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.engine.voices.played_notes import NotePacker, PlayedNotes, PreparedPatch
from synth_app.engine.voices.voice_allocator import ONSETS_AT_ONCE, VoiceAllocator
from synth_app.engine.voices.voice_frames import Timing, VoiceInputs, gather
from synth_app.modelfile import KeyRange, ModelFile, load_model_file
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, Patch, SetPatch
from synth_app.patch.quality import DEFAULT_QUALITY, Relief, quality
from synth_app.support.errors import UserError
from synth_app.support.fast_dispatch import FastDispatch

BLEND_S = 0.04  # time over which a sudden change of the path is blended
_HELD_ROWS = 8  # most latent vectors in one call of ``Instrument.decode``


class Instrument:
    """One model ready to play. ``prepare_instrument`` makes it; then the render thread alone uses it.

    Only ``prepared`` belongs to another thread, which does the work for patches with other notes.

    Its parts: ``NotePacker`` packs the notes in the slots, ``VoiceAllocator`` and ``KeyAssigner`` assign keys to
        voices, ``Controls``, ``Expression`` and ``ModulationState`` move them, ``FrameScheduler`` decides when frames
        are made, and ``FrameRenderer`` and ``OnsetRenderer`` make them.

    Args:
        file: the model.
        path: of the model file; patches name it.
        quality_name: one of ``quality.QUALITIES``.
        max_voices: voices that can sound at once.
        seed: of phases and noise; the same seed and events give the same samples.
    """

    renderer_type = FrameRenderer  # the warm-up replaces it, to compile the rest of an instrument without it

    def __init__(self, file: ModelFile, path: str, quality_name: str, max_voices: int, seed: int) -> None:
        if not file.bank:
            raise UserError(f"{path}: this model has no note bank, so there is nothing to play; train it again")
        self.path, self.quality_name, self._quality = path, quality_name, quality(quality_name)
        self._latent_size, keys = file.card.latent_size, file.card.key_range
        g = self._layout = frame_layout(file.card.frame_spec, self._quality)
        self._scheduler = FrameScheduler(g, self._quality.stride)
        self._timings = [_timing(g, hops, keys) for hops in (1, 2)]
        rows = max(max_voices, ONSETS_AT_ONCE * self._scheduler.onset_frames, _HELD_ROWS)
        self._decoder = DecoderRuntime(file, max_voices, rows, _HELD_ROWS)
        self._renderer = self.renderer_type(file, g, self._quality, self._decoder, max_voices, rows, seed)
        self._packer = NotePacker(file, g.bins, file.card.frame_spec.bins)
        self._notes = self._packer.pack(Patch(path))
        self._renderer.use(self._notes.corrections)
        self._allocator = VoiceAllocator(max_voices, self._latent_size, g)
        self._onsets = OnsetRenderer(self._allocator.voices, self._scheduler, self._renderer, self._timings[1])
        self._gather = FastDispatch(gather)
        self._choose, self._change = FastDispatch(choose_recordings), FastDispatch(change_recordings)
        self.controls, self._inputs = Controls(self._latent_size, g.tick, Patch(path)), Inputs()
        expression = Expression(max_voices, g.tick, self._inputs)
        self._keys = KeyAssigner(self._allocator, expression, g.tick, self._begin_voice, self._choose_for)
        self._modulation = ModulationState(self._allocator.voices, file.stats.std, g.tick, seed)
        self._fade, self._relief = Fade(), Relief.NONE
        self._asleep, self._last_frame = False, 0  # the rings are empty; sample of the last frame
        self._voice_inputs = self._collect_inputs()

    @property
    def bank(self) -> PackedBank:
        """The recordings in both slots."""
        return self._notes.bank

    def parts(self) -> list[object]:
        """Return the notes and arrays that take longest to free; the audio process frees them one by one."""
        return [*self._packer.parts(), *self._renderer.parts()]

    # ---- events

    def begin(self, patch: Patch, clock: int, inputs: Inputs, *, faded: bool) -> None:
        """Apply a patch at sample ``clock``; ``faded`` fades in from silence, to cross over with another instrument."""
        self.controls = Controls(self._latent_size, self._layout.tick, patch)
        self._inputs = inputs
        self.controls.begin(clock, inputs.phrase_start)
        self._keys.expression = Expression(len(self._allocator.voices.stage), self._layout.tick, inputs)
        read = KernelInputs(self._keys.expression.values, self.controls.handle_steps, self.controls.params)
        self._modulation.begin(Moved.of(patch), inputs.beat, read, clock)
        self._play(self._packer.pack(patch))
        self._scheduler.begin(clock)
        self._asleep, self._last_frame = False, clock
        self._fade.begin(from_silence=faded)

    def rehearse(self) -> None:
        """Play a few silent ticks, so that the render thread is never the first to touch memory.

        Call it before ``begin``.
        """
        out = np.zeros((self._layout.tick, 2), np.float32)
        self._renderer.touch()
        for clock in range(0, 2 * LANES * self._layout.tick, self._layout.tick):
            if clock < ONSETS_AT_ONCE * self._layout.tick:  # one by one: hold the GIL as briefly as possible
                self.note_on(Key(0, 60 + clock // self._layout.tick), 1, clock)
            self.begin_waiting(clock)
            self.tick(clock)
            self.mix(clock, out)
        self._change(self._allocator.voices, self._notes.choices, self._notes.bank)
        self.silence()
        self._allocator.serial = 0

    def prepared(self, message: SetPatch) -> PreparedPatch:
        """Return a patch with its notes packed. One other thread may call this while the render thread plays."""
        return PreparedPatch(message.patch, self._packer.pack(message.patch))

    def set_patch(self, message: SetPatch) -> None:
        """Glide to a patch; other notes and styles are blended in under the sounding voices.

        A patch that was not prepared is prepared here, which takes milliseconds if its notes are new.
        """
        patch = message.patch
        self.controls.set(patch)
        self._modulation.follow(Moved.of(patch))
        notes = message.notes if isinstance(message, PreparedPatch) else self._packer.pack(patch)
        if notes.file is not self._notes.file:  # prepared for another model
            notes = self._packer.pack(patch)
        if notes is not self._notes:
            before = self._notes
            self._play(notes)
            if notes.bank is before.bank:  # another style of the same notes
                self._allocator.blend_all()
            else:
                self._change(self._allocator.voices, notes.choices, notes.bank)

    def note_on(self, key: Key, velocity: int, clock: int, elapsed_samples: int = 0) -> None:
        """Start a note at sample ``clock``, or a few ticks later if many notes begin there.

        Args:
            key: channel and MIDI note.
            velocity: 1-127.
            clock: sample of the onset.
            elapsed_samples: how long another model has held the note, from which the sound crosses over; such a note
                starts with its lane's next frame.
        """
        if self._asleep:
            self._scheduler.begin(clock)
            self._asleep, self._last_frame = False, clock
        if clock == self._inputs.phrase_start:
            self.controls.begin(clock, clock)
        self._keys.note_on(key, velocity, clock, elapsed_samples, self.controls.params)

    def note_off(self, key: Key, clock: int) -> None:
        """Release the voices of a key."""
        for v in self._keys.note_off(key, clock, self.controls.params):
            if self._allocator.waits(v):  # key-down and key-up within one block: the note must sound anyway
                self._onsets.begin([v], clock, self._voice_inputs)
            self._allocator.release(v, clock, float(self.controls.params[RELEASE]), self.controls.params)

    def silence(self) -> None:
        """Stop all voices; the frames in the rings fade with the synthesis window, without a click."""
        self._allocator.silence()
        self._keys.silence()

    def silence_channel(self, channel: int) -> None:
        """Stop the voices of a channel, as ``silence`` stops all."""
        self._allocator.silence_channel(channel)
        self._keys.silence_channel(channel)

    def relieve(self, relief: Relief) -> None:
        """Set how much quality to give up."""
        self._relief = relief

    @property
    def first_relief(self) -> Relief:
        """The first step of relief that reduces this instrument's work."""
        if self._quality.iterations:
            return Relief.NO_ITERATIONS
        return Relief.FEWER_FRAMES if self._quality.stride == 1 else Relief.FEWER_VOICES

    def end_quietest(self, count: int) -> None:
        """Stop the quietest voices; their frames in the rings fade."""
        self._allocator.end_quietest(count)

    def plays(self, patch: Patch) -> bool:
        """Return whether this instrument has the patch's model and quality."""
        return (self.path, self.quality_name) == (patch.model, patch.quality)

    def fade_out(self) -> None:
        """Start to fade out as a whole, until ``faded_out``."""
        self._fade.begin_out()

    @property
    def faded_out(self) -> bool:
        """Whether a fade-out has ended."""
        return self._fade.faded_out

    @property
    def active_voices(self) -> int:
        """Number of voices that make frames."""
        return self._allocator.active

    # ---- rendering

    def samples_to_tick(self, clock: int) -> int:
        """Return the samples from ``clock`` until the next tick; 0 when one is due now."""
        return -clock % self._layout.tick

    def tick(self, clock: int) -> None:
        """Update the controls, and make the frame of the lane whose turn it is, audible from ``clock`` on."""
        self.controls.step(clock, self._inputs.phrase_start)
        self._keys.step(float(self.controls.params[BEND_RANGE]))
        self._modulation.step(clock)
        if self._asleep:
            return
        # while two instruments cross over, neither needs all its frames
        relieved = self._relief >= Relief.FEWER_FRAMES or self._fade.gain < 1.0
        self._scheduler.stride = 2 if relieved else self._quality.stride
        lane = self._scheduler.lane_due(clock)
        if lane is None:
            return
        if self._make_frame(lane, clock):
            self._last_frame = clock
            self._scheduler.add(lane, clock, self._renderer.waves(self.controls.params))
        self._scheduler.end_frame(lane, clock)
        reach = self._layout.length + 4 * self._layout.hop  # of an onset, in samples
        self._asleep = clock - self._last_frame > reach and self.active_voices == 0

    def mix(self, clock: int, out: NDArray[np.float32]) -> None:
        """Add the samples from ``clock`` on to ``out`` [n, 2]; n must not reach past the next tick."""
        if self._asleep:
            self._fade.skip(len(out))
        else:
            self._fade.gain = self._scheduler.mix(clock, out, self._fade.gain, self._fade.step)

    def decode(self, z: NDArray[np.float32], pitch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Decode held latent vectors.

        Args:
            z: float32 [n, latent].
            pitch: float32 [n], MIDI.

        Returns:
            float32 [n, bins], unit frames in a buffer that the next call overwrites.
        """
        return self._decoder.decode_held(z, pitch)

    def begin_waiting(self, clock: int) -> None:
        """Start the notes that are due at ``clock``."""
        due = self._allocator.due(clock)
        if due:
            self._onsets.begin(due, clock, self._voice_inputs)

    # ---- internal

    def _play(self, notes: PlayedNotes) -> None:
        """Use these notes from the next frame on."""
        self._notes = notes
        self._renderer.use(notes.corrections)
        self._voice_inputs = self._collect_inputs()

    def _collect_inputs(self) -> VoiceInputs:
        notes, controls = self._notes, self.controls
        return VoiceInputs(
            notes.bank, notes.curves_db, notes.curve, controls.params, controls.offset, controls.offset_db,
            self._modulation.state, notes.detail, notes.corrections.rows, notes.pitched,
            notes.style,
        )  # fmt: skip

    def _choose_for(self, v: int) -> None:
        self._choose(self._allocator.voices, v, self._notes.choices, self._notes.bank)

    def _begin_voice(self, v: int, serial: int) -> None:
        self._choose_for(v)
        self._modulation.begin_voice(v)
        self._renderer.begin_voice(v, serial)

    def _make_frame(self, lane: int, clock: int) -> int:
        """Add a lane's voices to the renderer's spectra; return how many sound."""
        renderer, params = self._renderer, self.controls.params
        hops = min(self._scheduler.hops_since_frame(lane, clock), 2)
        timing = self._timings[hops - 1]
        n = int(self._gather(self._allocator.voices, renderer.frames, self._voice_inputs, lane, clock, timing))
        if n:
            renderer.center[:n] = clock + timing.center
            unit = renderer.decode(n, self._allocator.voices.start)
            if self._allocator.joining:
                self._prime_joining(unit, n, hops)
            fit = self._quality.iterations > 0 and self._relief == Relief.NONE and hops == 1
            renderer.add(unit, range(n), hops, params, fit=fit)
            if not fit:
                renderer.forget_fit(n)
        return n

    def _prime_joining(self, unit: NDArray[np.float32], n: int, hops: int) -> None:
        """Start this frame's joining voices as if their frame had always been held."""
        for i in range(n):
            v = int(self._renderer.frames.row[i])
            if v in self._allocator.joining:
                self._allocator.joining.remove(v)
                self._renderer.prime(unit, range(i, i + 1), hops, self.controls.params)


def _timing(g: FrameLayout, hops: int, keys: KeyRange | None) -> Timing:
    hop = hops * g.hop
    lowest, highest = (keys.lowest, keys.highest) if keys else (0, -1)
    return Timing(
        hop, g.length // 2, hop / g.model_hop, hop / (BLEND_S * ENGINE_RATE), g.bin_hz, g.pitch_ratio,
        float(ENGINE_RATE), lowest, highest,
    )  # fmt: skip


def prepare_instrument(
    path: str, quality_name: str = DEFAULT_QUALITY, max_voices: int = MAX_VOICES, seed: int = 0
) -> Instrument:
    """Load a model file and make it ready to play. It reads the disk and fills buffers: not for the render thread.

    The calling process should limit BLAS to one thread (``support.blas_threads.BlasThreadLimit``).

    Raises:
        UserError: the file is missing, damaged, foreign, newer, or has no note bank; or there is no such quality.
    """
    instrument = Instrument(load_model_file(path), path, quality_name, max_voices, seed)
    instrument.rehearse()
    return instrument
