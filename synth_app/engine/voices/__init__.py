"""Voices: allocation, latent paths, sustain loops and modulation."""
