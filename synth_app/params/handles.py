"""The handles by name, in the order of the window: sliders that each change one property of the sound."""

from dataclasses import dataclass

from synth_app.support.errors import UserError

HANDLE_REACH = 4.0  # steps to either side
ONSET_S = 0.035  # time constant of what bite counts as the attack
BITE_TILT = 0.1  # dB per octave around 1 kHz that each dB of bite adds
HANDLES_GROUP = "handles"  # of the parameters
_PREFIX = "handle_"


@dataclass(frozen=True)
class Handle:
    """One handle.

    Attributes:
        name: key in commands and files.
        label: name in the window.
        unit: of the descriptor that it moves.
        help: one sentence for the tooltip and the documentation.
    """

    name: str
    label: str
    unit: str
    help: str

    @property
    def target(self) -> str:
        """Its name among all that can be moved, in presets, automation and MIDI settings."""
        return _PREFIX + self.name


# Each is read off the spectrum of one frame and moves the latent vector; ``handles.Descriptors`` has the definitions.
SPECTRAL_HANDLES = (
    Handle("brightness", "Brightness", "st", "How high the middle of the spectrum lies, between body and air."),
    Handle("body", "Body", "dB", "How strong the low end is against the rest."),
    Handle("air", "Air", "dB", "How much there is above 5 kHz."),
    Handle("noise", "Noise", "dB", "How much lies between the partials."),
    Handle("hollow", "Hollow", "dB", "How strong the odd partials are against the even ones."),
    Handle("width", "Width", "st", "How widely the middle of the spectrum is spread."),
)
# Each is read off the latent path and is a parameter: ``handles.PathReader`` has the definitions.
BITE = Handle("bite", "Bite", "dB", "How loud and bright the attack is against what follows.")
MOVEMENT = Handle("movement", "Movement", "dB", "How much the spectrum moves while the key is held.")
PATH_HANDLES = (BITE, MOVEMENT)
HANDLES = (*SPECTRAL_HANDLES, *PATH_HANDLES)
_INDEX = {handle.name: i for i, handle in enumerate(HANDLES)}
_SPECTRAL_TARGETS = {handle.target: i for i, handle in enumerate(SPECTRAL_HANDLES)}


def handle_index(name: str) -> int:
    """Return the position of a handle in ``HANDLES``. Raises UserError for an unknown name."""
    if name not in _INDEX:
        raise UserError(f"no handle {name!r}; choose one of {', '.join(_INDEX)}")
    return _INDEX[name]


def spectral_handle(target: str) -> int | None:
    """Return the position in ``SPECTRAL_HANDLES`` of the handle that a target names; None for other targets."""
    return _SPECTRAL_TARGETS.get(target)
