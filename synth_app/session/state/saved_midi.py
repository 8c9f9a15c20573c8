"""The user's MIDI settings as a file. It is not part of a session, because it belongs to the connected devices."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from synth_app.midi import MidiMode, MidiSettings
from synth_app.session.state.json_files import StrictModel, config_path, load_or_set_aside, write_text

Channel = Annotated[int, Field(ge=0, le=15)]
Number = Annotated[int, Field(ge=0, le=119)]


class SavedBinding(StrictModel):
    """A target and the MIDI controller that moves it."""

    target: str = Field(max_length=64)
    channel: Channel
    number: Number


class SavedMidi(StrictModel):
    """The file: port, channel mode and learned controllers."""

    version: Literal[1] = 1
    port: str | None = None
    mode: MidiMode = "all"
    channel: Channel = 0
    learned: tuple[SavedBinding, ...] = Field(default=(), max_length=4096)

    def settings(self) -> MidiSettings:
        """Return the choice of ports and channels as a message."""
        return MidiSettings(self.port, self.mode, self.channel)


def midi_path() -> Path:
    """Return the path of the MIDI settings."""
    return config_path("midi.json")


def load_midi(path: Path) -> tuple[SavedMidi, str]:
    """Read the MIDI settings.

    Returns:
        the settings and "", or defaults and one line for the user. See ``load_or_set_aside``.
    """
    return load_or_set_aside(path, SavedMidi, "MIDI settings")


def save_midi(path: Path, saved: SavedMidi) -> None:
    """Write the MIDI settings. Raises UserError if the file cannot be written."""
    write_text(path, saved.model_dump_json(indent=2), "MIDI settings are not kept")
