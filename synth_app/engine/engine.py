"""The engine: messages in, stereo samples out, the same live and offline and for any block size."""

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.effects.chain import EffectChain
from synth_app.engine.control.controls import TEMPO
from synth_app.engine.control.held_keys import Key
from synth_app.engine.control.performance_state import PerformanceState
from synth_app.engine.decoding.matmul import warm_products
from synth_app.engine.instrument import Instrument, prepare_instrument
from synth_app.engine.output_stage import apply_gain, limit_to_full_scale
from synth_app.engine.tiny_model import tiny_model
from synth_app.params import EFFECTS
from synth_app.patch.patch import ENGINE_RATE, MAX_VOICES, Event, Message, NoteOff, NoteOn, Panic, Patch, SetPatch
from synth_app.patch.performance_events import SoundOff, Tempo
from synth_app.patch.quality import Relief

__all__ = ["WARM_UP", "Engine", "prepare_instrument", "render_events", "warm_kernels"]

_GAIN_GLIDE = 1.0 - np.exp(-1.0 / (0.02 * ENGINE_RATE))  # master gain: 20 ms, per sample
_MAX_FADING = 2  # instruments that may still fade out when the next one is installed
WARM_UP = "synth_app.engine.warmup"  # the module that compiles the kernels of this engine in processes of its own
WARMED = ("live", "studio")  # the other qualities need the same kernels
_CROSS_AT_ONCE = 2  # held keys that cross over to another model per tick: all at once would overload one block


class Engine:
    """Plays messages. The render thread calls everything but the constructor.

    Attributes:
        clock: samples rendered so far.
        limited: whether the limiter has reduced the level since this was last set to False.
        performance: held keys, pedals, controllers, tempo.
    """

    def __init__(self, max_voices: int = MAX_VOICES, seed: int = 0) -> None:
        self.max_voices, self.seed = max_voices, seed
        self.clock = 0
        self.limited = False
        self._instrument: Instrument | None = None
        self._fading: list[Instrument] = []
        self._waiting: tuple[Instrument, Patch] | None = None
        self._crossing: deque[Key] = deque()  # held keys that do not sound in the present model yet
        self.performance = PerformanceState()
        self._gain = self._gain_now = 1.0
        self._limit = 1.0
        self._effects = EffectChain(float(ENGINE_RATE))
        self._relief = Relief.NONE

    @property
    def active_voices(self) -> int:
        """Number of voices that sound in the present model."""
        return self._instrument.active_voices if self._instrument else 0

    @property
    def ringing(self) -> bool:
        """Whether effects may still sound without any voice."""
        return self._effects.ringing

    @property
    def first_relief(self) -> Relief:
        """The first step of relief that helps with the present quality."""
        return self._instrument.first_relief if self._instrument else Relief.FEWER_VOICES

    @property
    def model(self) -> str:
        """Path of the present model, "" before the first."""
        return self._instrument.path if self._instrument else ""

    def install(self, instrument: Instrument, patch: Patch) -> None:
        """Change to another model: it continues held notes, and fades in while the old model fades out.

        While two earlier models still fade out, the change waits (about 40 ms); the latest one wins.
        """
        if len(self._fading) >= _MAX_FADING:
            self._waiting = (instrument, patch)
            return
        self._waiting = None
        if self._instrument is not None:
            self._instrument.fade_out()
            self._fading.append(self._instrument)
        self.performance.inputs.beat.suggest(patch.params[TEMPO], self.clock)
        instrument.begin(patch, self.clock, self.performance.inputs, faded=self._instrument is not None)
        instrument.relieve(self._relief)
        first, self._instrument = self._instrument is None, instrument
        self._set_output_targets()
        if first:
            self._gain_now = self._gain
        self._crossing.clear()
        self._crossing.extend(self.performance.keys.held)

    def relieve(self, relief: Relief) -> None:
        """Set how much quality to give up because the machine is too slow.

        At the last step every call ends voices, but never the last voice: a held key that falls silent is worse than
        a dropout.
        """
        if relief != self._relief:
            self._relief = relief
            for instrument in (*self._fading, *([self._instrument] if self._instrument else [])):
                instrument.relieve(relief)
        if relief == Relief.FEWER_VOICES and self._instrument:
            voices = self._instrument.active_voices
            self._instrument.end_quietest(min(max(1, voices // 8), voices - 1))

    def post(self, message: Message) -> None:
        """Apply a message at the present clock. A patch of a model that is not installed is ignored."""
        if isinstance(message, NoteOn):
            key = Key(message.channel, message.note)
            self._forget_crossing(key)
            while self._crossing and self._instrument:  # mono and legato must play the latest key
                self._cross(self._instrument)
            self.performance.press(key, message.velocity, self.clock)
            if self._instrument:
                self._instrument.note_on(key, message.velocity, self.clock)
        elif isinstance(message, NoteOff):
            self._release(self.performance.keys.release(Key(message.channel, message.note)))
        elif isinstance(message, Panic):
            self.performance.reset()
            self._crossing.clear()
            for each in (*self._fading, *([self._instrument] if self._instrument else [])):
                each.silence()
            self._effects.fade_out()
        elif isinstance(message, SetPatch):
            self._set_patch(message)
        else:
            self._release(self.performance.handle(message, self.clock))
            if isinstance(message, Tempo):
                self._set_output_targets()
            elif isinstance(message, SoundOff):
                self._silence_channel(message.channel)

    def _silence_channel(self, channel: int) -> None:
        """Stop the voices of a channel; effects, which all channels share, ring on."""
        self._crossing = deque(key for key in self._crossing if key.channel != channel)
        for each in (*self._fading, *([self._instrument] if self._instrument else [])):
            each.silence_channel(channel)

    def _release(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if not self._forget_crossing(key) and self._instrument:
                self._instrument.note_off(key, self.clock)

    def _forget_crossing(self, key: Key) -> bool:
        """Remove a key that came up or was struck again from the keys to cross over. Return whether it was one."""
        crossing = key in self._crossing
        if crossing:
            self._crossing.remove(key)
        return crossing

    def _cross(self, instrument: Instrument) -> None:
        """Start the next held keys in the present model."""
        for _ in range(min(_CROSS_AT_ONCE, len(self._crossing))):
            key = self._crossing.popleft()
            velocity, start = self.performance.keys.held[key]
            instrument.note_on(key, velocity, self.clock, self.clock - start)

    def _set_patch(self, message: SetPatch) -> None:
        patch = message.patch
        if self._waiting and self._waiting[0].plays(patch):
            self._waiting = (self._waiting[0], patch)
        elif self._instrument and self._instrument.plays(patch):
            self.performance.inputs.beat.suggest(patch.params[TEMPO], self.clock)
            self._instrument.set_patch(message)
            if not self._instrument.controls.automated:  # the next tick sets them
                self._set_output_targets()

    def _set_output_targets(self) -> None:
        """Set the targets of output gain and effects from the patch, its automation and the tempo."""
        if self._instrument is not None:
            self._gain = _linear(self._instrument.controls.gain_db)
            self._effects.set_targets(self._instrument.controls.targets, self.performance.inputs.beat.bpm)

    def render(self, out: NDArray[np.float32]) -> None:
        """Render the next samples.

        Args:
            out: float32 [n, 2], n >= 1, C-contiguous, filled with finite samples within ±1 at ``ENGINE_RATE``. The
                first array of another layout compiles the kernels again, which takes seconds.
        """
        out[:] = 0.0
        done, output, total = 0, 0, len(out)  # samples mixed, samples with their output stage, samples wanted
        while done < total:
            n = self._tick(total - done)
            if self._instrument is not None and self._instrument.controls.automated:
                self._apply_output_stage(out[output:done])
                output = done
                self._set_output_targets()
            self._mix(out[done : done + n])
            done += n
        self._apply_output_stage(out[output:])

    def _tick(self, most: int) -> int:
        """Run what is due at the clock. Return the samples to the next tick, up to ``most``."""
        if self._fading and self._fading[0].faded_out:
            self._fading.pop(0)
        if self._waiting:
            self.install(*self._waiting)
        if self._instrument is None:
            return most
        if self._crossing and self._instrument.samples_to_tick(self.clock) == 0:
            self._cross(self._instrument)
        for instrument in (self._instrument, *self._fading):
            instrument.begin_waiting(self.clock)
            if instrument.samples_to_tick(self.clock) == 0:
                instrument.tick(self.clock)
            most = min(most, instrument.samples_to_tick(self.clock + 1) + 1)
        return most

    def _mix(self, out: NDArray[np.float32]) -> None:
        """Add the samples of all instruments up to the next tick."""
        for instrument in (*([self._instrument] if self._instrument else []), *self._fading):
            instrument.mix(self.clock, out)
        self.clock += len(out)

    def _apply_output_stage(self, out: NDArray[np.float32]) -> None:
        """Apply output gain, effects and the limiter."""
        if len(out):
            self._gain_now = apply_gain(out, self._gain_now, self._gain, _GAIN_GLIDE)
            self._effects.process(out)
            self._limit, limited = limit_to_full_scale(out, self._limit, float(ENGINE_RATE))
            self.limited = self.limited or limited


def render_events(engine: Engine, events: Iterable[Event], samples: int, block: int = 4096) -> NDArray[np.float32]:
    """Render offline what the engine would play live.

    Args:
        engine: with its first model installed.
        events: in order of time; times are samples of the engine's clock.
        samples: number of samples to render.
        block: samples rendered at a time; it does not change the result.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``.
    """
    out = np.zeros((samples, 2), np.float32)
    begin, done = engine.clock, 0
    for event in (*events, None):
        until = samples if event is None else min(max(event.time - begin, done), samples)
        while done < until:
            n = min(block, until - done)
            engine.render(out[done : done + n])
            done += n
        if event is not None:
            engine.post(event.message)
    return out


def warm_kernels(
    qualities: Sequence[str] = WARMED, instrument: type[Instrument] = Instrument, *, effects: bool = True
) -> None:
    """Compile every kernel, or load it from the cache, by playing a tiny model. Call it before the device opens.

    Args:
        qualities: those whose kernels are needed; the two of ``WARMED`` need all.
        instrument: a substitute that leaves kernels out, see ``warmup``.
        effects: whether the effects' kernels are needed.
    """
    warm_products()
    patch = Patch("warm-up")
    notes = (Event(0, NoteOn(60)), Event(150, NoteOn(67)), Event(300, NoteOff(60)))
    changed = Patch("warm-up", slot_a=1)
    other = Event(450, SetPatch(_with_audible_effects(changed) if effects else changed))
    for name in qualities:
        engine = Engine(max_voices=2)
        engine.install(instrument(tiny_model(), patch.model, name, 2, 0), patch)
        render_events(engine, (*notes, other), 600)


def _with_audible_effects(patch: Patch) -> Patch:
    """Switch on every registered effect, at values at which it changes the sound, so that its kernel runs."""
    for effect in EFFECTS:
        for name, value in effect.audible_values.items():
            patch = patch.with_param(name, value)
    return patch


def _linear(gain_db: float) -> float:
    return float(10.0 ** (gain_db / 20.0))
