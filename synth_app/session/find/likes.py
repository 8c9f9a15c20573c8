"""What can be looked for: a recording, an own sound, a bank note, a patch. Plain data, sent between processes."""

from dataclasses import dataclass
from pathlib import Path

from synth_app.patch import Patch


@dataclass(frozen=True)
class LikeFile:
    """A recording of one note: played, sung or hummed."""

    path: Path


@dataclass(frozen=True)
class LikeSound:
    """A sound of the user, by its key in the library."""

    key: str


@dataclass(frozen=True)
class LikeNote:
    """A bank note of the model, by its index."""

    index: int


@dataclass(frozen=True)
class LikePatch:
    """A patch, without its effects and its modulation.

    Attributes:
        patch: of the model that is searched.
        preset: key of the preset that it is; "" for none.
    """

    patch: Patch
    preset: str = ""


Like = LikeFile | LikeSound | LikeNote | LikePatch
