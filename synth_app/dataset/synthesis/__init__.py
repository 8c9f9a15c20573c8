"""Synthesised notes: random instruments, for timbres that no SoundFont has."""

from synth_app.dataset.synthesis.render import render_synthesis

__all__ = ["render_synthesis"]
