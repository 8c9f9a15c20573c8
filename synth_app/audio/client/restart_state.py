"""State that a new audio process needs to continue like the previous one."""

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
    """Output, MIDI inputs, patch and held keys, updated from the messages sent and the reports received.

    Attributes:
        settings: the output requested last.
        midi: the MIDI inputs requested last; None before the first request.
        patch: the patch sent last; after its model was refused, the last patch whose model loaded.
        held: keys that are down.
    """

    def __init__(self) -> None:
        """Start without patch, keys and MIDI inputs."""
        self.settings = DeviceSettings()
        self.midi: MidiSettings | None = None
        self.patch: Patch | None = None
        self.held: dict[int, NoteOn] = {}
        self._playable: Patch | None = None  # the last patch whose model loaded
        self._loaded: str | None = None

    @property
    def model_and_quality(self) -> tuple[str, str] | None:
        """Path of the model that the patch needs, and the quality; None without a patch."""
        return None if self.patch is None else (self.patch.model, self.patch.quality)

    @property
    def model(self) -> str | None:
        """Path of the model that the patch needs; None without a patch."""
        return None if self.patch is None else self.patch.model

    def on_sent(self, message: Message) -> None:
        """Update from a message that the app sends."""
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

    def on_report(self, report: Report) -> None:
        """Update from a report of the process."""
        match report:
            case ModelLoaded(path):
                self._loaded = path
                if self.model == path:
                    self._playable = self.patch
            case ModelRefused(path):
                if self.model == path:
                    self.patch = self._playable

    def commands(self) -> list[Command]:
        """Return the commands that bring a new process into this state."""
        patch: list[Command] = [] if self.patch is None else [Play(SetPatch(self.patch))]
        midi: list[Command] = [] if self.midi is None else [SetMidi(self.midi)]
        return [OpenDevice(self.settings), *midi, *patch, *(Play(note) for note in self.held.values())]
