"""VAE: the reference study's variational autoencoder, bins-128-latent-128-bins with a Gaussian posterior."""

from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.nets.gaussian import clamp_log_variance, initialize_log_variance
from synth_app.training.settings import FitSettings

_HIDDEN = 128


class VaeNet(VariationalNet):
    """One tanh hidden layer each way around a Gaussian latent vector."""

    def __init__(self, bins: int, latent_size: int, beta: float) -> None:
        super().__init__()
        self.beta = beta
        self.body = nn.Sequential(nn.Linear(bins, _HIDDEN), nn.Tanh())
        self.mean = nn.Linear(_HIDDEN, latent_size)
        self.log_variance = nn.Linear(_HIDDEN, latent_size)
        initialize_log_variance(self.log_variance)
        self.encoder = nn.Sequential(self.body, self.mean)
        self.decoder = nn.Sequential(nn.Linear(latent_size, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, bins))

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latent vectors."""
        hidden = self.body(x)
        return self.mean(hidden), clamp_log_variance(self.log_variance(hidden))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> VaeNet:
    del axes
    return VaeNet(spec.bins, latent_size, fit.beta)


VAE = Family(
    name="vae",
    title="Variational autoencoder",
    description="The reference study's VAE: one hidden layer of 128 each way, tanh, Gaussian latent vector.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40, beta=1e-5),
    build=_build,
)
