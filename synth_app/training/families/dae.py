"""DAE: the reference study's deep autoencoder, bins-128-latent-128-bins, tanh throughout but for a linear output."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.settings import FitSettings

HIDDEN = (128,)


class DaeNet(FrameNet):
    """Plain deep autoencoder with a bounded code.

    Args:
        bins: of a frame.
        latent_size: of the code.
        hidden: widths of the encoder's hidden layers, from the frame to the code; the decoder has them backwards.
    """

    def __init__(self, bins: int, latent_size: int, hidden: Sequence[int]) -> None:
        super().__init__()
        widths = (bins, *hidden, latent_size)
        self.encoder, self.decoder = nn.Sequential(), nn.Sequential()
        for n_in, n_out in pairwise(widths):
            self.encoder.extend((nn.Linear(n_in, n_out), nn.Tanh()))
        for n_in, n_out in pairwise(reversed(widths)):
            self.decoder.extend((nn.Linear(n_in, n_out), nn.Tanh()))
        del self.decoder[-1]  # the output is linear


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> DaeNet:
    del axes, fit
    return DaeNet(spec.bins, latent_size, HIDDEN)


FAMILY = Family(
    name="dae",
    title="Deep autoencoder",
    description="The reference study's DAE: one hidden layer of 128 each way, tanh, code within -1 to 1.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
