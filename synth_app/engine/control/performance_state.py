"""Everything a player does, followed by one object: held keys, pedals, controllers, the beat."""

from synth_app.engine.control.expression import Inputs
from synth_app.engine.control.held_keys import HeldKeys, Key
from synth_app.patch.performance_events import (
    BendRange,
    Controller,
    KeyPressure,
    Pedal,
    PerformanceEvent,
    Tempo,
    Transport,
    Zones,
)


class PerformanceState:
    """State that outlives the model being played.

    Attributes:
        keys: what is held.
        inputs: where the controllers stand.
        tempo_bpm: quarter notes per minute that a clock or a file told, None before.
        beat_origin: sample of the engine's clock at which beat 0 was.
        running: whether a sequencer runs.
    """

    def __init__(self) -> None:
        self.keys = HeldKeys()
        self.inputs = Inputs()
        self.tempo_bpm: float | None = None
        self.beat_origin = 0
        self.running = False

    def press(self, key: Key, velocity: int, clock: int) -> None:
        """A key goes down, without pressure on it yet."""
        if not self.keys.held:
            self.inputs.phrase_start = clock
        self.keys.press(key, velocity, clock)
        self.inputs.press_key(key.note, 0.0, key.channel)

    def take(self, gesture: PerformanceEvent, clock: int) -> tuple[Key, ...]:
        """Follow a gesture made at sample ``clock``; the keys that fall silent with it."""
        match gesture:
            case Pedal(down, channel):
                return self.keys.pedal(channel, down=down)
            case Controller(source, value, channel):
                self.inputs.set(source, value, channel)
            case KeyPressure(note, value, channel):
                self.inputs.press_key(note, value, channel)
            case BendRange(semitones, channel):
                self.inputs.set_range(semitones, channel)
            case Zones():
                self.inputs.set_zones(gesture)
                self.keys.zones = gesture
            case Tempo(bpm):
                self.tempo_bpm = bpm
                self.inputs.beat.follow(bpm, clock)
            case Transport(running, rewind):
                self.running = running
                if running and rewind:
                    self.beat_origin = clock
                    self.inputs.beat.rewind(clock)
        return ()

    def let_go(self) -> None:
        """After a panic: no key, no pedal, every controller at rest."""
        self.keys.clear()
        self.inputs.let_go()
