"""What nets that are told the pitch are made of: embeddings on both sides, and a comb for every key."""

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange
from synth_app.spectrum import FrameSpec
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import VariationalNet
from synth_app.training.families.residual_vae import block, small
from synth_app.training.families.vae import FIRST_LOG_VARIANCE, LOG_VARIANCE_RANGE
from synth_app.training.nets.layers import (
    Branches,
    CombLayer,
    Ensemble,
    FullPrecision,
    PitchPlace,
    PitchTable,
    linear_from,
)

KEYS = KeyRange(lowest=21, highest=108)
EMBEDDING, BUMPS = 32, 24
LOBE_BINS, BUMP_CORNER_BINS, FIRST_FREE = 2.0, 20.0, 0.05
ENCODER = (512, 256)  # never runs while playing


class PitchConditionedNet(VariationalNet):
    """Residual VAE with the pitch embedded in encoder and decoder; keys have combs, which timbres put envelopes over.

    Args:
        spec: of the frames.
        latent_size: numbers per code.
        axes: of the training frames.
        beta: weight of the KL term.
        decoder: usual widths of the decoder's residual layers, which run for every voice.
        free_combs: patterns of every key that have no shape at first, beside all partials and odd against even ones.
        width: how many times as wide as usual all hidden layers are.
        members: nets that decode side by side.

    Attributes:
        members: of the decoder. Each learns to make the frame by itself, all from the same code, and what is decoded is
            their mean: where they err apart, on sounds that none has learned, their errors cancel in part (Krogh and
            Vedelsby, "Neural network ensembles, cross validation, and active learning", NIPS 1994).
    """

    def __init__(
        self,
        spec: FrameSpec,
        latent_size: int,
        axes: PrincipalAxes,
        beta: float,
        decoder: tuple[int, ...],
        free_combs: int,
        width: int,
        members: int,
    ) -> None:
        super().__init__()
        self.beta, self.key_range = beta, KEYS
        bins, (wide, narrow) = len(axes.mean), (width * layer for layer in ENCODER)
        decoder = tuple(width * layer for layer in decoder)
        self.place = PitchPlace(KEYS)
        told = PitchTable(self.place, EMBEDDING)
        self.body = nn.Sequential(
            nn.Linear(bins + EMBEDDING, wide), block(wide), nn.Linear(wide, narrow), block(narrow)
        )
        self.mean, self.log_variance = small(narrow, latent_size), small(narrow, latent_size)
        with torch.no_grad():
            self.log_variance.bias.fill_(FIRST_LOG_VARIANCE)
        self.told, self.skip = told, _widened(*map(torch.from_numpy, axes.whitening(latent_size)))
        self.encoder = nn.Sequential(told, Branches(nn.Sequential(self.skip), nn.Sequential(self.body, self.mean)))
        self.where = PitchTable(self.place, EMBEDDING)
        self.unskip = _widened(*map(torch.from_numpy, axes.unwhitening(latent_size)))
        self.members = Ensemble(
            nn.Sequential(
                *_residual_layers(latent_size + EMBEDDING, decoder),
                CombLayer(self.place, small(decoder[-1], bins), first_combs(spec, free_combs), first_bumps(bins)),
            )
            for _ in range(members)
        )
        self.decoder = nn.Sequential(self.where, Branches(nn.Sequential(self.unskip), self.members))

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Codes of frames at their pitches."""
        self.tell(pitch)
        return super().encode(x)

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Frames of codes at the wanted pitches."""
        self.tell(pitch)
        return super().decode(z)

    def error(self, z: Tensor, x: Tensor) -> Tensor:
        """The mean of the members' own squared errors, so that none leans on the others."""
        told = self.where(z)
        missing = x - self.unskip(told)
        return torch.stack([nn.functional.mse_loss(made, missing) for made in self.members.each(told)]).mean()

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the codes of frames whose pitches were told."""
        told = self.told(x)
        hidden = self.body(told)
        return self.skip(told) + self.mean(hidden), self.log_variance(hidden).clamp(*LOG_VARIANCE_RANGE)

    def tell(self, pitch: Tensor | None) -> None:
        """The pitches [n] in MIDI of the frames that come next."""
        if pitch is None:
            raise ValueError("this net takes the pitch of every frame")
        self.place.set(pitch)


def first_combs(spec: FrameSpec, free: int) -> Tensor:
    """All partials, odd against even ones, and patterns of no shape yet: [keys, 2 + free, bins], 1 at a partial."""
    bins = torch.arange(spec.bins, dtype=torch.float32)
    rows = []
    for key in range(KEYS.lowest, KEYS.highest + 1):
        spacing = 440.0 * 2.0 ** ((key - 69) / 12) * spec.n_fft / spec.sample_rate
        partial = (bins / spacing).round().clamp(min=1.0)
        width = min(LOBE_BINS, 0.5 * spacing)
        near = (1.0 - ((bins - partial * spacing) / width).square()).clamp(min=0.0)
        sign = 1.0 - 2.0 * (partial % 2.0 == 0.0).float()
        rows.append(torch.stack([near, near * sign, *(FIRST_FREE * torch.randn(free, spec.bins))]))
    return torch.stack(rows)


def first_bumps(bins: int) -> Tensor:
    """Raised cosines that add up to one, narrow at low and wide at high frequency: [BUMPS, bins]."""
    axis = torch.log1p(torch.arange(bins) / BUMP_CORNER_BINS)
    place = axis / axis[-1] * (BUMPS - 1)
    distance = (place[None] - torch.arange(BUMPS)[:, None]).abs().clamp(max=1.0)
    return 0.5 + 0.5 * torch.cos(torch.pi * distance)


def _residual_layers(n_in: int, widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width in widths:
        if width != n_in:
            layers.append(nn.Linear(n_in, width))
        layers.append(block(width))
        n_in = width
    return layers


def _widened(weight: Tensor, bias: Tensor) -> FullPrecision:
    """A linear layer that at first does not heed the embedding behind its input."""
    return linear_from(torch.cat([weight, torch.zeros(len(weight), EMBEDDING)], dim=1), bias)
