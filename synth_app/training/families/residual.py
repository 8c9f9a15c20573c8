"""Residual VAE and DAE: a PCA path beside encoder and decoder, so that training starts at PCA's error."""

import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.nets.gaussian import clamp_log_variance, initialize_log_variance
from synth_app.training.nets.layers import Branches, linear_from, near_zero_linear, residual_layer
from synth_app.training.settings import FitSettings

WIDE_BINS = 800  # frames with more bins get the wider layers
MAX_LEARNING_RATE = 1.5e-3  # at 4e-3 the loss rises tenfold within an epoch


class ResidualNet(VariationalNet):
    """Encoder: whitened PCA + net. Decoder: PCA + net. Each net has pre-norm residual layers of two widths.

    Attributes:
        input_dropout: hides inputs from the net, not from the PCA path, in training. It is not exported.
    """

    def __init__(self, latent_size: int, axes: PrincipalAxes, beta: float, input_dropout: float = 0.0) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(input_dropout)
        self.beta = beta
        bins = len(axes.mean)
        wide, narrow = (512, 256) if bins > WIDE_BINS else (256, 128)
        self.body = nn.Sequential(
            nn.Linear(bins, wide), residual_layer(wide), nn.Linear(wide, narrow), residual_layer(narrow)
        )
        self.mean = near_zero_linear(narrow, latent_size)
        self.log_variance = near_zero_linear(narrow, latent_size)
        initialize_log_variance(self.log_variance)
        self.skip = linear_from(*map(torch.from_numpy, axes.whitening(latent_size)))
        self.encoder = nn.Sequential(Branches(nn.Sequential(self.skip), nn.Sequential(self.body, self.mean)))
        self.decoder = nn.Sequential(
            Branches(
                nn.Sequential(linear_from(*map(torch.from_numpy, axes.unwhitening(latent_size)))),
                nn.Sequential(
                    nn.Linear(latent_size, narrow),
                    residual_layer(narrow),
                    nn.Linear(narrow, wide),
                    residual_layer(wide),
                    near_zero_linear(wide, bins),
                ),
            )
        )

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latent vectors."""
        hidden = self.body(self.input_dropout(x))
        return self.skip(x) + self.mean(hidden), clamp_log_variance(self.log_variance(hidden))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> ResidualNet:
    del spec
    return ResidualNet(latent_size, axes, fit.beta, fit.input_dropout)


def _fit(spec: FrameSpec, beta: float = 1e-5) -> FitSettings:
    """Return few epochs of many frames: the net starts near its goal.

    At full band the number of epochs was chosen on the validation part. The net then trains on that part too, because
    the number of training instruments limits its error.
    """
    if spec.bins > WIDE_BINS:
        return FitSettings(epochs=18, patience=18, beta=beta, augment=0.8, retrain=True, precision="bfloat16")
    return FitSettings(epochs=40, patience=12, beta=beta, augment=0.8, precision="bfloat16")


RESIDUAL_VAE = Family(
    name="residual-vae",
    title="Residual VAE",
    description="Residual layers beside a PCA path in encoder and decoder, whitened Gaussian latent vector.",
    fit=_fit,
    build=_build,
    options=frozenset({"input_dropout"}),
    max_learning_rate=MAX_LEARNING_RATE,
)
RESIDUAL_DAE = Family(
    name="residual-dae",
    title="Residual autoencoder",
    description="Residual layers beside a PCA path in encoder and decoder, no prior on the latent vector.",
    fit=lambda spec: _fit(spec, beta=0.0),
    build=_build,
    options=frozenset({"input_dropout"}),
    max_learning_rate=MAX_LEARNING_RATE,
)
