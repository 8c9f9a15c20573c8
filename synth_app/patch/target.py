"""Names of what can be moved: a parameter, a handle, a latent dimension, a pad coordinate, a property of each voice.

Only this module defines these names. Presets, sessions and MIDI settings store them as text.
"""

import re
from dataclasses import dataclass

from synth_app.params import PARAMS, SPECTRAL_HANDLES, ParamSpec, param
from synth_app.params.handles import spectral_handle
from synth_app.support.errors import UserError

PAD_X, PAD_Y = "pad_x", "pad_y"
PAD_NAMES = (PAD_X, PAD_Y)
VOICE_NAMES = ("gain", "pan", "tilt", "pitch")  # modulation moves them for each voice; no control shows them
MAX_DIMENSIONS = 999
_LATENT_NAME = re.compile(r"z([1-9][0-9]{0,2})")  # ASCII digits, no leading zero: one name for each dimension


@dataclass(frozen=True)
class Target:
    """One thing that can be moved.

    Attributes:
        name: ``z1``, ``z2``, ... for latent dimensions, the name of a parameter, ``handle_brightness`` and so on for
            handles, ``pad_x``, ``pad_y``, or one of ``VOICE_NAMES``.

    Raises:
        UserError: nothing has this name. ``z0``, ``z01``, ``z-1``, ``Z1`` and digits outside ASCII are refused.
    """

    name: str

    def __post_init__(self) -> None:
        """Refuse a name that nothing has, and list the names that exist."""
        others = (*PAD_NAMES, *VOICE_NAMES, *(handle.target for handle in SPECTRAL_HANDLES))
        if self.dimension is None and self.name not in others and self.spec is None:
            allowed = (*others, *(spec.name for spec in PARAMS))
            raise UserError(
                f"no target {self.name!r}; use z1 to z{MAX_DIMENSIONS} for a latent dimension, or one "
                f"of {', '.join(allowed)}"
            )

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Return the target that ``text`` names. ``Target.parse(str(target)) == target``. Raises as the class."""
        return cls(text)

    @classmethod
    def latent(cls, dim: int) -> "Target":
        """Return the target of a latent dimension, counted from 0. Raises UserError below 0 or beyond the limit."""
        return cls(f"z{dim + 1}")

    @property
    def dimension(self) -> int | None:
        """The latent dimension, counted from 0; None for other targets."""
        return latent_dimension(self.name)

    @property
    def handle(self) -> int | None:
        """The position in ``SPECTRAL_HANDLES`` of a handle that moves the latent vector; None for other targets."""
        return spectral_handle(self.name)

    @property
    def spec(self) -> ParamSpec | None:
        """The parameter; None for other targets."""
        return param(self.name) if PARAMS.has(self.name) else None

    def __str__(self) -> str:
        return self.name


def latent_dimension(text: str) -> int | None:
    """Return the latent dimension that ``text`` names, counted from 0; None where it names no dimension.

    For text that may name something else, such as a lock. It never raises.
    """
    found = _LATENT_NAME.fullmatch(text)
    return int(found[1]) - 1 if found else None
