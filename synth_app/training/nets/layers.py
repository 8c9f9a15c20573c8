"""The layers that nets are made of, each with its counterpart in a model file's programs."""

import torch
from torch import Tensor, nn

from synth_app.modelfile import KeyRange

_FIRST_EMBEDDING = 0.3  # standard deviation
_FIRST_ENVELOPES = 0.1  # scale of the coefficients' first weights


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
    """y = sum of all branches of the same x, in the precision of the first."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        made = [branch(x) for branch in self.branches]
        return torch.stack([y.to(made[0].dtype) for y in made]).sum(dim=0)


class Ensemble(nn.ModuleList):
    """y = mean of nets of the same x, each of which ends in a CombLayer."""

    def each(self, x: Tensor) -> list[Tensor]:
        """What every net makes of [n, width]."""
        return [net(x) for net in self]

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        made = self.each(x)
        return made[0] if len(made) == 1 else torch.stack(made).mean(dim=0)


class FullPrecision(nn.Linear):
    """A linear layer that keeps its weights' precision under autocast: bfloat16 would cost 0.2 dB at an output."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, in_features]."""
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.to(self.weight.dtype))


class PitchPlace(nn.Module):
    """Where in the tables of a net the pitches of its present batch lie; shared by all layers that read it.

    Attributes:
        place: float32 [n], rows from the lowest key on, fractions between keys.
    """

    place: Tensor

    def __init__(self, keys: KeyRange) -> None:
        super().__init__()
        self.keys = keys

    def set(self, pitch: Tensor) -> None:
        """Pitches [n] in MIDI; those beyond the tables count as their ends."""
        self.place = (pitch.float() - self.keys.lowest).clamp(0, self.keys.keys - 1)

    def neighbours(self) -> tuple[Tensor, Tensor, Tensor]:
        """Rows below and above, and the share of the upper one."""
        low = self.place.long()
        return low, (low + 1).clamp(max=self.keys.keys - 1), self.place - low


class PitchTable(nn.Module):
    """y = [x, e(p)]: an embedding of the pitch, linear between keys, beside every row."""

    def __init__(self, place: PitchPlace, width: int) -> None:
        super().__init__()
        self.at = place
        self.table = nn.Parameter(torch.randn(place.keys.keys, width) * _FIRST_EMBEDDING)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, width]."""
        low, high, share = self.at.neighbours()
        embedding = torch.lerp(self.table[low], self.table[high], share[:, None].to(self.table.dtype))
        return torch.cat([x, embedding.to(x.dtype)], dim=1)


class CombLayer(nn.Module):
    """y = x W^T + b, and per key a few combs over frequency, each under an envelope that all keys share.

    What tells keys apart are the places of their partials: one pattern a key, the same for every instrument. How high
    partials stand over what lies between them is a matter of the instrument, and smooth over frequency. So a timbre
    that was never heard at a key gets partials there all the same. Kept at full precision.

    Args:
        place: of the pitches.
        linear: the plain part.
        combs: first patterns [keys, combs, out], which are fitted.
        bumps: [bumps, out], functions over frequency that envelopes are made of; fitted too.
    """

    def __init__(self, place: PitchPlace, linear: FullPrecision, combs: Tensor, bumps: Tensor) -> None:
        super().__init__()
        self.at, self.linear = place, linear
        self.coefficients = FullPrecision(linear.in_features, combs.shape[1] * len(bumps), bias=False)
        self.combs, self.bumps = nn.Parameter(combs.clone()), nn.Parameter(bumps.clone())
        with torch.no_grad():
            self.coefficients.weight.mul_(_FIRST_ENVELOPES)

    def forward(self, x: Tensor) -> Tensor:
        """Apply to [n, in_features]."""
        with torch.autocast(x.device.type, enabled=False):
            envelopes = self.coefficients(x).unflatten(1, (-1, len(self.bumps))) @ self.bumps
            low, high, share = self.at.neighbours()
            combs = self.combs[low]
            if bool(share.any()):
                combs = torch.lerp(combs, self.combs[high], share[:, None, None].to(combs.dtype))
            y: Tensor = self.linear(x) + (envelopes * combs).sum(dim=1)
        return y


class LstmLayer(nn.LSTM):
    """One LSTM layer, from nothing at the start of every sequence (Gers et al. 2000)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(n_in, n_out, batch_first=True)

    def forward(self, x: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> Tensor:  # type: ignore[override]  # no state
        """Apply to [n, n_in], one sequence, or [sequences, n, n_in]."""
        y: Tensor = super().forward(x, hx)[0]
        return y


def linear_from(weight: Tensor, bias: Tensor) -> FullPrecision:
    """A linear layer with the given weight [out, in] and bias [out]."""
    layer = FullPrecision(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return layer


def gelu() -> nn.GELU:
    """GELU in the tanh approximation, the one that model files know."""
    return nn.GELU(approximate="tanh")
