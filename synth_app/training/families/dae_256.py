"""DAE of the reference study in the shape bins-256-latent-256-bins, fitted end to end."""

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family
from synth_app.training.families.dae import DaeNet
from synth_app.training.settings import FitSettings

HIDDEN = (256,)


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> DaeNet:
    del axes, fit
    return DaeNet(spec.bins, latent_size, HIDDEN)


FAMILY = Family(
    name="dae-256",
    title="Deep autoencoder 256",
    description="The reference study's DAE: one hidden layer of 256 each way, tanh, code within -1 to 1.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
