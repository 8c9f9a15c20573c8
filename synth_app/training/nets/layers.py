"""Layers of the nets. Each has a counterpart among a model file's operations (``modelfile``)."""

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange

_EMBEDDING_STD = 0.3  # of initial pitch embeddings
_ENVELOPE_SCALE = 0.1  # of the coefficients' initial weights
_NEAR_ZERO_SCALE = 0.01  # of an output layer's initial weights: near zero, yet the gradient flows


class ResidualBlock(nn.Module):
    """y = x + body(x)."""

    def __init__(self, *body: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        y: Tensor = x + self.body(x)
        return y


class Branches(nn.Module):
    """y = sum of all branches of the same x, in the precision of the first branch."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        outputs = [branch(x) for branch in self.branches]
        return torch.stack([y.to(outputs[0].dtype) for y in outputs]).sum(dim=0)


class Ensemble(nn.ModuleList):
    """y = mean of several nets of the same x. Each net ends in a CombLayer."""

    def each(self, x: Tensor) -> list[Tensor]:
        """Return the output of every net for [n, width]."""
        return [net(x) for net in self]

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        outputs = self.each(x)
        return outputs[0] if len(outputs) == 1 else torch.stack(outputs).mean(dim=0)


class FullPrecision(nn.Linear):
    """Linear layer that keeps its weights' precision under autocast: bfloat16 would cost 0.2 dB at an output."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, in_features]."""
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.to(self.weight.dtype))


class PitchPosition(nn.Module):
    """Row positions of the present batch's pitches in the key tables; all layers that read a table share it.

    Attributes:
        position: float32 [n], rows from the lowest key on, with fractions between keys.
    """

    position: Tensor

    def __init__(self, keys: KeyRange) -> None:
        super().__init__()
        self.keys = keys

    def set(self, pitch: Tensor) -> None:
        """Set MIDI pitches [n]. Pitches beyond the tables are clamped to the tables' ends."""
        self.position = (pitch.float() - self.keys.lowest).clamp(0, self.keys.keys - 1)

    def interpolation(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return the rows below and above each position, and the weight of the upper row."""
        low = self.position.long()
        return low, (low + 1).clamp(max=self.keys.keys - 1), self.position - low


class PitchTable(nn.Module):
    """y = [x, e(p)]: append an embedding of the pitch, linearly interpolated between keys, to every row."""

    def __init__(self, position: PitchPosition, width: int) -> None:
        super().__init__()
        self.at = position
        self.table = nn.Parameter(torch.randn(position.keys.keys, width) * _EMBEDDING_STD)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        low, high, fraction = self.at.interpolation()
        embedding = torch.lerp(self.table[low], self.table[high], fraction[:, None].to(self.table.dtype))
        return torch.cat([x, embedding.to(x.dtype)], dim=1)


class CombLayer(nn.Module):
    """y = x W^T + b + a few combs over frequency per key, each multiplied by an envelope over frequency.

    Keys differ in the positions of their partials: one pattern per key, the same for every instrument. The level of the
    partials relative to the bins between them depends on the instrument and is smooth over frequency, so all keys share
    the envelopes' basis. A timbre that the training set does not have at a key therefore still gets partials there. The
    layer computes at full precision.

    Args:
        position: of the pitches.
        linear: W and b.
        combs: initial combs [keys, combs, out]; they are trained.
        bumps: basis of the envelopes over frequency [bumps, out]; it is trained.
    """

    def __init__(self, position: PitchPosition, linear: FullPrecision, combs: Tensor, bumps: Tensor) -> None:
        super().__init__()
        self.at, self.linear = position, linear
        self.coefficients = FullPrecision(linear.in_features, combs.shape[1] * len(bumps), bias=False)
        self.combs, self.bumps = nn.Parameter(combs.clone()), nn.Parameter(bumps.clone())
        with torch.no_grad():
            self.coefficients.weight.mul_(_ENVELOPE_SCALE)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, in_features]."""
        with torch.autocast(x.device.type, enabled=False):
            envelopes = self.coefficients(x).unflatten(1, (-1, len(self.bumps))) @ self.bumps
            low, high, fraction = self.at.interpolation()
            combs = self.combs[low]
            if bool(fraction.any()):
                combs = torch.lerp(combs, self.combs[high], fraction[:, None, None].to(combs.dtype))
            y: Tensor = self.linear(x) + (envelopes * combs).sum(dim=1)
        return y


class LstmLayer(nn.LSTM):
    """One LSTM layer whose state is zero at the start of every sequence (Gers et al. 2000)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(n_in, n_out, batch_first=True)

    def forward(self, x: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> Tensor:  # type: ignore[override]  # no state
        """Apply to [n, n_in], one sequence, or [sequences, n, n_in]."""
        y: Tensor = super().forward(x, hx)[0]
        return y


def residual_layer(width: int) -> ResidualBlock:
    """Return a pre-norm residual layer."""
    return ResidualBlock(nn.LayerNorm(width), nn.Linear(width, width), gelu())


def near_zero_linear(n_in: int, n_out: int) -> FullPrecision:
    """Return an output layer whose initial output is near zero."""
    layer = FullPrecision(n_in, n_out)
    with torch.no_grad():
        layer.weight.mul_(_NEAR_ZERO_SCALE)
        layer.bias.zero_()
    return layer


def linear_from(weight: Tensor, bias: Tensor) -> FullPrecision:
    """Return a linear layer with the given weight [out, in] and bias [out]."""
    layer = FullPrecision(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


def gelu() -> nn.GELU:
    """Return GELU in the tanh approximation, the one in model files."""
    return nn.GELU(approximate="tanh")
