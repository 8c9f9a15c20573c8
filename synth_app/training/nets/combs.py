"""Initial values of a ``CombLayer``: harmonic combs by key, and overlapping bumps over frequency."""

import torch
from torch import Tensor

from synth_app.modelfile import KeyRange
from synth_app.spectrum import FrameSpec

_LOBE_BINS = 2.0  # half width of a partial
_BUMP_CORNER_BINS = 20.0  # bumps are about linear in frequency below, logarithmic above
_FREE_STD = 0.05


def initial_combs(spec: FrameSpec, keys: KeyRange, free: int) -> Tensor:
    """Return combs [keys, 2 + free, bins], 1 at a partial.

    The first comb has all partials, the second has odd partials with positive and even ones with negative sign. The
    ``free`` ones start as small noise from torch's global generator.
    """
    bins = torch.arange(spec.bins, dtype=torch.float32)
    rows = []
    for key in range(keys.lowest, keys.highest + 1):
        spacing = 440.0 * 2.0 ** ((key - 69) / 12) * spec.n_fft / spec.sample_rate
        partial = (bins / spacing).round().clamp(min=1.0)
        width = min(_LOBE_BINS, 0.5 * spacing)
        near = (1.0 - ((bins - partial * spacing) / width).square()).clamp(min=0.0)
        sign = 1.0 - 2.0 * (partial % 2.0 == 0.0).float()
        rows.append(torch.stack([near, near * sign, *(_FREE_STD * torch.randn(free, spec.bins))]))
    return torch.stack(rows)


def envelope_bumps(bins: int, count: int) -> Tensor:
    """Return raised cosines [count, bins] that add up to 1, narrow at low and wide at high frequencies."""
    axis = torch.log1p(torch.arange(bins) / _BUMP_CORNER_BINS)
    position = axis / axis[-1] * (count - 1)
    distance = (position[None] - torch.arange(count)[:, None]).abs().clamp(max=1.0)
    return 0.5 + 0.5 * torch.cos(torch.pi * distance)
