"""VAE: the reference study's variational autoencoder, bins-128-latent-128-bins with a Gaussian code."""

import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.settings import FitSettings

HIDDEN = 128
# Log variances are kept within these by a clamp: exp stays finite whatever the weights.
LOG_VARIANCE_RANGE = (-14.0, 4.0)
FIRST_LOG_VARIANCE = -4.0


class VaeNet(VariationalNet):
    """One tanh layer each way around a Gaussian code."""

    def __init__(self, bins: int, latent_size: int, beta: float) -> None:
        super().__init__()
        self.beta = beta
        self.body = nn.Sequential(nn.Linear(bins, HIDDEN), nn.Tanh())
        self.mean = nn.Linear(HIDDEN, latent_size)
        self.log_variance = nn.Linear(HIDDEN, latent_size)
        with torch.no_grad():
            self.log_variance.bias.fill_(FIRST_LOG_VARIANCE)
        self.encoder = nn.Sequential(self.body, self.mean)
        self.decoder = nn.Sequential(nn.Linear(latent_size, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, bins))

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the codes."""
        hidden = self.body(x)
        return self.mean(hidden), self.log_variance(hidden).clamp(*LOG_VARIANCE_RANGE)


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> VaeNet:
    del axes
    return VaeNet(spec.bins, latent_size, fit.beta)


FAMILY = Family(
    name="vae",
    title="Variational autoencoder",
    description="The reference study's VAE: one hidden layer of 128 each way, tanh, Gaussian code.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40, beta=1e-5),
    build=_build,
)
