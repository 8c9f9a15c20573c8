"""The state of a performance: held keys, pedals, controllers and the beat."""

from synth_app.engine.control.expression import Inputs
from synth_app.engine.control.held_keys import HeldKeys, Key
from synth_app.patch.performance_events import (
    BendRange,
    Controller,
    KeyPressure,
    Pedal,
    PerformanceEvent,
    SoundOff,
    Tempo,
    Transport,
    Zones,
)


class PerformanceState:
    """What the player does. It outlives the model that plays.

    Attributes:
        keys: held keys and pedals.
        inputs: positions of the controllers.
        tempo_bpm: quarter notes per minute that a clock or a file set; None before.
        beat_origin: sample of beat 0 on the engine's clock.
        running: whether a sequencer runs.
    """

    def __init__(self) -> None:
        self.keys = HeldKeys()
        self.inputs = Inputs()
        self.tempo_bpm: float | None = None
        self.beat_origin = 0
        self.running = False

    def press(self, key: Key, velocity: int, clock: int) -> None:
        """Record that a key goes down; its pressure starts at 0."""
        if not self.keys.held:
            self.inputs.phrase_start = clock
        self.keys.press(key, velocity, clock)
        self.inputs.press_key(key.note, 0.0, key.channel)

    def handle(self, event: PerformanceEvent, clock: int) -> tuple[Key, ...]:
        """Apply an event at sample ``clock``. Return the keys that it releases."""
        match event:
            case Pedal(down, channel):
                return self.keys.pedal(channel, down=down)
            case SoundOff(channel):
                self.keys.remove_channel(channel)
            case Controller(source, value, channel):
                self.inputs.set(source, value, channel)
            case KeyPressure(note, value, channel):
                self.inputs.press_key(note, value, channel)
            case BendRange(semitones, channel):
                self.inputs.set_range(semitones, channel)
            case Zones():
                self.inputs.set_zones(event)
                self.keys.zones = event
            case Tempo(bpm):
                self.tempo_bpm = bpm
                self.inputs.beat.follow(bpm, clock)
            case Transport(running, rewind):
                self.running = running
                if running and rewind:
                    self.beat_origin = clock
                    self.inputs.beat.rewind(clock)
        return ()

    def reset(self) -> None:
        """Release all keys and pedals and move every controller to its neutral position, after a panic."""
        self.keys.clear()
        self.inputs.reset()
