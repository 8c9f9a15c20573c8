"""The sliders of the latent vector, and the latent path over time."""
