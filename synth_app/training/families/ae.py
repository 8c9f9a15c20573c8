"""AE: the reference study's shallow autoencoder, bins-latent-bins with a tanh code and a linear output."""

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family
from synth_app.training.families.dae import DaeNet
from synth_app.training.settings import FitSettings


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> DaeNet:
    del axes, fit
    return DaeNet(spec.bins, latent_size, hidden=())


FAMILY = Family(
    name="ae",
    title="Shallow autoencoder",
    description="The reference study's AE: no hidden layer but the code, which tanh keeps within -1 to 1.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
