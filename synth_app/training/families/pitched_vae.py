"""Pitched VAE: a residual VAE that is told the pitch, so that its code is the timbre and any key can play it."""

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange
from synth_app.spectrum import FrameSpec
from synth_app.training.augment import Augment
from synth_app.training.draws import Batch
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.families.residual_vae import block, small
from synth_app.training.families.vae import FIRST_LOG_VARIANCE, LOG_VARIANCE_RANGE
from synth_app.training.layers import Branches, CombLayer, FullPrecision, PitchPlace, PitchTable, linear_from
from synth_app.training.principal import PrincipalAxes
from synth_app.training.settings import FitSettings

KEYS = KeyRange(lowest=21, highest=108)
EMBEDDING, BUMPS = 32, 24
LOBE_BINS, BUMP_CORNER_BINS, FIRST_FREE = 2.0, 20.0, 0.05
ENCODER, DECODER = (512, 256), 256  # the decoder runs for every voice, the encoder never while playing


class PitchedNet(VariationalNet):
    """Encoder and decoder as the residual VAE's, both with the pitch embedded; keys have bases of their own.

    The loss is that of the frame itself plus that of its pair: the code decoded at another pitch, beside what the same
    instrument really plays there. So what depends on the pitch leaves the code.
    """

    paired = True

    def __init__(self, spec: FrameSpec, latent_size: int, axes: PrincipalAxes, beta: float) -> None:
        super().__init__()
        self.beta, self.key_range = beta, KEYS
        bins, (wide, narrow) = len(axes.mean), ENCODER
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
        self.decoder = nn.Sequential(
            PitchTable(self.place, EMBEDDING),
            Branches(
                nn.Sequential(_widened(*map(torch.from_numpy, axes.unwhitening(latent_size)))),
                nn.Sequential(
                    nn.Linear(latent_size + EMBEDDING, DECODER),
                    block(DECODER),
                    block(DECODER),
                    CombLayer(self.place, small(DECODER, bins), first_combs(spec), first_bumps(bins)),
                ),
            ),
        )

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Codes of frames at their pitches."""
        self._at(pitch)
        return super().encode(x)

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Frames of codes at the wanted pitches."""
        self._at(pitch)
        return super().decode(z)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the codes of frames whose pitches were set."""
        told = self.told(x)
        hidden = self.body(told)
        return self.skip(told) + self.mean(hidden), self.log_variance(hidden).clamp(*LOG_VARIANCE_RANGE)

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Negative evidence bound with the squared error of frame and pair, half and half."""
        x, other, moved = augment.both(batch.x, batch.other, generator)
        pitch, other_pitch = batch.pitch + moved, batch.other_pitch + moved
        self._at(pitch)
        mean, log_variance = self.posterior(x)
        z = mean + torch.randn(mean.shape, generator=generator, device=mean.device) * torch.exp(0.5 * log_variance)
        made = self.decode(torch.cat([z, z]), torch.cat([pitch, other_pitch]))
        error = nn.functional.mse_loss(made, torch.cat([x, other]))
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1).mean()
        return error + self.beta * divergence

    def _at(self, pitch: Tensor | None) -> None:
        if pitch is None:
            raise ValueError("this net takes the pitch of every frame")
        self.place.set(pitch)


def first_combs(spec: FrameSpec) -> Tensor:
    """All partials, odd against even ones, and two patterns of no shape yet: [keys, 4, bins], 1 at a partial."""
    bins = torch.arange(spec.bins, dtype=torch.float32)
    rows = []
    for key in range(KEYS.lowest, KEYS.highest + 1):
        spacing = 440.0 * 2.0 ** ((key - 69) / 12) * spec.n_fft / spec.sample_rate
        partial = (bins / spacing).round().clamp(min=1.0)
        width = min(LOBE_BINS, 0.5 * spacing)
        near = (1.0 - ((bins - partial * spacing) / width).square()).clamp(min=0.0)
        sign = 1.0 - 2.0 * (partial % 2.0 == 0.0).float()
        rows.append(torch.stack([near, near * sign, *(FIRST_FREE * torch.randn(2, spec.bins))]))
    return torch.stack(rows)


def first_bumps(bins: int) -> Tensor:
    """Raised cosines that add up to one, narrow at low and wide at high frequency: [BUMPS, bins]."""
    axis = torch.log1p(torch.arange(bins) / BUMP_CORNER_BINS)
    place = axis / axis[-1] * (BUMPS - 1)
    distance = (place[None] - torch.arange(BUMPS)[:, None]).abs().clamp(max=1.0)
    return 0.5 + 0.5 * torch.cos(torch.pi * distance)


def _widened(weight: Tensor, bias: Tensor) -> FullPrecision:
    """A linear layer that at first does not heed the embedding behind its input."""
    return linear_from(torch.cat([weight, torch.zeros(len(weight), EMBEDDING)], dim=1), bias)


def _build(spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings) -> PitchedNet:
    return PitchedNet(spec, latent_size, axes, fit.beta)


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
