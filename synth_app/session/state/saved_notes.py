"""Notes of no bank, and the pad, as JSON: codes and gains as base64 of half-precision numbers."""

import base64
import binascii
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from synth_app.patch import UserNote
from synth_app.session.state.pad_state import Corner, Layout, Mode, PadState

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Dimension = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SavedNote(_Strict):
    """A UserNote; refused when it could not be played."""

    name: str
    family: str
    pitch: float
    latent_size: int = Field(ge=1, le=1024)
    z: str
    gain_db: str
    marks: tuple[int, int, int, int]

    @classmethod
    def of(cls, note: UserNote) -> "SavedNote":
        """The note as JSON keeps it, rounded to half precision."""
        plain = {name: value for name, value in vars(note).items() if name not in ("z", "gain_db")}
        return cls(**plain, z=packed(note.codes()), gain_db=packed(note.gains()))

    def custom(self) -> UserNote:
        """The note."""
        plain = {name: getattr(self, name) for name in ("name", "family", "pitch", "latent_size", "marks")}
        return UserNote(**plain, z=unpacked(self.z), gain_db=unpacked(self.gain_db))

    @model_validator(mode="after")
    def _playable(self) -> "SavedNote":
        self.custom()
        return self


class SavedPad(_Strict):
    """A PadState."""

    mode: Mode = "plane"
    layout: Layout = "pca"
    pitch: int | None = None
    map_at: tuple[Share, Share] | None = None
    morph_at: tuple[Share, Share] = (0.5, 0.5)
    corners: tuple[str | SavedNote, str | SavedNote, str | SavedNote, str | SavedNote] = ("", "", "", "")
    axes: tuple[Dimension, Dimension] = (0, 1)

    @classmethod
    def of(cls, state: PadState) -> "SavedPad":
        """The pad as JSON keeps it."""
        a, b, c, d = (each if isinstance(each, str) else SavedNote.of(each) for each in state.corners)
        return cls(**{**vars(state), "corners": (a, b, c, d)})

    def state(self) -> PadState:
        """The pad."""
        corners: list[Corner] = [each if isinstance(each, str) else each.custom() for each in self.corners]
        return PadState(
            self.mode, self.layout, self.pitch, self.map_at, self.morph_at,
            (corners[0], corners[1], corners[2], corners[3]), self.axes,
        )  # fmt: skip


def packed(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype(np.float16).tobytes()).decode("ascii")


def unpacked(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
    if len(raw) % 2:
        raise ValueError("an odd number of bytes for half-precision numbers")
    return np.frombuffer(raw, np.float16).astype(np.float32).tobytes()
