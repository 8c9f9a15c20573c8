"""User notes as JSON: latent vectors and gains as base64 of half-precision numbers."""

import base64
import binascii
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from synth_app.modelfile.correction import MAX_BINS, Correction
from synth_app.patch import UserNote
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.stored_as import stored_as

_PLAIN = ("name", "family", "pitch", "latent_size", "marks", "own_loop")


class SavedCorrection(StrictModel):
    """The JSON form of a ``Correction``: its arrays as base64."""

    bins: int = Field(ge=2, le=MAX_BINS)
    shapes: str
    scale_db: str
    weights: str

    @classmethod
    def of(cls, correction: Correction) -> "SavedCorrection":
        """Convert a correction."""
        packed = {name: _pack(getattr(correction, name)) for name in ("shapes", "scale_db", "weights")}
        return cls(bins=correction.bins, **packed)

    def restore(self) -> Correction:
        """Return the correction. Raises ValueError if it is not one."""
        return Correction(self.bins, _unpack(self.shapes), _unpack(self.scale_db), _unpack(self.weights))


class SavedNote(StrictModel):
    """The JSON form of a ``UserNote``. A note that could not be played is refused.

    Attributes:
        name, family, pitch, latent_size, marks, own_loop: as in ``UserNote``. Notes of earlier versions stay in their
            loops.
        z, gain_db: the arrays as ``pack_half`` writes them.
        correction: absent in files of earlier versions.
    """

    name: str
    family: str
    pitch: float
    latent_size: int = Field(ge=1, le=1024)
    z: str
    gain_db: str
    marks: tuple[int, int, int, int]
    correction: SavedCorrection | None = None
    own_loop: bool = True

    @classmethod
    def of(cls, note: UserNote) -> "SavedNote":
        """Convert a note; its numbers are rounded to half precision."""
        plain = {name: value for name, value in vars(note).items() if name not in ("z", "gain_db", "correction")}
        correction = None if note.correction is None else SavedCorrection.of(note.correction)
        return cls(**plain, z=pack_half(note.codes()), gain_db=pack_half(note.gains()), correction=correction)

    def restore(self) -> UserNote:
        """Return the note. Raises ValueError if it could not be played."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        correction = None if self.correction is None else self.correction.restore()
        return UserNote(**plain, z=unpack_half(self.z), gain_db=unpack_half(self.gain_db), correction=correction)

    @model_serializer(mode="wrap")
    def _without_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave out defaults of later versions, so that files of earlier ones stay as they are."""
        written: dict[str, object] = handler(self)
        if written.get("own_loop"):
            del written["own_loop"]
        if written.get("correction") is None:
            written.pop("correction", None)
        return written

    @model_validator(mode="after")
    def _playable(self) -> "SavedNote":
        self.restore()
        return self


def pack_half(values: NDArray[np.float32]) -> str:
    """Return an array as base64 of its values in half precision."""
    return _pack(values.astype(np.float16).tobytes())


def unpack_half(text: str) -> bytes:
    """Return the values of ``pack_half`` as bytes of float32.

    Raises:
        ValueError: the text is not base64 of half-precision numbers.
    """
    raw = _unpack(text)
    if len(raw) % 2:
        raise ValueError("an odd number of bytes for half-precision numbers")
    return np.frombuffer(raw, np.float16).astype(np.float32).tobytes()


def _pack(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unpack(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


StoredNote = Annotated[UserNote, stored_as(SavedNote)]
