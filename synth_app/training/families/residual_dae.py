"""Residual DAE: the residual VAE without chance, its code free of any prior."""

from synth_app.training.families.base import Family
from synth_app.training.families.residual_vae import build, fit_settings

FAMILY = Family(
    name="residual-dae",
    title="Residual autoencoder",
    description="Residual layers beside a PCA path in encoder and decoder, no prior on the code.",
    fit=lambda spec: fit_settings(spec, beta=0.0),
    build=build,
)
