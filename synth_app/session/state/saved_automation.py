"""Automation as JSON: its curves as base64 of half-precision numbers."""

from typing import Annotated

from pydantic import Field, model_validator

from synth_app.patch import Automation, AutomationCurve
from synth_app.session.state.json_files import StrictModel
from synth_app.session.state.saved_note import pack_half, unpack_half
from synth_app.session.state.stored_as import stored_as


class SavedAutomation(StrictModel):
    """The JSON form of an ``Automation``. One that could not be played is refused.

    Attributes:
        curves: for each target the values of its curve, as ``pack_half`` writes them.
        playing, looping, with_keys: as in ``Automation``.
    """

    curves: dict[str, str] = Field(min_length=1)
    playing: bool = True
    looping: bool = True
    with_keys: bool = True

    @classmethod
    def of(cls, automation: Automation) -> "SavedAutomation":
        """Convert automation; nothing is rounded, since curves have half precision in memory, too."""
        curves = {curve.target: pack_half(curve.array()) for curve in automation.curves}
        return cls(
            curves=curves,
            playing=automation.playing,
            looping=automation.looping,
            with_keys=automation.with_keys,
        )

    def restore(self) -> Automation:
        """Return the automation. Raises ValueError if it could not be played."""
        curves = tuple(AutomationCurve(target, unpack_half(values)) for target, values in self.curves.items())
        return Automation(curves, self.playing, self.looping, self.with_keys)

    @model_validator(mode="after")
    def _playable(self) -> "SavedAutomation":
        self.restore()
        return self


StoredAutomation = Annotated[Automation, stored_as(SavedAutomation)]
