"""Which MIDI is listened to: the port, and how its channels are understood."""

from dataclasses import dataclass
from typing import Literal

from synth_app.support.errors import UserError

MidiMode = Literal["all", "channel", "mpe"]


@dataclass(frozen=True)
class MidiSettings:
    """What the user chose.

    Attributes:
        port: name of one port; None for all that there are; "" for none.
        mode: "all" channels, each with its own bend and pedal, zones as a device configures them; one "channel";
            "mpe": one lower zone of fifteen members until a device says otherwise.
        channel: the one to listen to in mode "channel", 0-15.
    """

    port: str | None = None
    mode: MidiMode = "all"
    channel: int = 0

    def __post_init__(self) -> None:
        """Refuse a channel that MIDI does not have."""
        if not 0 <= self.channel <= 15:
            raise UserError(f"MIDI channel {self.channel + 1}; there are 1 to 16")


def midi_channel(number: int) -> MidiSettings:
    """Settings for one channel, counted from 1 as on devices. Raises UserError outside 1-16."""
    return MidiSettings(mode="channel", channel=number - 1)
