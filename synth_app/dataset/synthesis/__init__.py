"""Notes from our own synthesis: instruments drawn at random, for timbres that no SoundFont holds."""

from synth_app.dataset.synthesis.render import render_synthesis

__all__ = ["render_synthesis"]
