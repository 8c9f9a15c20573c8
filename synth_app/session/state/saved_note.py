"""User notes as JSON: latent vectors and gains as base64 of half-precision numbers."""

import base64
import binascii
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from synth_app.patch import UserNote
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.stored_as import stored_as


class SavedNote(StrictModel):
    """The JSON form of a ``UserNote``. A note that could not be played is refused.

    Attributes:
        name, family, pitch, latent_size, marks: as in ``UserNote``.
        z, gain_db: the arrays as ``pack_half`` writes them.
    """

    name: str
    family: str
    pitch: float
    latent_size: int = Field(ge=1, le=1024)
    z: str
    gain_db: str
    marks: tuple[int, int, int, int]

    @classmethod
    def of(cls, note: UserNote) -> "SavedNote":
        """Convert a note; its numbers are rounded to half precision."""
        plain = {name: value for name, value in vars(note).items() if name not in ("z", "gain_db")}
        return cls(**plain, z=pack_half(note.codes()), gain_db=pack_half(note.gains()))

    def restore(self) -> UserNote:
        """Return the note. Raises ValueError if it could not be played."""
        plain = {name: getattr(self, name) for name in ("name", "family", "pitch", "latent_size", "marks")}
        return UserNote(**plain, z=unpack_half(self.z), gain_db=unpack_half(self.gain_db))

    @model_validator(mode="after")
    def _playable(self) -> "SavedNote":
        self.restore()
        return self


def pack_half(values: NDArray[np.float32]) -> str:
    """Return an array as base64 of its values in half precision."""
    return base64.b64encode(values.astype(np.float16).tobytes()).decode("ascii")


def unpack_half(text: str) -> bytes:
    """Return the values of ``pack_half`` as bytes of float32.

    Raises:
        ValueError: the text is not base64 of half-precision numbers.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
    if len(raw) % 2:
        raise ValueError("an odd number of bytes for half-precision numbers")
    return np.frombuffer(raw, np.float16).astype(np.float32).tobytes()


StoredNote = Annotated[UserNote, stored_as(SavedNote)]
