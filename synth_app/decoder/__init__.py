"""Latent codes to magnitude frames at run time, in numpy alone."""

from synth_app.decoder.model import Model, load_model
from synth_app.decoder.network import Network
from synth_app.decoder.operations import Operations
from synth_app.decoder.refine import ROUNDS, refine

__all__ = ["ROUNDS", "Model", "Network", "Operations", "load_model", "refine"]
