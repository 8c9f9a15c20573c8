"""The interface of a model family: how its nets are built, trained and exported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange, Op
from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.nets.export_ops import export_ops
from synth_app.training.nets.gaussian import kl_divergence, sample_gaussian
from synth_app.training.settings import FitSettings


class FrameNet(nn.Module):
    """Autoencoder of scaled frames [n, bins]. Families subclass it.

    Attributes:
        encoder: frames to latent vectors [n, latent], made of exportable layers (``training.nets.layers``).
        decoder: latent vectors to frames, made of exportable layers.
        paired: whether ``batch_loss`` needs the frames of the same instrument at another pitch.
        key_range: keys of the pitch tables of a pitch-conditioned net; None for other nets.
        window: consecutive frames in a training sequence. With 1, frames are independent. Nets with more train on
            [sequences, window, bins] and also accept [n, bins], one sequence.
        pretraining: fraction of the epochs before the whole net is trained.
        renamed_parameters: prefixes of parameter names in checkpoints of earlier versions, to the present ones.
    """

    encoder: nn.Sequential
    decoder: nn.Sequential
    paired = False
    key_range: KeyRange | None = None
    window: int = 1
    pretraining: float = 0.0
    renamed_parameters: ClassVar[Mapping[str, str]] = {}

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Encode frames [n, bins] to latent vectors [n, latent], without sampling; ``pitch`` is MIDI [n]."""
        del pitch
        z: Tensor = self.encoder(x)
        return z

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Decode latent vectors [n, latent] to frames [n, bins] at the given MIDI pitches [n]."""
        del pitch
        x: Tensor = self.decoder(z)
        return x

    def begin_epoch(self, done: float) -> None:
        """Prepare for an epoch; ``done`` is the fraction of all epochs done, 0-1. For nets trained in stages."""
        del done

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return the loss of frames [n, bins]: by default the squared error averaged over bins and frames."""
        del generator
        return nn.functional.mse_loss(self.decode(self.encode(x)), x)

    def validation_error(self, decoded: Tensor, x: Tensor) -> Tensor:
        """Return the error that chooses the best epoch, of decoded frames, times the number of their values.

        By default it is the sum of squared errors in float64. Nets with another objective return that.
        """
        return (decoded - x).square().sum(dtype=torch.float64)

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Return the loss of one training step: by default ``loss`` of the augmented frames."""
        return self.loss(augment(batch.x, generator), generator)

    def export(self) -> tuple[tuple[Op, ...], tuple[Op, ...], dict[str, Tensor]]:
        """Return the operations of encoder and decoder, and their tensors by name."""
        tensors: dict[str, Tensor] = {}
        return export_ops(self.encoder, "encoder", tensors), export_ops(self.decoder, "decoder", tensors), tensors


class VariationalNet(FrameNet):
    """FrameNet with a Gaussian posterior over latent vectors.

    Attributes:
        beta: weight of the KL divergence from N(0, I). The KL divergence is summed over latent dimensions, the squared
            error is averaged over bins.
    """

    beta: float

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance [n, latent] of the latent vectors of frames [n, bins]."""
        raise NotImplementedError

    def error(self, z: Tensor, x: Tensor) -> Tensor:
        """Return the squared error of latent vectors [n, latent] decoded, averaged over bins and frames."""
        return nn.functional.mse_loss(self.decode(z), x)

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return the negative evidence lower bound (Higgins et al. 2017, eq. 4). With beta 0 nothing is sampled."""
        mean, log_variance = self.posterior(x)
        z = sample_gaussian(mean, log_variance, generator) if self.beta else mean
        return self.regularized(self.error(z, x), mean, log_variance)

    def regularized(self, error: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Add the weighted KL divergence of the posterior to a reconstruction error."""
        return error + self.beta * kl_divergence(mean, log_variance) if self.beta else error


@dataclass(frozen=True)
class Family:
    """One family of models.

    Attributes:
        name: as given to ``--family`` and stored in model cards.
        title: name for people.
        description: one or two sentences.
        fit: default training settings for a frame specification.
        build: (spec, latent_size, principal axes of the training frames, settings) to an untrained net. Initial weights
            come from torch's global generator.
        options: settings of ``FitSettings.OPTIONAL`` that this family uses; other families refuse them.
        max_learning_rate: highest rate that a grid's budget may set.
    """

    name: str
    title: str
    description: str
    fit: Callable[[FrameSpec], FitSettings]
    build: Callable[[FrameSpec, int, PrincipalAxes, FitSettings], FrameNet]
    options: frozenset[str] = frozenset()
    max_learning_rate: float = 1.0
