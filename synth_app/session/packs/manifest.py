"""The list of what is in a pack, and the rules for names and sizes of its files."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from synth_app.session.state.json_files import MAX_BYTES, StrictModel
from synth_app.session.state.preset import Name
from synth_app.support.file_names import RESERVED_STEMS
from synth_app.support.loading import parse_json

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
        counts = Counter(each.path for each in self.files)
        twice = next((path for path, count in counts.items() if count > 1), "")
        if twice:
            raise ValueError(f"{twice} is listed twice")
        return self


def manifest_problem(error: ValidationError, data: bytes) -> str:
    """Return which entry of a manifest is wrong, and what is, in one line.

    Args:
        error: of the validation. data: the manifest, JSON.
    """
    first = error.errors(include_url=False)[0]
    place, what = first["loc"], first["msg"].removeprefix("Value error, ")
    if place[:1] != ("files",) or len(place) < 2 or not isinstance(place[1], int):
        return f"{MANIFEST_NAME}: {'.'.join(map(str, place))}: {what}" if place else f"{MANIFEST_NAME}: {what}"
    field = ".".join(str(part) for part in place[2:])
    name = _listed_path(data, place[1])
    return f"{MANIFEST_NAME}, file {place[1] + 1}{name}: {field + ': ' if field else ''}{what}"


def _listed_path(data: bytes, index: int) -> str:
    """Return the path of an entry that may be damaged as `` (path)``, "" if it has none."""
    listed: Any = parse_json(data)
    entry = listed["files"][index]
    path = entry.get("path") if isinstance(entry, dict) else None
    return f" ({path[:80]})" if isinstance(path, str) else ""


def listing_problem(manifest: Manifest, held: Mapping[str, int]) -> str:
    """Return how the list of a manifest differs from the files that the pack holds; "" if it does not.

    Args:
        manifest: of the pack. held: sizes of its files in bytes, by name, without the manifest.
    """
    listed = {each.path: each.size for each in manifest.files}
    for path in sorted(listed.keys() | held.keys()):
        if path not in held:
            return f"{MANIFEST_NAME} lists {path}, which is not there"
        if path not in listed:
            return f"{path[:80]!r} is not listed in {MANIFEST_NAME}"
        if listed[path] != held[path]:
            return f"{path} has {held[path]} bytes, {MANIFEST_NAME} says {listed[path]}"
    return ""
