"""A recorded gesture as JSON: its curves as base64 of half-precision numbers."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synth_app.patch import MoveCurve, Moves
from synth_app.session.state.saved_notes import packed, unpacked


class SavedMoves(BaseModel):
    """A ``Moves``; refused when it could not be played."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    curves: dict[str, str] = Field(min_length=1)  # by target
    playing: bool = True
    looping: bool = True
    with_keys: bool = True

    @classmethod
    def of(cls, moves: Moves | None) -> "SavedMoves | None":
        """The gesture as JSON keeps it, exactly; None for none."""
        if moves is None:
            return None
        curves = {curve.target: packed(curve.array()) for curve in moves.curves}
        return cls(curves=curves, playing=moves.playing, looping=moves.looping, with_keys=moves.with_keys)

    def moves(self) -> Moves:
        """The gesture."""
        curves = tuple(MoveCurve(target, unpacked(values)) for target, values in self.curves.items())
        return Moves(curves, self.playing, self.looping, self.with_keys)

    @model_validator(mode="after")
    def _playable(self) -> "SavedMoves":
        self.moves()
        return self
