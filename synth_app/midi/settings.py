"""Settings of the MIDI input: the port, and how its channels are interpreted."""

from dataclasses import dataclass
from typing import Literal

from synth_app.support.errors import UserError

MidiMode = Literal["all", "channel", "mpe"]


@dataclass(frozen=True)
class MidiSettings:
    """Settings of the MIDI input.

    Attributes:
        port: name of one port; None for all ports; "" for none.
        mode: "all": all channels, each with its own bend and pedal, and MPE zones as a device configures them.
            "channel": one channel. "mpe": one lower zone of 15 members until a device configures others.
        channel: 0-15, the channel of mode "channel".
    """

    port: str | None = None
    mode: MidiMode = "all"
    channel: int = 0

    def __post_init__(self) -> None:
        """Check the channel."""
        if not 0 <= self.channel <= 15:
            raise UserError(f"MIDI channel {self.channel + 1} does not exist; choose 1 to 16")


def midi_channel(number: int) -> MidiSettings:
    """Return settings for one channel, counted from 1 as on devices. Raises UserError outside 1-16."""
    return MidiSettings(mode="channel", channel=number - 1)
