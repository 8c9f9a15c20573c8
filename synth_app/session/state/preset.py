"""A preset: a whole patch as a small JSON file, which other models can play, too."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator

from synth_app.session.state.json_files import MAX_BYTES, FiniteJson, StrictModel, write_text
from synth_app.session.state.pad_state import PadState
from synth_app.session.state.saved_automation import StoredAutomation
from synth_app.session.state.saved_note import StoredNote
from synth_app.session.state.saved_style import StoredStyle
from synth_app.support.errors import UserError
from synth_app.support.file_names import slug
from synth_app.support.loading import loading, read_bytes, shown

CATEGORIES = ("bass", "keys", "pluck", "string", "wind", "voice", "pad", "lead", "percussion", "texture")
USER_CATEGORY = "synth"  # of a new preset, and of files that name none
SUFFIX = ".json"
MAX_NAME_LENGTH = 64
MAX_PHRASE_NOTES, MAX_PHRASE_S = 64, 10.0
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=24)]


class ModelMark(StrictModel):
    """Identifies the model that a preset was made with. ``digest`` is that of its card, so it changes with training."""

    name: str
    title: str
    family: str
    latent_size: int = Field(ge=1)
    digest: str


class StoredPhraseNote(StrictModel):
    """One note of a preset's own phrase.

    Attributes:
        start: in seconds from the start of the phrase.
        step: semitones from the preset's ``note``.
        seconds: how long the key is held.
        velocity: 1-127.
    """

    start: float = Field(ge=0.0, le=MAX_PHRASE_S)
    step: int = Field(default=0, ge=-60, le=60)
    seconds: float = Field(gt=0.0, le=MAX_PHRASE_S)
    velocity: int = Field(default=96, ge=1, le=127)


class Preset(StrictModel):
    """A patch with a name and a description. The fields have the names that files use.

    A preset stores the position in the latent space in two ways. ``offset`` is exact, but valid for one model only;
    ``toward`` and ``exaggerate`` mean the same in every model that has the notes.

    Attributes:
        name, author, category, tags, about: description for the user.
        note: MIDI note that demonstrates it best.
        phrase: notes that demonstrate it; empty for those of its category.
        model: the model it was made with; None for a preset that uses no latent vector of its own.
        a, b: names of the bank notes in the slots; "" in ``b`` means the same as ``a``.
        own: user notes that play in the slots instead, in the model it was made with.
        toward: by note name, the fraction of the way from the slots' centre to another bank note's centre.
        exaggerate: extends the way from the mean of the training data to the slots' centre by this fraction.
        offset: offsets of the latent sliders, in standard deviations of each dimension.
        params: values by parameter name; missing ones have their defaults.
        style: the texture in slot S, in every model.
        pad: the pad's corners and cursor; all of it where modulation moves over it.
        gesture: automation; curves of latent dimensions are valid for the model it was made with.
        extra: other fields of the patch, by name.
    """

    version: Literal[1] = 1
    name: Name
    author: str = ""
    category: str = USER_CATEGORY
    tags: tuple[Tag, ...] = Field(default=(), max_length=64)
    about: str = ""
    note: int = Field(default=60, ge=0, le=127)
    phrase: tuple[StoredPhraseNote, ...] = Field(default=(), max_length=MAX_PHRASE_NOTES)
    model: ModelMark | None = None
    a: str
    b: str = ""
    own: tuple[StoredNote | None, StoredNote | None] = (None, None)
    toward: dict[str, float] = Field(default_factory=dict, max_length=256)
    exaggerate: float = 0.0
    offset: tuple[float, ...] = Field(default=(), max_length=1024)
    params: dict[str, float] = Field(default_factory=dict, max_length=1024)
    style: StoredStyle | None = None
    pad: PadState | None = None
    gesture: StoredAutomation | None = None
    extra: dict[str, FiniteJson] = Field(default_factory=dict, max_length=64)

    @field_validator("tags")
    @classmethod
    def _each_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))

    def words(self) -> str:
        """Return the text that a search looks at, in lower case."""
        model = f"{self.model.name} {self.model.title}" if self.model else ""
        return " ".join((self.name, self.author, self.category, *self.tags, model)).lower()


def read_preset(path: Path) -> Preset:
    """Read a preset file.

    Raises:
        UserError: the file is missing, not JSON, of a newer version, or has an invalid field; the message names it.
    """
    with loading(path, "a preset", "choose a preset's .json file"):
        try:
            return Preset.model_validate_json(read_bytes(path, MAX_BYTES))
        except ValidationError as error:
            first = error.errors()[0]
            if first["loc"] == ("version",) and isinstance(first["input"], int):
                raise UserError(
                    f"{shown(path)}: made by a newer synth_app (preset version {first['input']}); update"
                ) from error
            raise


def write_preset(path: Path, preset: Preset) -> None:
    """Write a preset atomically. Raises UserError if the file cannot be written."""
    write_text(path, preset_json(preset), "the preset is not saved")


def preset_json(preset: Preset) -> str:
    """Return the file's text: the version, and the fields that differ from their defaults."""
    fields = preset.model_dump_json(indent=2, exclude_defaults=True, exclude={"version"})
    return '{\n  "version": 1,' + fields.removeprefix("{") + "\n"


def preset_stem(name: str) -> str:
    """Return the file name of a preset without its suffix. See ``slug``."""
    return slug(name, "preset")
