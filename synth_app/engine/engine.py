"""The engine: messages in, stereo samples out, the same ones live and offline at any block size."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.controls import GAIN
from synth_app.engine.hands import Hands
from synth_app.engine.keys import Key
from synth_app.engine.messages import (
    ENGINE_RATE,
    MAX_VOICES,
    Event,
    Message,
    NoteOff,
    NoteOn,
    Panic,
    SetSound,
    Sound,
)
from synth_app.engine.product import warm_products
from synth_app.engine.quality import QUALITIES, Relief
from synth_app.engine.rig import ModelRig, prepare_rig
from synth_app.engine.ring import finish
from synth_app.engine.warm import tiny_model

__all__ = ["Engine", "prepare_rig", "render_events", "warm_kernels"]

_GAIN_GLIDE = 1.0 - np.exp(-1.0 / (0.02 * ENGINE_RATE))  # master gain: 20 ms, per sample
_MAX_FADING = 2  # rigs that may still be fading out when the next one comes


class Engine:
    """Plays messages. Everything but the constructor is called from one thread, the one that renders.

    Attributes:
        clock: samples rendered so far.
        limited: whether the limiter has worked since this was last set to False.
        hands: held keys, pedals, controllers, tempo.
    """

    def __init__(self, max_voices: int = MAX_VOICES, seed: int = 0) -> None:
        self.max_voices, self.seed = max_voices, seed
        self.clock = 0
        self.limited = False
        self._rig: ModelRig | None = None
        self._fading: list[ModelRig] = []
        self._waiting: tuple[ModelRig, Sound] | None = None
        self.hands = Hands()
        self._gain = 1.0
        self._finish_state = np.array([1.0, 1.0])
        self._relief = Relief.NONE

    @property
    def active_voices(self) -> int:
        """Voices sounding in the present model."""
        return self._rig.active_voices if self._rig else 0

    @property
    def first_relief(self) -> Relief:
        """The first step of relief that helps with the present quality."""
        return self._rig.first_relief if self._rig else Relief.FEWER_VOICES

    @property
    def model(self) -> str:
        """Path of the present model, "" before the first."""
        return self._rig.path if self._rig else ""

    def install(self, rig: ModelRig, sound: Sound) -> None:
        """Change to another model: held notes go on in it, the old sound fades out as the new one fades in.

        While two earlier models are still fading, the change waits for them (some 40 ms); the latest wins.
        """
        if len(self._fading) >= _MAX_FADING:
            self._waiting = (rig, sound)
            return
        self._waiting = None
        if self._rig is not None:
            self._rig.fade_out()
            self._fading.append(self._rig)
        rig.begin(sound, self.clock, self.hands.inputs, faded=self._rig is not None)
        rig.relieve(self._relief)
        self._gain = _linear(sound)
        if self._rig is None:
            self._finish_state[0] = self._gain
        self._rig = rig
        for key, (velocity, start) in self.hands.keys.held.items():
            rig.note_on(key, velocity, self.clock, self.clock - start)

    def relieve(self, relief: Relief) -> None:
        """Give up quality because the machine is too slow, or take it back. At the last step every call ends voices."""
        if relief != self._relief:
            self._relief = relief
            for rig in (*self._fading, *([self._rig] if self._rig else [])):
                rig.relieve(relief)
        if relief == Relief.FEWER_VOICES and self._rig:
            self._rig.end_quietest(max(1, self._rig.active_voices // 8))

    def post(self, message: Message) -> None:
        """Apply a message at the present clock. A sound for a model that is not installed is ignored."""
        if isinstance(message, NoteOn):
            key = Key(message.channel, message.note)
            self.hands.press(key, message.velocity, self.clock)
            if self._rig:
                self._rig.note_on(key, message.velocity, self.clock)
        elif isinstance(message, NoteOff):
            self._release(self.hands.keys.release(Key(message.channel, message.note)))
        elif isinstance(message, Panic):
            self.hands.let_go()
            for each in (*self._fading, *([self._rig] if self._rig else [])):
                each.silence()
        elif isinstance(message, SetSound):
            self._set_sound(message)
        else:
            self._release(self.hands.take(message, self.clock))

    def _release(self, keys: Iterable[Key]) -> None:
        if self._rig:
            for key in keys:
                self._rig.note_off(key, self.clock)

    def _set_sound(self, message: SetSound) -> None:
        sound = message.sound
        if self._waiting and self._waiting[0].plays(sound):
            self._waiting = (self._waiting[0], sound)
        elif self._rig and self._rig.plays(sound):
            self._rig.set_sound(sound)
            self._gain = _linear(sound)

    def render(self, out: NDArray[np.float32]) -> None:
        """Render the next samples.

        Args:
            out: float32 [n, 2], n >= 1, filled with finite samples within ±1 at ``ENGINE_RATE``.
        """
        out[:] = 0.0
        done, total = 0, len(out)
        while done < total:
            done += self._render_step(out[done:])
        if finish(out, self._finish_state, self._gain, _GAIN_GLIDE, float(ENGINE_RATE)):
            self.limited = True

    def _render_step(self, out: NDArray[np.float32]) -> int:
        """Samples up to the next tick of any rig, at most all of ``out``; returns how many."""
        if self._fading and self._fading[0].faded_out:
            self._fading.pop(0)
        if self._waiting:
            self.install(*self._waiting)
        n = len(out)
        if self._rig is None:
            self.clock += n
            return n
        for rig in (self._rig, *self._fading):
            rig.begin_waiting(self.clock)
            if rig.samples_to_tick(self.clock) == 0:
                rig.tick(self.clock)
            n = min(n, rig.samples_to_tick(self.clock + 1) + 1)
        for rig in (self._rig, *self._fading):
            rig.mix(self.clock, out[:n])
        self.clock += n
        return n


def render_events(engine: Engine, events: Iterable[Event], samples: int, block: int = 4096) -> NDArray[np.float32]:
    """Render offline what the engine would have played live.

    Args:
        engine: with its first model installed.
        events: in order of time; times are samples of the engine's clock.
        samples: how many to render.
        block: rendered at a time; does not change the result.

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


def warm_kernels() -> None:
    """Compile every kernel, or load it from the cache, by playing a tiny model; before the device opens."""
    warm_products()
    sound = Sound("warm-up")
    notes = (Event(0, NoteOn(60)), Event(600, NoteOn(67)), Event(1200, NoteOff(60)))
    other = Event(1800, SetSound(Sound("warm-up", slot_a=1)))
    for quality in QUALITIES:
        engine = Engine(max_voices=2)
        engine.install(ModelRig(tiny_model(), sound.model, quality.name, 2, 0), sound)
        render_events(engine, (*notes, other), 2400)


def _linear(sound: Sound) -> float:
    return float(10.0 ** (sound.params[GAIN] / 20.0))
