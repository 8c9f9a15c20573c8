"""PCA as a linear autoencoder, computed exactly; its latent vectors are whitened to unit variance."""

import torch
from torch import nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.nets.layers import linear_from
from synth_app.training.settings import PCA_DESCRIPTION, PCA_FIT, PCA_NAME, PCA_TITLE, FitSettings


class PcaNet(FrameNet):
    """One linear layer each way with computed weights."""

    def __init__(self, latent_size: int, axes: PrincipalAxes) -> None:
        super().__init__()
        self.encoder = nn.Sequential(linear_from(*map(torch.from_numpy, axes.whitening(latent_size))))
        self.decoder = nn.Sequential(linear_from(*map(torch.from_numpy, axes.unwhitening(latent_size))))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> PcaNet:
    del spec, fit
    return PcaNet(latent_size, axes)


PCA = Family(
    name=PCA_NAME,
    title=PCA_TITLE,
    description=PCA_DESCRIPTION,
    fit=lambda spec: PCA_FIT,
    build=_build,
)
