"""What a family of models is: the one interface through which nets are built, fitted and exported."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange, Op
from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.nets.export_ops import export_ops
from synth_app.training.settings import FitSettings


class FrameNet(nn.Module):
    """An autoencoder of scaled frames [n, bins]; a family subclasses it.

    Attributes:
        encoder: frames to codes [n, latent], of exportable layers (``training.layers``).
        decoder: codes to frames, likewise.
        paired: whether ``batch_loss`` needs the frames at another pitch.
        key_range: keys of its pitch tables, for a net that takes the pitch.
        window: consecutive frames that are learned from together; 1: each stands alone. Nets with more are fitted on
            [sequences, window, bins], and take [n, bins] as one sequence.
        pretraining: share of the epochs before the whole net is fitted.
    """

    encoder: nn.Sequential
    decoder: nn.Sequential
    paired = False
    key_range: KeyRange | None = None
    window: int = 1
    pretraining: float = 0.0

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Codes [n, latent] of frames [n, bins] at their pitches [n], without chance."""
        del pitch
        z: Tensor = self.encoder(x)
        return z

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Frames [n, bins] of codes [n, latent] at the wanted pitches [n]."""
        del pitch
        x: Tensor = self.decoder(z)
        return x

    def begin_epoch(self, done: float) -> None:
        """Called before every epoch with the share of all epochs that is done, 0-1; for nets fitted in stages."""
        del done

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """What is minimised over frames [n, bins]: the squared error averaged over bins and frames."""
        del generator
        return nn.functional.mse_loss(self.decode(self.encode(x)), x)

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """What a training step minimises: ``loss`` of the altered frames."""
        return self.loss(augment(batch.x, generator), generator)

    def export(self) -> tuple[tuple[Op, ...], tuple[Op, ...], dict[str, Tensor]]:
        """Programs of encoder and decoder, and their tensors."""
        tensors: dict[str, Tensor] = {}
        return export_ops(self.encoder, "encoder", tensors), export_ops(self.decoder, "decoder", tensors), tensors


class VariationalNet(FrameNet):
    """A FrameNet with a Gaussian code: ``posterior`` gives its mean and log variance.

    Attributes:
        beta: weight of the KL divergence from N(0, I), summed over dimensions, beside the MSE averaged over bins.
    """

    beta: float

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance [n, latent] of the codes of frames [n, bins]."""
        raise NotImplementedError

    def error(self, z: Tensor, x: Tensor) -> Tensor:
        """The squared error of the frames that codes [n, latent] are to become, averaged over bins and frames."""
        return nn.functional.mse_loss(self.decode(z), x)

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Negative evidence bound in the convention above (Higgins et al. 2017, eq. 4); beta 0 draws nothing."""
        mean, log_variance = self.posterior(x)
        z = mean
        if self.beta:
            noise = torch.randn(mean.shape, generator=generator, device=mean.device)
            z = mean + noise * torch.exp(0.5 * log_variance)
        loss = self.error(z, x)
        if self.beta:
            divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1).mean()
            loss = loss + self.beta * divergence
        return loss


@dataclass(frozen=True)
class Family:
    """One kind of model.

    Attributes:
        name: as given to ``--family`` and kept in the card.
        title: for people.
        description: one or two sentences.
        fit: settings it is fitted with unless told otherwise.
        build: (spec, latent_size, principal axes of the training frames, settings) to a net; draws its
            first weights from torch's global generator.
    """

    name: str
    title: str
    description: str
    fit: Callable[[FrameSpec], FitSettings]
    build: Callable[[FrameSpec, int, PrincipalAxes, FitSettings], FrameNet]
