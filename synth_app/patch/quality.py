"""Quality settings: the work per frame, and the order in which an overloaded engine gives up quality."""

from dataclasses import dataclass
from enum import IntEnum

from synth_app.support.errors import UserError


@dataclass(frozen=True)
class Quality:
    """A setting of the frame grid and of phase reconstruction.

    Attributes:
        name: as chosen by the user.
        overlap: n_fft divided by the distance of a voice's frames.
        shorten: n_fft divided by the audible part of a frame; larger values respond faster.
        stride: distances from one frame to the next; 2 halves the work.
        iterations: iterations that fit each frame to the earlier output; 0 for none.
        help: one sentence for the tooltip.
    """

    name: str
    overlap: int
    shorten: int
    stride: int
    iterations: int
    help: str


QUALITIES: tuple[Quality, ...] = (
    Quality("eco", 8, 2, 2, 0, "Half the frames: most voices for the least work."),
    Quality("fast", 16, 4, 1, 0, "Short frames, twice as many: the fastest response to sliders."),
    Quality("live", 8, 2, 1, 0, "A balance of sound quality, response and work."),
    Quality("studio", 8, 1, 1, 4, "Long frames with fitted phases: the cleanest sound, few voices."),
)
DEFAULT_QUALITY = "live"


class Relief(IntEnum):
    """What the engine gives up while the computer is too slow; each step includes the ones before."""

    NONE = 0
    NO_ITERATIONS = 1  # studio sounds like live
    FEWER_FRAMES = 2  # every quality makes as few frames as eco
    FEWER_VOICES = 3  # the quietest voices end


def quality(name: str) -> Quality:
    """Return the quality of that name.

    Raises:
        UserError: there is no such quality.
    """
    for each in QUALITIES:
        if each.name == name:
            return each
    raise UserError(f"no quality {name!r}; there are {', '.join(each.name for each in QUALITIES)}")
