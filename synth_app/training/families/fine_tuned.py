"""A net that begins with the weights of a model file, to adapt it to other notes."""

import torch
from torch import Tensor

from synth_app.modelfile import KeyRange, ModelFile, is_recurrent
from synth_app.training.data.augment import Augment
from synth_app.training.data.batch_sampler import Batch
from synth_app.training.families.base import Family, FrameNet
from synth_app.training.nets.audible_error import AudibleError
from synth_app.training.nets.import_ops import import_ops
from synth_app.training.nets.layers import PitchPosition
from synth_app.training.objective import objective_terms
from synth_app.training.settings import FINE_TUNE_FIT

_PIANO = KeyRange(lowest=21, highest=108)  # of the partials in the error of a model without pitch input
_SEQUENCE_FRAMES = 32  # of a recurrent net's training


class FineTunedNet(FrameNet):
    """The networks of a model file, trained on by the audible error.

    A pitch-conditioned net trains on pairs of frames at two pitches: the latent vector of one is decoded at both. It
    therefore stays independent of the pitch. Its tables of combs and bumps are trained like all other weights.

    Args:
        file: the model. objective: of ``training.objective``.
    """

    def __init__(self, file: ModelFile, objective: str) -> None:
        super().__init__()
        card = file.card
        self.key_range = card.key_range
        self.paired = card.key_range is not None
        self.window = _SEQUENCE_FRAMES if is_recurrent((*card.encoder, *card.decoder)) else 1
        keys = card.key_range or _PIANO
        self.pitch_position = PitchPosition(keys)
        self.frame_error = AudibleError(card.frame_spec, keys, objective_terms(objective))
        self.encoder = import_ops(card.encoder, file.tensors, self.pitch_position)
        self.decoder = import_ops(card.decoder, file.tensors, self.pitch_position)

    def encode(self, x: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Encode frames at their MIDI pitches."""
        self._set_pitch(pitch)
        return super().encode(x)

    def decode(self, z: Tensor, pitch: Tensor | None = None) -> Tensor:
        """Decode latent vectors at the given MIDI pitches."""
        self._set_pitch(pitch)
        return super().decode(z)

    def batch_loss(self, batch: Batch, augment: Augment, generator: torch.Generator) -> Tensor:
        """Return the audible error of the decoded frames, and of the pairs' frames for a pitch-conditioned net."""
        if self.window > 1:
            return self._error(self.decode(self.encode(batch.x, batch.pitch), batch.pitch), batch.x)
        x, other, shift = augment.both(batch.x, batch.other if self.paired else batch.x, generator)
        pitch = batch.pitch + shift
        z = self.encode(x, pitch)
        if not self.paired:
            return self._error(self.decode(z, pitch), x)
        both = torch.cat([pitch, batch.other_pitch + shift])
        return self._error(self.decode(torch.cat([z, z]), both), torch.cat([x, other]))

    def validation_error(self, decoded: Tensor, x: Tensor) -> Tensor:
        """Return the audible error of frames decoded at the pitches of the last call, times their values."""
        return self._error(decoded, x).double() * x.numel()

    def _error(self, decoded: Tensor, x: Tensor) -> Tensor:
        bins = x.shape[-1]
        return self.frame_error(
            decoded.reshape(-1, bins), x.reshape(-1, bins), self.pitch_position.position.reshape(-1)
        )

    def _set_pitch(self, pitch: Tensor | None) -> None:
        if pitch is not None:
            self.pitch_position.set(pitch)
        elif self.key_range is not None:
            raise ValueError("a pitch-conditioned net needs the pitch of every frame")


def fine_tuned(file: ModelFile) -> Family:
    """Return the family of nets that begin with a model's weights. The latent vectors keep their size."""
    card = file.card
    return Family(
        name=card.family,
        title=f"{card.title.partition(',')[0]}, fine-tuned",
        description=f"{card.title}, trained on from the weights of {card.name} with other notes.",
        fit=lambda spec: FINE_TUNE_FIT,
        build=lambda spec, latent_size, axes, fit: FineTunedNet(file, fit.objective),
        options=frozenset({"objective"}),
    )
