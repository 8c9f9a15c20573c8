"""Latent sliders and the latent path."""
