"""DAE: the reference study's deep autoencoder, bins-128-latent-128-bins, tanh throughout but for a linear output."""

from torch import nn

from synth_app.spectrum import FrameSpec
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.principal import PrincipalAxes
from synth_app.training.settings import FitSettings

HIDDEN = 128


class DaeNet(FrameNet):
    """Plain deep autoencoder with a bounded code."""

    def __init__(self, bins: int, latent_size: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(bins, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, latent_size), nn.Tanh())
        self.decoder = nn.Sequential(nn.Linear(latent_size, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, bins))


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> DaeNet:
    del axes, fit
    return DaeNet(spec.bins, latent_size)


FAMILY = Family(
    name="dae",
    title="Deep autoencoder",
    description="The reference study's DAE: one hidden layer of 128 each way, tanh, code within -1 to 1.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
