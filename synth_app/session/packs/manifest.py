"""The list of what is in a pack, and the rules for names and sizes of its files."""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from synth_app.session.state.json_files import MAX_BYTES, StrictModel
from synth_app.session.state.preset import Name
from synth_app.support.file_names import RESERVED_STEMS

SUFFIX = ".synthpack"
MANIFEST_NAME = "pack.json"
MAX_PACK_BYTES = 2**31  # a zip file without extensions has up to 4 GiB
MAX_FILES = 4096
MAX_MANIFEST_BYTES = 2**20
_STEM = r"[a-z0-9][a-z0-9-]{0,63}"
_DIGEST = r"[0-9a-f]{64}"

Kind = Literal["model", "sound", "recording", "preset"]
# What a pack may hold: the kind of each file, the pattern of its name, and its largest size in bytes.
_RULES: tuple[tuple[Kind, re.Pattern[str], int], ...] = (
    ("model", re.compile(rf"models/(?P<stem>{_STEM})\.safetensors"), 2**29),
    ("sound", re.compile(rf"sounds/(?P<stem>{_STEM})/sound\.json"), 2**20),
    ("recording", re.compile(rf"sounds/(?P<stem>{_STEM})/{_DIGEST}\.flac"), 2**27),
    ("preset", re.compile(rf"presets/(?P<stem>{_STEM})\.json"), MAX_BYTES),
)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\r\n]*$")]


def kind_of(path: str) -> tuple[Kind, int]:
    """Return the kind of a file in a pack by its name, and its largest size in bytes.

    Raises:
        ValueError: packs hold no file of that name.
    """
    for kind, pattern, max_bytes in _RULES:
        found = pattern.fullmatch(path)
        if found and found["stem"] not in RESERVED_STEMS:
            return kind, max_bytes
    raise ValueError(f"it holds {path[:80]!r}, which is no file of a pack")


class PackFile(StrictModel):
    """One file of a pack: name, size and SHA-256."""

    path: Annotated[str, StringConstraints(max_length=160)]
    size: int = Field(ge=1)
    sha256: Annotated[str, StringConstraints(pattern=rf"^{_DIGEST}$")]

    @model_validator(mode="after")
    def _allowed(self) -> "PackFile":
        _, limit = kind_of(self.path)
        if self.size > limit:
            raise ValueError(f"{self.path} has {self.size} bytes, the limit is {limit}")
        return self


class Manifest(StrictModel):
    """What a pack says about itself.

    Attributes:
        name: shown to the user. author, licence: one line each. about: a longer text.
        made_with: version of the program that wrote it.
        files: every file of the pack but the manifest.
    """

    version: Literal[1] = 1
    name: Name
    author: Line = ""
    licence: Line = ""
    about: Annotated[str, StringConstraints(max_length=4000)] = ""
    made_with: Line = ""
    files: tuple[PackFile, ...] = Field(min_length=1, max_length=MAX_FILES)

    @model_validator(mode="after")
    def _each_once(self) -> "Manifest":
        if len({each.path for each in self.files}) < len(self.files):
            raise ValueError("a file is listed twice")
        return self
