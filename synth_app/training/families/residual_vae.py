"""Residual VAE: a PCA path beside encoder and decoder, so that the net starts at PCA and only gets better."""

import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.families.vae import FIRST_LOG_VARIANCE, LOG_VARIANCE_RANGE
from synth_app.training.nets.layers import Branches, FullPrecision, ResidualBlock, gelu, linear_from
from synth_app.training.settings import FitSettings

_SMALL = 0.01  # scale of the last layers' first weights: near nothing, yet the gradient flows
WIDE_BINS = 800  # frames of more bins get the wider layers


class ResidualNet(VariationalNet):
    """Encoder = whitened PCA + net, decoder = PCA + net; each net two widths of pre-norm residual layers.

    Attributes:
        blind: hides inputs from the net, not from the PCA path, while training; no part of the exported encoder.
    """

    def __init__(self, latent_size: int, axes: PrincipalAxes, beta: float, input_dropout: float = 0.0) -> None:
        super().__init__()
        self.blind = nn.Dropout(input_dropout)
        self.beta = beta
        bins = len(axes.mean)
        wide, narrow = (512, 256) if bins > WIDE_BINS else (256, 128)
        self.body = nn.Sequential(nn.Linear(bins, wide), block(wide), nn.Linear(wide, narrow), block(narrow))
        self.mean = small(narrow, latent_size)
        self.log_variance = small(narrow, latent_size)
        with torch.no_grad():
            self.log_variance.bias.fill_(FIRST_LOG_VARIANCE)
        self.skip = linear_from(*map(torch.from_numpy, axes.whitening(latent_size)))
        self.encoder = nn.Sequential(Branches(nn.Sequential(self.skip), nn.Sequential(self.body, self.mean)))
        self.decoder = nn.Sequential(
            Branches(
                nn.Sequential(linear_from(*map(torch.from_numpy, axes.unwhitening(latent_size)))),
                nn.Sequential(
                    nn.Linear(latent_size, narrow),
                    block(narrow),
                    nn.Linear(narrow, wide),
                    block(wide),
                    small(wide, bins),
                ),
            )
        )

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the codes."""
        hidden = self.body(self.blind(x))
        return self.skip(x) + self.mean(hidden), self.log_variance(hidden).clamp(*LOG_VARIANCE_RANGE)


def block(width: int) -> ResidualBlock:
    """A pre-norm residual layer."""
    return ResidualBlock(nn.LayerNorm(width), nn.Linear(width, width), gelu())


def small(n_in: int, n_out: int) -> FullPrecision:
    """A last layer that starts near nothing."""
    layer = FullPrecision(n_in, n_out)
    with torch.no_grad():
        layer.weight.mul_(_SMALL)
        layer.bias.zero_()
    return layer


def build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> ResidualNet:
    """A net at its start: PCA, but for rounding and the small last layers."""
    del spec
    return ResidualNet(latent_size, axes, fit.beta, fit.input_dropout)


def fit_settings(spec: FrameSpec, beta: float = 1e-5) -> FitSettings:
    """Few, large epochs: the net starts near its goal.

    At full band their number was chosen on the validation part, which the net then learns from as well: what limits it
    is the number of instruments it has seen.
    """
    if spec.bins > WIDE_BINS:
        return FitSettings(epochs=18, patience=18, beta=beta, augment=0.8, refit=True, precision="bfloat16")
    return FitSettings(epochs=40, patience=12, beta=beta, augment=0.8, precision="bfloat16")


FAMILY = Family(
    name="residual-vae",
    title="Residual VAE",
    description="Residual layers beside a PCA path in encoder and decoder, whitened Gaussian code.",
    fit=fit_settings,
    build=build,
)
