"""synth_app: a desktop synthesizer whose oscillator is a learned latent space."""

import logging
from typing import TYPE_CHECKING

from synth_app.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from synth_app.decoder import Model
    from synth_app.export.instrument import Instrument, PlayedNote

__all__ = ["Instrument", "PlayedNote", "__version__", "load_model"]

# Without it, a process that sets up no log, such as a user's script, would print warnings as bare lines.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def load_model(path_or_name: "Path | str") -> "Model":
    """Load a model by file path or by name; see ``synth_app.decoder.Model`` for what it can do.

    Raises:
        UserError: there is none, or the file is damaged, foreign or newer than this program.
    """
    from synth_app.decoder import load_model as load  # here, so that importing the package stays free

    return load(path_or_name)


def __getattr__(name: str) -> object:
    """Import the classes of ``__all__`` when they are first used."""
    if name in ("Instrument", "PlayedNote"):
        from synth_app.export import instrument

        return getattr(instrument, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
