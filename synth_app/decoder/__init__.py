"""Latent codes to magnitude frames at run time, in numpy alone."""

from synth_app.decoder.model import Model, load_model
from synth_app.decoder.network import Network

__all__ = ["Model", "Network", "load_model"]
