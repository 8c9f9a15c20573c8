"""User notes as JSON: latent vectors and gains as base64 of half-precision numbers."""

import base64
import binascii
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from synth_app.modelfile.correction import MAX_BINS, Correction
from synth_app.patch import UserNote
from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.stored_as import stored_as

_PLAIN = ("name", "family", "pitch", "latent_size", "marks", "own_loop", "velocity", "pitched")
_ARRAYS = ("z", "gain_db", "correction", "others")
_LATER: dict[str, object] = {"own_loop": True, "correction": None, "velocity": 100, "pitched": True, "others": ()}
_PACKED = ("shapes", "scale_db", "weights", "noise", "soft")  # of a correction


class SavedCorrection(StrictModel):
    """The JSON form of a ``Correction``: its arrays as base64.

    Files of earlier versions have no ``noise``, ``soft`` and ``velocity``.
    """

    bins: int = Field(ge=2, le=MAX_BINS)
    shapes: str
    scale_db: str
    weights: str
    noise: str = ""
    soft: str = ""
    velocity: int = Field(default=100, ge=1, le=127)

    @classmethod
    def of(cls, correction: Correction) -> "SavedCorrection":
        """Convert a correction."""
        packed = {name: _pack(getattr(correction, name)) for name in _PACKED}
        return cls(bins=correction.bins, velocity=correction.velocity, **packed)

    def restore(self) -> Correction:
        """Return the correction. Raises ValueError if it is not one."""
        unpacked = {name: unpack_bytes(getattr(self, name)) for name in _PACKED}
        return Correction(bins=self.bins, velocity=self.velocity, **unpacked)

    @model_serializer(mode="wrap")
    def _without_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave out defaults of later versions."""
        written: dict[str, object] = handler(self)
        for name, default in (("noise", ""), ("soft", ""), ("velocity", 100)):
            if written.get(name) == default:
                written.pop(name, None)
        return written


class SavedNote(StrictModel):
    """The JSON form of a ``UserNote``. A note that could not be played is refused.

    Attributes:
        name, family, pitch, latent_size, marks, own_loop, velocity, pitched: as in ``UserNote``. Notes of earlier
            versions stay in their loops.
        z, gain_db: the arrays as ``pack_half`` writes them.
        correction: absent in files of earlier versions.
        others: the sound's other recordings; none in files of earlier versions.
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
    velocity: int = Field(default=100, ge=1, le=127)
    pitched: bool = True
    others: tuple["SavedNote", ...] = Field(default=(), max_length=MAX_RECORDINGS - 1)

    @classmethod
    def of(cls, note: UserNote) -> "SavedNote":
        """Convert a note; its numbers are rounded to half precision."""
        plain = {name: value for name, value in vars(note).items() if name not in _ARRAYS}
        correction = None if note.correction is None else SavedCorrection.of(note.correction)
        others = tuple(cls.of(each) for each in note.others)
        z, gain_db = cls.pack(note.codes()), cls.pack(note.gains())
        return cls(**plain, z=z, gain_db=gain_db, correction=correction, others=others)

    def restore(self) -> UserNote:
        """Return the note. Raises ValueError if it could not be played."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        correction = None if self.correction is None else self.correction.restore()
        others = tuple(each.restore() for each in self.others)
        z, gain_db = self.unpack(self.z), self.unpack(self.gain_db)
        return UserNote(**plain, z=z, gain_db=gain_db, correction=correction, others=others)

    @staticmethod
    def pack(values: NDArray[np.float32]) -> str:
        """Return an array as text; rounded to half precision here."""
        return pack_half(values)

    @staticmethod
    def unpack(text: str) -> bytes:
        """Return the array of ``pack`` as bytes of float32. Raises ValueError for other text."""
        return unpack_half(text)

    @model_serializer(mode="wrap")
    def _without_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Leave out defaults of later versions, so that files of earlier ones stay as they are."""
        written: dict[str, object] = handler(self)
        return {name: value for name, value in written.items() if name not in _LATER or value not in (_LATER[name], [])}

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
    raw = unpack_bytes(text)
    if len(raw) % 2:
        raise ValueError("an odd number of bytes for half-precision numbers")
    return np.frombuffer(raw, np.float16).astype(np.float32).tobytes()


def _pack(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def unpack_bytes(text: str) -> bytes:
    """Return the bytes of a base64 text. Raises ValueError for other text."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


StoredNote = Annotated[UserNote, stored_as(SavedNote)]
