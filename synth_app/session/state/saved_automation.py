"""A recorded gesture as JSON: its curves as base64 of half-precision numbers."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synth_app.patch import Automation, AutomationCurve
from synth_app.session.state.saved_notes import packed, unpacked


class SavedAutomation(BaseModel):
    """A ``Automation``; refused when it could not be played."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    curves: dict[str, str] = Field(min_length=1)  # by target
    playing: bool = True
    looping: bool = True
    with_keys: bool = True

    @classmethod
    def of(cls, moves: Automation | None) -> "SavedAutomation | None":
        """The gesture as JSON keeps it, exactly; None for none."""
        if moves is None:
            return None
        curves = {curve.target: packed(curve.array()) for curve in moves.curves}
        return cls(curves=curves, playing=moves.playing, looping=moves.looping, with_keys=moves.with_keys)

    def moves(self) -> Automation:
        """The gesture."""
        curves = tuple(AutomationCurve(target, unpacked(values)) for target, values in self.curves.items())
        return Automation(curves, self.playing, self.looping, self.with_keys)

    @model_validator(mode="after")
    def _playable(self) -> "SavedAutomation":
        self.moves()
        return self
