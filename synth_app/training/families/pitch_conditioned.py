"""Pitch-conditioned VAEs: a pitch embedding in encoder and decoder, and a comb for every key in the decoder."""

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange
from synth_app.spectrum import FrameSpec
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.data.pca import PrincipalAxes
from synth_app.training.families.base import Family, VariationalNet
from synth_app.training.families.residual import MAX_LEARNING_RATE, WIDE_BINS
from synth_app.training.nets.audible_error import AudibleError
from synth_app.training.nets.combs import envelope_bumps, initial_combs
from synth_app.training.nets.gaussian import clamp_log_variance, initialize_log_variance, sample_gaussian
from synth_app.training.nets.layers import (
    Branches,
    CombLayer,
    Ensemble,
    FullPrecision,
    PitchPosition,
    PitchTable,
    linear_from,
    near_zero_linear,
    residual_layer,
)
from synth_app.training.objective import SQUARED, objective_terms
from synth_app.training.settings import FitSettings

KEYS = KeyRange(lowest=21, highest=108)
_EMBEDDING, _BUMPS, _FREE_COMBS = 32, 24, 2
_ENCODER = (512, 256)  # widths; the encoder does not run while playing
_KEYED_DECODER, _PITCHED_DECODER = (256, 512), (256, 256)
_OPTIONS = frozenset({"width", "ensemble", "objective"})


class PitchConditionedNet(VariationalNet):
    """Residual VAE with the pitch embedded in encoder and decoder. Latent vectors shape envelopes over the key's combs.

    Args:
        spec: specification of the frames.
        latent_size: size of a latent vector.
        axes: principal axes of the training frames.
        fit: gives beta, the objective, the width factor of all hidden layers, and the number of decoders.
        decoder_widths: widths of the decoder's residual layers before the factor. They run for every voice.

    Attributes:
        ensemble: decoders side by side. Each is trained to make the frame by itself from the same latent vector, and
            the decoded frame is their mean. Where they disagree, on sounds not in the training set, their errors
            partly cancel (Krogh and Vedelsby, "Neural network ensembles, cross validation, and active learning",
            NIPS 1994).
    """

    renamed_parameters: ClassVar[Mapping[str, str]] = {
        "told.": "encoder_pitch.", "where.": "decoder_pitch.", "unskip.": "decoder_skip.", "members.": "ensemble.",
    }  # fmt: skip

    def __init__(
        self, spec: FrameSpec, latent_size: int, axes: PrincipalAxes, fit: FitSettings, decoder_widths: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.beta, self.key_range = fit.beta, KEYS
        terms = objective_terms(fit.objective)
        self.frame_error, self._squared = AudibleError(spec, KEYS, terms), terms == (SQUARED,)
        bins, (wide, narrow) = len(axes.mean), (fit.width * layer for layer in _ENCODER)
        widths = tuple(fit.width * layer for layer in decoder_widths)
        self.pitch_position = PitchPosition(KEYS)
        encoder_pitch = PitchTable(self.pitch_position, _EMBEDDING)
        self.body = nn.Sequential(
            nn.Linear(bins + _EMBEDDING, wide), residual_layer(wide), nn.Linear(wide, narrow), residual_layer(narrow)
        )
        self.mean, self.log_variance = near_zero_linear(narrow, latent_size), near_zero_linear(narrow, latent_size)
        initialize_log_variance(self.log_variance)
        self.encoder_pitch = encoder_pitch
        self.skip = _ignoring_embedding(*map(torch.from_numpy, axes.whitening(latent_size)))
        self.encoder = nn.Sequential(
            encoder_pitch, Branches(nn.Sequential(self.skip), nn.Sequential(self.body, self.mean))
        )
        self.decoder_pitch = PitchTable(self.pitch_position, _EMBEDDING)
        self.decoder_skip = _ignoring_embedding(*map(torch.from_numpy, axes.unwhitening(latent_size)))
        self.ensemble = Ensemble(self._decoder(spec, latent_size, widths) for _ in range(fit.ensemble))
        self.decoder = nn.Sequential(self.decoder_pitch, Branches(nn.Sequential(self.decoder_skip), self.ensemble))

    def _decoder(self, spec: FrameSpec, latent_size: int, widths: tuple[int, ...]) -> nn.Sequential:
        layers = _residual_layers(latent_size + _EMBEDDING, widths)
        output = near_zero_linear(widths[-1], spec.bins)
        combs = initial_combs(spec, KEYS, _FREE_COMBS)
        return nn.Sequential(*layers, CombLayer(self.pitch_position, output, combs, envelope_bumps(spec.bins, _BUMPS)))

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Encode frames at their MIDI pitches."""
        self.set_pitch(pitch)
        return super().encode(x)

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Decode latent vectors at the given MIDI pitches."""
        self.set_pitch(pitch)
        return super().decode(z)

    def error(self, z: Tensor, x: Tensor) -> Tensor:
        """Return the mean of the decoders' own errors, so that each is trained by itself."""
        conditioned = self.decoder_pitch(z)
        linear, key = self.decoder_skip(conditioned), self.pitch_position.position
        return torch.stack([self.frame_error(linear + y, x, key) for y in self.ensemble.each(conditioned)]).mean()

    def validation_error(self, decoded: Tensor, x: Tensor) -> Tensor:
        """Return the objective's error of frames decoded at the pitches of ``set_pitch``, times their values."""
        if self._squared:
            return super().validation_error(decoded, x)
        return self.frame_error(decoded, x, self.pitch_position.position).double() * x.numel()

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance of the latent vectors of frames at the pitches of ``set_pitch``."""
        conditioned = self.encoder_pitch(x)
        hidden = self.body(conditioned)
        return self.skip(conditioned) + self.mean(hidden), clamp_log_variance(self.log_variance(hidden))

    def set_pitch(self, pitch: Tensor | None) -> None:
        """Set the MIDI pitches [n] of the frames that follow.

        Raises:
            ValueError: ``pitch`` is None.
        """
        if pitch is None:
            raise ValueError("a pitch-conditioned net needs the pitch of every frame")
        self.pitch_position.set(pitch)


class SingleFrameNet(PitchConditionedNet):
    """Trains on single frames with their pitches. The latent vector may still depend on the pitch."""

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Return the negative evidence lower bound of the augmented frames; a stretched frame has another pitch."""
        x, _, shift = augment.both(batch.x, batch.x, generator)
        self.set_pitch(batch.pitch + shift)
        return self.loss(x, generator)


class PitchInvariantNet(PitchConditionedNet):
    """Trains on pairs of frames at two pitches, which removes the pitch from the latent vector.

    The loss is the error of the frame itself plus the error of the same latent vector decoded at another pitch, against
    the same instrument's recording at that pitch.
    """

    paired = True

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Return the negative evidence lower bound; frame and pair have equal weights in the squared error."""
        x, other, shift = augment.both(batch.x, batch.other, generator)
        pitch, other_pitch = batch.pitch + shift, batch.other_pitch + shift
        self.set_pitch(pitch)
        mean, log_variance = self.posterior(x)
        z = sample_gaussian(mean, log_variance, generator)
        self.set_pitch(torch.cat([pitch, other_pitch]))
        error = self.error(torch.cat([z, z]), torch.cat([x, other]))
        return self.regularized(error, mean, log_variance)


def _residual_layers(n_in: int, widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width in widths:
        if width != n_in:
            layers.append(nn.Linear(n_in, width))
        layers.append(residual_layer(width))
        n_in = width
    return layers


def _ignoring_embedding(weight: Tensor, bias: Tensor) -> FullPrecision:
    """Return a linear layer whose initial weights for the embedding behind its input are zero."""
    return linear_from(torch.cat([weight, torch.zeros(len(weight), _EMBEDDING)], dim=1), bias)


def _fit_single_frames(spec: FrameSpec) -> FitSettings:
    if spec.bins > WIDE_BINS:
        return FitSettings(
            epochs=10, patience=10, beta=1e-5, frames_per_note=60, augment=0.8, retrain=True, precision="bfloat16"
        )
    return FitSettings(
        epochs=28, patience=28, learning_rate=1.5e-3, beta=1e-5, frames_per_note=48, augment=0.8, precision="bfloat16"
    )


KEYED_VAE = Family(
    name="keyed-vae",
    title="Pitch-conditioned VAE",
    description="Residual VAE conditioned on the key of every note: combs belong to keys, envelopes to latent vectors.",
    fit=_fit_single_frames,
    build=lambda spec, latent_size, axes, fit: SingleFrameNet(spec, latent_size, axes, fit, _KEYED_DECODER),
    options=_OPTIONS,
    max_learning_rate=MAX_LEARNING_RATE,
)
PITCHED_VAE = Family(
    name="pitched-vae",
    title="Pitch-invariant VAE",
    description="Pitch-conditioned residual VAE whose latent vectors are pitch-invariant: it trains on pairs of frames "
    "of the same instrument at two pitches.",
    fit=lambda spec: FitSettings(
        epochs=16, patience=16, batch_size=1024, learning_rate=1.4e-3, beta=5e-5, frames_per_note=40, augment=0.8,
        mixup=0.4, retrain=True, precision="bfloat16",
    ),
    build=lambda spec, latent_size, axes, fit: PitchInvariantNet(spec, latent_size, axes, fit, _PITCHED_DECODER),
    options=_OPTIONS,
)  # fmt: skip
