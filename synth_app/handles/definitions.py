"""The handles by name, in the order of the window."""

from dataclasses import dataclass

from synth_app.support.errors import UserError


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


# Each is read off the spectrum of one frame; ``Descriptors`` has their definitions.
SPECTRAL_HANDLES = (
    Handle("brightness", "Brightness", "st", "How high the middle of the spectrum lies, between body and air."),
    Handle("body", "Body", "dB", "How strong the low end is against the rest."),
    Handle("air", "Air", "dB", "How much there is above 5 kHz."),
    Handle("noise", "Noise", "dB", "How much lies between the partials."),
    Handle("hollow", "Hollow", "dB", "How strong the odd partials are against the even ones."),
    Handle("width", "Width", "st", "How widely the middle of the spectrum is spread."),
)
HANDLES = SPECTRAL_HANDLES
_INDEX = {handle.name: i for i, handle in enumerate(SPECTRAL_HANDLES)}


def handle_index(name: str) -> int:
    """Return the position of a handle in ``SPECTRAL_HANDLES``. Raises UserError for an unknown name."""
    if name not in _INDEX:
        raise UserError(f"no handle {name!r}; choose one of {', '.join(_INDEX)}")
    return _INDEX[name]
