"""The reference study's fully connected autoencoders: AE, three shapes of the DAE, and layer-wise training."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.settings import FitSettings

_PRETRAINING = 0.5  # fraction of the epochs, in equal parts for every pair of layers; the rest tunes all layers


class DenseNet(FrameNet):
    """Autoencoder of tanh layers with a linear output and latent values within -1 to 1.

    Args:
        bins: size of a frame.
        latent_size: size of a latent vector.
        hidden: widths of the encoder's hidden layers from the frame to the latent vector. The decoder mirrors them.
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


class LayerwiseNet(DenseNet):
    """DenseNet trained pair by pair of layers from the outside in, then as a whole.

    Each pair of layers learns to reconstruct its own input (Hinton & Salakhutdinov 2006, with autoencoders instead of
    Boltzmann machines, as in Bengio et al. 2007).
    """

    pretraining = _PRETRAINING

    def __init__(self, bins: int, latent_size: int, hidden: Sequence[int]) -> None:
        super().__init__(bins, latent_size, hidden)
        self._pairs = len(hidden) + 1
        self._pair: int | None = 0

    def begin_epoch(self, done: float) -> None:
        """Select the pair of layers to train in this epoch, or all of them."""
        pair = int(done * self._pairs / _PRETRAINING + 1e-9)  # 1e-9: a third of 30 epochs is ten of them
        self._pair = pair if pair < self._pairs else None

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return the squared error of the selected pair of layers on its input, or of the whole net."""
        if self._pair is None:
            return super().loss(x, generator)
        with torch.no_grad():
            target = self.encoder[: 2 * self._pair](x)
        hidden = self.encoder[2 * self._pair : 2 * self._pair + 2](target)
        mirror = len(self.decoder) - 1 - 2 * self._pair  # the decoder layer that mirrors the encoder's
        return nn.functional.mse_loss(self.decoder[mirror : mirror + 2](hidden), target)


def _builder(
    net: type[DenseNet], hidden: tuple[int, ...]
) -> Callable[[FrameSpec, int, PrincipalAxes, FitSettings], FrameNet]:
    return lambda spec, latent_size, axes, fit: net(spec.bins, latent_size, hidden)


def _fit(spec: FrameSpec) -> FitSettings:
    del spec
    return FitSettings(epochs=40, patience=15, frames_per_note=40)


AE = Family(
    name="ae",
    title="Shallow autoencoder",
    description="The reference study's AE: no hidden layer, a tanh latent vector within -1 to 1, a linear output.",
    fit=_fit,
    build=_builder(DenseNet, ()),
)
DAE = Family(
    name="dae",
    title="Deep autoencoder",
    description="The reference study's DAE: one hidden layer of 128 each way, tanh, latent values within -1 to 1.",
    fit=_fit,
    build=_builder(DenseNet, (128,)),
)
DAE_256 = Family(
    name="dae-256",
    title="Deep autoencoder 256",
    description="The reference study's DAE: one hidden layer of 256 each way, tanh, latent values within -1 to 1.",
    fit=_fit,
    build=_builder(DenseNet, (256,)),
)
DAE_256_128 = Family(
    name="dae-256-128",
    title="Deep autoencoder 256-128",
    description="The reference study's DAE: hidden layers of 256 and 128 each way, tanh, latent values within -1 to 1.",
    fit=_fit,
    build=_builder(DenseNet, (256, 128)),
)
DAE_LAYERWISE = Family(
    name="dae-layerwise",
    title="Deep autoencoder, layer by layer",
    description="The reference study's DAE 256-128, its layers trained pair by pair, then together.",
    fit=_fit,
    build=_builder(LayerwiseNet, (256, 128)),
)
