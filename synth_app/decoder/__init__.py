"""Latent vectors to magnitude frames at run time, with numpy alone."""

from synth_app.decoder.latent_optimization import GAUSS_NEWTON_STEPS, optimize_latents
from synth_app.decoder.model import Model, load_model
from synth_app.decoder.network import Network
from synth_app.decoder.operations import Operations

__all__ = ["GAUSS_NEWTON_STEPS", "Model", "Network", "Operations", "load_model", "optimize_latents"]
