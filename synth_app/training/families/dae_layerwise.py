"""DAE fitted layer by layer: each pair of layers learns to rebuild its own input, then all are tuned together."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family
from synth_app.training.families.dae import DaeNet
from synth_app.training.families.dae_256_128 import HIDDEN
from synth_app.training.settings import FitSettings

PRETRAINING = 0.5  # of the epochs, in equal parts for every pair of layers; the rest tunes all of them


class LayerwiseNet(DaeNet):
    """A DAE whose loss is, in turn, that of each pair of layers from the outside in, and of the whole (Hinton &
    Salakhutdinov 2006, with autoencoders for the machines, as Bengio et al. 2007)."""

    pretraining = PRETRAINING

    def __init__(self, bins: int, latent_size: int, hidden: Sequence[int]) -> None:
        super().__init__(bins, latent_size, hidden)
        self._pairs = len(hidden) + 1
        self._pair: int | None = 0

    def begin_epoch(self, done: float) -> None:
        """Turn to the pair of layers whose epochs these are, or to all of them."""
        pair = int(done * self._pairs / PRETRAINING + 1e-9)  # 1e-9: a third of 30 epochs is ten of them
        self._pair = pair if pair < self._pairs else None

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Squared error of what the present pair of layers makes of its input, or of the whole net."""
        if self._pair is None:
            return super().loss(x, generator)
        with torch.no_grad():
            given = self.encoder[: 2 * self._pair](x)
        code = self.encoder[2 * self._pair : 2 * self._pair + 2](given)
        first = len(self.decoder) - 1 - 2 * self._pair  # of the decoder's layers, the one that mirrors the encoder's
        made = self.decoder[first : first + 2](code)
        return nn.functional.mse_loss(made, given)


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> LayerwiseNet:
    del axes, fit
    return LayerwiseNet(spec.bins, latent_size, HIDDEN)


FAMILY = Family(
    name="dae-layerwise",
    title="Deep autoencoder, layer by layer",
    description="The reference study's DAE 256-128 with its layers fitted one pair after the other, then together.",
    fit=lambda spec: FitSettings(epochs=40, patience=15, frames_per_note=40),
    build=_build,
)
