"""Parts of a patch as JSON without rounding: user notes, the grid of the pad and the curves of the handles."""

import base64
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from synth_app.patch import HandleCurves, PadGrid, UserNote
from synth_app.patch.pad_grid import SIDE
from synth_app.patch.user_note import MAX_RECORDINGS
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.saved_note import SavedNote, unpack_bytes
from synth_app.session.state.stored_as import stored_as


class ExactNote(SavedNote):
    """A user note as ``SavedNote``, but with all bits of its path and gains."""

    others: tuple["ExactNote", ...] = Field(default=(), max_length=MAX_RECORDINGS - 1)

    @staticmethod
    def pack(values: NDArray[np.float32]) -> str:
        """Return an array as base64 of its bytes."""
        return base64.b64encode(values.tobytes()).decode("ascii")

    @staticmethod
    def unpack(text: str) -> bytes:
        """Return the bytes of ``pack``. Raises ValueError for other text."""
        return unpack_bytes(text)


class SavedGrid(StrictModel):
    """The JSON form of a ``PadGrid``, without rounding. One that could not be played is refused."""

    latent_size: int = Field(ge=1, le=1024)
    side: int = Field(ge=2, le=SIDE)
    codes: str
    at: tuple[float, float]

    @classmethod
    def of(cls, grid: PadGrid) -> "SavedGrid":
        """Convert a grid."""
        codes = base64.b64encode(grid.codes).decode("ascii")
        return cls(latent_size=grid.latent_size, side=grid.side, codes=codes, at=grid.at)

    def restore(self) -> PadGrid:
        """Return the grid. Raises ValueError if it could not be played."""
        return PadGrid(self.latent_size, self.side, unpack_bytes(self.codes), self.at)

    @model_validator(mode="after")
    def _playable(self) -> "SavedGrid":
        self.restore()
        return self


class SavedCurves(StrictModel):
    """The JSON form of ``HandleCurves``, without rounding. Curves that could not be played are refused."""

    latent_size: int = Field(ge=1, le=1024)
    values: str
    pins: str = ""

    @classmethod
    def of(cls, curves: HandleCurves) -> "SavedCurves":
        """Convert curves."""
        values, pins = (base64.b64encode(part).decode("ascii") for part in (curves.values, curves.pins))
        return cls(latent_size=curves.latent_size, values=values, pins=pins)

    def restore(self) -> HandleCurves:
        """Return the curves. Raises ValueError if they could not be played."""
        return HandleCurves(self.latent_size, unpack_bytes(self.values), unpack_bytes(self.pins) if self.pins else b"")

    @model_validator(mode="after")
    def _playable(self) -> "SavedCurves":
        self.restore()
        return self


StoredExactNote = Annotated[UserNote, stored_as(ExactNote)]
StoredGrid = Annotated[PadGrid, stored_as(SavedGrid)]
StoredCurves = Annotated[HandleCurves, stored_as(SavedCurves)]
