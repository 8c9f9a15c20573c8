"""Latent codes to magnitude frames at run time, in numpy alone."""

from synth_app.decoder.model import Model, load_model
from synth_app.decoder.network import Network
from synth_app.decoder.operations import Operations

__all__ = ["Model", "Network", "Operations", "load_model"]
