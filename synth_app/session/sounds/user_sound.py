"""A sound of the user as its file describes it: recordings of one instrument, and how each of them is cut and tuned."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.session.state.json_files import StrictModel, write_text
from synth_app.session.state.preset import Name
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, read_bytes, shown

SOUND_NAME = "sound.json"
MAX_SOURCE_SECONDS = 120.0  # of a file; the first note in it is cut out
MIN_GAIN_DB, MAX_GAIN_DB = -60.0, 40.0
_MAX_BYTES = 2**20  # of the description; with 16 recordings it has 8 KB
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Suffix = Annotated[str, StringConstraints(pattern=r"^\.[a-z0-9]{1,8}$")]
SourceName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Seconds = Annotated[float, Field(ge=0.0, le=MAX_SOURCE_SECONDS)]


class Region(StrictModel):
    """A part of a recording, in seconds from the start of its file."""

    start_s: Seconds
    end_s: Seconds

    @model_validator(mode="after")
    def _rising(self) -> "Region":
        if self.start_s >= self.end_s:
            raise ValueError(f"a region from {self.start_s:g} to {self.end_s:g} s must end after its start")
        return self


class Recording(StrictModel):
    """One recording of a sound. Its audio file is kept unchanged; all edits are settings.

    Attributes:
        source: name of the file that it came from.
        sha256: of that file, and the name of the kept copy.
        suffix: of the kept copy.
        seconds: length of the file.
        pitch: MIDI, fractions allowed: what is heard in the recording, or the key of a sound without a pitch.
        velocity: 1 to 127.
        trim: the part that is used; None: from the first to the last audible moment.
        gain_db: added to its level.
        fade_in_s, fade_out_s: at the ends of the used part.
        loop: where a held key stays; None: found by the program.
    """

    source: SourceName
    sha256: Digest
    suffix: Suffix
    seconds: float = Field(gt=0.0, le=MAX_SOURCE_SECONDS)
    pitch: float = Field(ge=0.0, le=127.0)
    velocity: int = Field(default=100, ge=1, le=127)
    trim: Region | None = None
    gain_db: float = Field(default=0.0, ge=MIN_GAIN_DB, le=MAX_GAIN_DB)
    fade_in_s: Seconds = 0.0
    fade_out_s: Seconds = 0.0
    loop: Region | None = None

    @property
    def file_name(self) -> str:
        """Name of the kept copy in the sound's folder."""
        return f"{self.sha256}{self.suffix}"


class UserSound(StrictModel):
    """A sound: one instrument, in one recording or several at other keys and velocities.

    Attributes:
        name: shown to the user.
        pitched: whether it follows the keys. A sound without a pitch plays at every key as it was recorded.
        recordings: 1 to ``MAX_RECORDINGS``; the first is the main one, which stands for the sound.
    """

    version: Literal[1] = 1
    name: Name
    pitched: bool = True
    recordings: tuple[Recording, ...] = Field(min_length=1, max_length=MAX_RECORDINGS)

    @model_validator(mode="after")
    def _each_place_once(self) -> "UserSound":
        places = [(round(each.pitch), each.velocity) for each in self.recordings]
        if len(set(places)) < len(places):
            raise ValueError("two recordings have the same key and velocity; change one of them")
        return self

    def at(self, key: float) -> Recording:
        """Return the recording whose pitch is nearest to a MIDI key."""
        return min(self.recordings, key=lambda each: abs(each.pitch - key))


def read_sound(path: Path) -> UserSound:
    """Read a sound's description.

    Raises:
        UserError: the file is missing, not JSON, of a newer version, or has an invalid field; the message names it.
    """
    with loading(path, "the description of a sound", "add the sound again"):
        try:
            return UserSound.model_validate_json(read_bytes(path, _MAX_BYTES))
        except ValidationError as error:
            first = error.errors()[0]
            if first["loc"] == ("version",) and isinstance(first["input"], int):
                raise UserError(
                    f"{shown(path)}: made by a newer synth_app (sound version {first['input']}); update"
                ) from error
            raise


def write_sound(path: Path, sound: UserSound) -> None:
    """Write a sound's description atomically. Raises UserError if the file cannot be written."""
    fields = sound.model_dump_json(indent=2, exclude_defaults=True, exclude={"version"})
    write_text(path, '{\n  "version": 1,' + fields.removeprefix("{") + "\n", "the sound is not saved")
