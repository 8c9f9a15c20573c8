"""A preset: one whole sound as a small JSON file that outlives the model it was made with."""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError, field_validator

from synth_app.session.state.saved_automation import SavedAutomation
from synth_app.session.state.saved_notes import SavedNote, SavedPad
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

CATEGORIES = (
    "bass", "keys", "mallet", "organ", "guitar", "string", "brass", "reed", "flute", "vocal", "pad", "lead", "synth",
    "percussion", "texture", "hybrid",
)  # fmt: skip
USER_CATEGORY = "synth"  # where a new sound goes until its maker says otherwise
SUFFIX = ".json"
_MAX_BYTES = 2**20  # a preset has some 2 KB, with notes of its own 50; anything this large is another kind of file
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=24)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelMark(_Strict):
    """Which model a sound was made with: ``digest`` is that of its card, so a retrained one has another."""

    name: str
    title: str
    family: str
    latent_size: int = Field(ge=1)
    digest: str


class Preset(_Strict):
    """A sound, and what it is called.

    The place in the latent space is told in two ways. ``offset`` is exact and good for one model; ``toward`` and
    ``exaggerate`` mean the same in every model that has the notes.

    Attributes:
        name, author, category, tags, about: for the reader.
        note: MIDI key that shows it best.
        model: what it was made with; None for a sound that is told by notes alone.
        a, b: names of the bank notes in the slots; "" in ``b`` means the same as ``a``.
        own: notes of no bank that play in the slots' places, in the model it was made with.
        toward: way from the slots' centre to other bank notes' centres, as a share, by note name.
        exaggerate: way from the middle of all sounds through the slots' centre and on, as a share of that way.
        offset: what the sliders add, in standard deviations of each dimension.
        params: values by parameter name; what is missing is at its default.
        pad: its corners and where the cursor stands among them; all of it where modulation moves over it.
        gesture: recorded moves of the controls; those of latent dimensions hold for the model it was made with.
        extra: other parts of the sound, by name.
    """

    version: Literal[1] = 1
    name: Name
    author: str = ""
    category: str = USER_CATEGORY
    tags: tuple[Tag, ...] = ()
    about: str = ""
    note: int = Field(default=60, ge=0, le=127)
    model: ModelMark | None = None
    a: str
    b: str = ""
    own: tuple[SavedNote | None, SavedNote | None] = (None, None)
    toward: dict[str, float] = {}
    exaggerate: float = 0.0
    offset: tuple[float, ...] = ()
    params: dict[str, float] = {}
    pad: SavedPad | None = None
    gesture: SavedAutomation | None = None
    extra: dict[str, JsonValue] = {}

    @field_validator("tags")
    @classmethod
    def _each_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))

    def words(self) -> str:
        """All that a search looks at, in lower case."""
        model = f"{self.model.name} {self.model.title}" if self.model else ""
        return " ".join((self.name, self.author, self.category, *self.tags, model)).lower()


def read_preset(path: Path) -> Preset:
    """Read a preset file.

    Raises:
        UserError: missing, not JSON, of a newer version, or with a field that does not fit; it says which.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise UserError(f"{path}: {path.stat().st_size} bytes is no preset; choose a preset's .json file")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); choose a preset's .json file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a text file; choose a preset's .json file") from error
    try:
        return Preset.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        if where == "version":
            raise UserError(f"{path}: made by a newer synth_app (preset version {first['input']}); update") from error
        raise UserError(f"{path}: not a preset, or damaged ({where}: {first['msg']})") from error


def write_preset(path: Path, preset: Preset) -> None:
    """Write a preset, whole or not at all. Raises UserError if that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {path.parent}: {error.strerror}; the preset is not saved") from error
    with atomic_path(path) as temporary:
        temporary.write_text(preset_json(preset), encoding="utf-8")


def preset_json(preset: Preset) -> str:
    """The file's text: what differs from the defaults, and the version."""
    fields = preset.model_dump_json(indent=2, exclude_defaults=True, exclude={"version"})
    return '{\n  "version": 1,' + fields.removeprefix("{") + "\n"


def slug(name: str) -> str:
    """A file name for a preset: lower-case ASCII letters, digits and hyphens, never empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64] or "preset"
