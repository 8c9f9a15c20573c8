"""Pitched VAE: a residual VAE that is told the pitch, so that its code is the timbre and any key can play it."""

import torch
from torch import Tensor

from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family
from synth_app.training.families.pitch_conditioned import PitchConditionedNet
from synth_app.training.settings import FitSettings

DECODER, FREE_COMBS = (256, 256), 2


class PitchedNet(PitchConditionedNet):
    """Learns from pairs: what depends on the pitch leaves the code.

    The loss is that of the frame itself plus that of its pair: the code decoded at another pitch, beside what the same
    instrument really plays there.
    """

    paired = True

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Negative evidence bound with the squared error of frame and pair, half and half."""
        x, other, moved = augment.both(batch.x, batch.other, generator)
        pitch, other_pitch = batch.pitch + moved, batch.other_pitch + moved
        self.tell(pitch)
        mean, log_variance = self.posterior(x)
        z = mean + torch.randn(mean.shape, generator=generator, device=mean.device) * torch.exp(0.5 * log_variance)
        self.tell(torch.cat([pitch, other_pitch]))
        error = self.error(torch.cat([z, z]), torch.cat([x, other]))
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1).mean()
        return error + self.beta * divergence


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> PitchedNet:
    return PitchedNet(spec, latent_size, axes, fit.beta, DECODER, FREE_COMBS, fit.width, fit.members)


FAMILY = Family(
    name="pitched-vae",
    title="Pitched VAE",
    description="Residual VAE whose code is the timbre alone: encoder and decoder are told the pitch, "
    "and learn from pairs of the same instrument at two pitches.",
    fit=lambda spec: FitSettings(
        epochs=16, patience=16, batch_size=1024, learning_rate=1.4e-3, beta=5e-5, frames_per_note=40, augment=0.8,
        mix=0.4, refit=True, precision="bfloat16",
    ),
    build=_build,
)  # fmt: skip
