"""How much work each frame of sound may cost, and what is given up first when time runs short."""

from dataclasses import dataclass
from enum import IntEnum

from synth_app.support.errors import UserError


@dataclass(frozen=True)
class Quality:
    """A setting of the frame grid and the phase stage.

    Attributes:
        name: as chosen by the user.
        overlap: n_fft over the distance of a voice's frames.
        shorten: n_fft over the audible part of a frame; the greater, the sooner a change is heard.
        stride: distances from one frame to the next: 2 halves the work.
        rounds: of fitting each frame to the sound before it.
        help: one line for the user.
    """

    name: str
    overlap: int
    shorten: int
    stride: int
    rounds: int
    help: str


QUALITIES: tuple[Quality, ...] = (
    Quality("eco", 8, 2, 2, 0, "Half the frames: most voices for the least work."),
    Quality("fast", 16, 4, 1, 0, "Short frames, twice as many: sliders answer soonest."),
    Quality("live", 8, 2, 1, 0, "The balance of sound, response and work."),
    Quality("studio", 8, 1, 1, 4, "Long frames, phases fitted to each other: cleanest sound, few voices."),
)
DEFAULT_QUALITY = "live"


class Relief(IntEnum):
    """What is given up while the machine is too slow, each step on top of the ones before."""

    NONE = 0
    NO_ROUNDS = 1  # studio sounds like live
    FEWER_FRAMES = 2  # every quality makes frames as seldom as eco
    FEWER_VOICES = 3  # the quietest voices end


def quality(name: str) -> Quality:
    """The quality of that name.

    Raises:
        UserError: there is none.
    """
    for each in QUALITIES:
        if each.name == name:
            return each
    raise UserError(f"no quality {name!r}; there are {', '.join(each.name for each in QUALITIES)}")
