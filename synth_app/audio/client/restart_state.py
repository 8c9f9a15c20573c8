"""What the app must tell a new audio process so that it sounds like the one before."""

from synth_app.audio.protocol.messages import (
    Command,
    DeviceSettings,
    ModelLoaded,
    ModelRefused,
    OpenDevice,
    Play,
    Report,
    SetMidi,
)
from synth_app.midi import MidiSettings
from synth_app.patch import Message, NoteOff, NoteOn, Panic, SetSound, Sound


class Memory:
    """Follows both directions of the conversation.

    Attributes:
        settings: the output last asked for.
        midi: the MIDI inputs last asked for, None before.
        sound: the last sound sent; the one before, where its model was refused.
        held: keys that are down.
    """

    def __init__(self) -> None:
        """Nothing was said yet."""
        self.settings = DeviceSettings()
        self.midi: MidiSettings | None = None
        self.sound: Sound | None = None
        self.held: dict[int, NoteOn] = {}
        self._playable: Sound | None = None  # the last sound whose model is known to load
        self._loaded: str | None = None

    @property
    def rig(self) -> tuple[str, str] | None:
        """Path of the model that the last sound needs, and the quality."""
        return None if self.sound is None else (self.sound.model, self.sound.quality)

    @property
    def model(self) -> str | None:
        """Path of the model that the last sound needs."""
        return None if self.sound is None else self.sound.model

    def sent(self, message: Message) -> None:
        """Follow what the app says."""
        match message:
            case SetSound(sound):
                self.sound = sound
                if sound.model == self._loaded:
                    self._playable = sound
            case NoteOn(note):
                self.held[note] = message
            case NoteOff(note):
                self.held.pop(note, None)
            case Panic():
                self.held.clear()

    def heard(self, report: Report) -> None:
        """Follow what the process answers."""
        match report:
            case ModelLoaded(path):
                self._loaded = path
                if self.model == path:
                    self._playable = self.sound
            case ModelRefused(path):
                if self.model == path:
                    self.sound = self._playable

    def commands(self) -> list[Command]:
        """All that a new process must be told."""
        sound: list[Command] = [] if self.sound is None else [Play(SetSound(self.sound))]
        midi: list[Command] = [] if self.midi is None else [SetMidi(self.midi)]
        return [OpenDevice(self.settings), *midi, *sound, *(Play(note) for note in self.held.values())]
