"""The texture in slot S as JSON: its arrays as base64, exact."""

import base64
from typing import Annotated

from pydantic import Field, model_validator

from synth_app.patch import StyleTexture
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.saved_note import unpack_bytes
from synth_app.session.state.stored_as import stored_as


class SavedStyle(StrictModel):
    """The JSON form of a ``StyleTexture``. One that could not be used is refused."""

    name: str = Field(max_length=256)
    frames_per_second: float
    highest_hz: float
    moving_db: str
    audible: str
    step: float

    @classmethod
    def of(cls, texture: StyleTexture) -> "SavedStyle":
        """Convert a texture."""
        moving, audible = (base64.b64encode(raw).decode("ascii") for raw in (texture.moving_db, texture.audible))
        return cls(
            name=texture.name[:256],
            frames_per_second=texture.frames_per_second,
            highest_hz=texture.highest_hz,
            moving_db=moving,
            audible=audible,
            step=texture.step,
        )

    def restore(self) -> StyleTexture:
        """Return the texture. Raises ValueError if it could not be used."""
        return StyleTexture(
            self.name, self.frames_per_second, self.highest_hz, unpack_bytes(self.moving_db),
            unpack_bytes(self.audible), self.step,
        )  # fmt: skip

    @model_validator(mode="after")
    def _usable(self) -> "SavedStyle":
        self.restore()
        return self


StoredStyle = Annotated[StyleTexture, stored_as(SavedStyle)]
