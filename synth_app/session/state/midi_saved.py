"""What the user set about MIDI as a file of its own: it belongs to the devices on the desk, not to a session."""

import logging
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_config_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from synth_app.midi import MidiMode, MidiSettings
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

logger = logging.getLogger(__name__)

Channel = Annotated[int, Field(ge=0, le=15)]
Number = Annotated[int, Field(ge=0, le=119)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SavedBinding(_Strict):
    """A control and the controller that moves it."""

    target: str = Field(max_length=64)
    channel: Channel
    number: Number


class SavedMidi(_Strict):
    """Ports, channels and learned controllers."""

    version: Literal[1] = 1
    port: str | None = None
    mode: MidiMode = "all"
    channel: Channel = 0
    learned: tuple[SavedBinding, ...] = ()

    def settings(self) -> MidiSettings:
        """The choice of ports and channels as a message."""
        return MidiSettings(self.port, self.mode, self.channel)


def midi_path() -> Path:
    """Where it is kept."""
    return user_config_path("synth_app", appauthor=False) / "midi.json"


def load_midi(path: Path) -> tuple[SavedMidi, str]:
    """Read the file.

    Returns:
        What it says and "", or defaults and one line for the user; a file that cannot be used is renamed to
        ``*.damaged.json`` so that nothing is lost.
    """
    try:
        return SavedMidi.model_validate_json(path.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return SavedMidi(), ""
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'file'}: {first['msg']}"
    except (OSError, UnicodeDecodeError) as error:
        why = str(error)
    logger.warning("MIDI settings file %s is damaged: %s", path, why)
    kept = path.with_suffix(".damaged.json")
    try:
        path.replace(kept)
    except OSError as error:
        return SavedMidi(), f"MIDI settings could not be read ({why}) nor set aside ({error.strerror})"
    return (
        SavedMidi(),
        f"MIDI settings could not be read ({why}); nothing is learned now, the file is kept as {kept.name}",
    )


def save_midi(path: Path, saved: SavedMidi) -> None:
    """Write the file, making its folder. Raises UserError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot make the folder {path.parent}: {error.strerror}; MIDI settings are not kept"
        ) from error
    with atomic_path(path) as temporary:
        temporary.write_text(saved.model_dump_json(indent=2), encoding="utf-8")
