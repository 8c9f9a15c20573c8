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
from synth_app.patch import Message, NoteOff, NoteOn, Panic, Patch, SetPatch


class RestartState:
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
        self.patch: Patch | None = None
        self.held: dict[int, NoteOn] = {}
        self._playable: Patch | None = None  # the last sound whose model is known to load
        self._loaded: str | None = None

    @property
    def instrument(self) -> tuple[str, str] | None:
        """Path of the model that the last sound needs, and the quality."""
        return None if self.patch is None else (self.patch.model, self.patch.quality)

    @property
    def model(self) -> str | None:
        """Path of the model that the last sound needs."""
        return None if self.patch is None else self.patch.model

    def sent(self, message: Message) -> None:
        """Follow what the app says."""
        match message:
            case SetPatch(patch):
                self.patch = patch
                if patch.model == self._loaded:
                    self._playable = patch
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
                    self._playable = self.patch
            case ModelRefused(path):
                if self.model == path:
                    self.patch = self._playable

    def commands(self) -> list[Command]:
        """All that a new process must be told."""
        patch: list[Command] = [] if self.patch is None else [Play(SetPatch(self.patch))]
        midi: list[Command] = [] if self.midi is None else [SetMidi(self.midi)]
        return [OpenDevice(self.settings), *midi, *patch, *(Play(note) for note in self.held.values())]
