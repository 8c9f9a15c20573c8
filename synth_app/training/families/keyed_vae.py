"""Keyed VAE: a residual VAE that is told the key of every note, so that its code need not hold where partials lie."""

import torch
from torch import Tensor

from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family
from synth_app.training.families.pitch_conditioned import PitchConditionedNet
from synth_app.training.families.residual_vae import WIDE_BINS
from synth_app.training.settings import FitSettings

DECODER, FREE_COMBS = (256, 512), 2


class KeyConditionedNet(PitchConditionedNet):
    """Learns single frames, each with its pitch; nothing drives the pitch out of the code, as pairs would."""

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Negative evidence bound of the altered frames; a stretched frame has another pitch."""
        x, _, moved = augment.both(batch.x, batch.x, generator)
        self.tell(batch.pitch + moved)
        return self.loss(x, generator)


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> KeyConditionedNet:
    return KeyConditionedNet(spec, latent_size, axes, fit.beta, DECODER, FREE_COMBS, fit.width, fit.members)


def _fit(spec: FrameSpec) -> FitSettings:
    if spec.bins > WIDE_BINS:
        return FitSettings(
            epochs=10, patience=10, beta=1e-5, frames_per_note=60, augment=0.8, refit=True, precision="bfloat16"
        )
    return FitSettings(
        epochs=28, patience=28, learning_rate=1.5e-3, beta=1e-5, frames_per_note=48, augment=0.8, precision="bfloat16"
    )


FAMILY = Family(
    name="keyed-vae",
    title="Keyed VAE",
    description="Residual VAE that is told the key of every note: combs belong to keys, envelopes to codes.",
    fit=_fit,
    build=_build,
)
