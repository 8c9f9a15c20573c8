"""Augmentation of training frames in the dB domain: smooth EQ, raised noise floors, stretched frequency axes."""

import math

import torch
from torch import Tensor

from synth_app.spectrum import FrameSpec

LINEAR_TERMS, LOG_TERMS = 8, 5
EQ_DB = (6.0, 1.0)  # standard deviation of the first and the last cosine
NOISE_DB = (-100.0, -45.0)  # raised floor re the frame's maximum
PAIR_STRETCH_SEMITONES = 4
_NO_NOISE_DB = -300.0
_LOG_CORNER_HZ = 100.0  # log-frequency axis: log(1 + f / corner)
CPU = torch.device("cpu")


class Augment:
    """Alters a fraction of a batch: random smooth EQ, half of it with a stretched frequency axis, half with a raised
    noise floor.

    Args:
        spec: specification of the frames.
        fraction: of each batch's frames, 0-1.
        stretch_semitones: largest stretch of the frequency axis. 2 helps less on unseen instruments than 7.
        device: of the frames and of the generators.
    """

    def __init__(
        self, spec: FrameSpec, fraction: float, stretch_semitones: float = 7.0, device: torch.device = CPU
    ) -> None:
        self._fraction, self._half_range, self._stretch = fraction, -spec.floor_db / 2.0, stretch_semitones
        self._device = device
        position = torch.arange(spec.bins) / (spec.bins - 1)
        log_position = torch.log1p(position * spec.sample_rate / 2 / _LOG_CORNER_HZ)
        log_position = log_position / log_position[-1]
        rows = [
            level * torch.cos(math.pi * (i + 1) * axis)
            for axis, terms in ((position, LINEAR_TERMS), (log_position, LOG_TERMS))
            for i, level in enumerate(torch.linspace(*EQ_DB, terms).tolist())
        ]
        self._eq = torch.stack(rows).to(device)
        self._bins = torch.arange(spec.bins, dtype=torch.float32, device=device)

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return frames [n, bins] in [-1, 1] with the first ``fraction`` of them altered; ``x`` does not change."""
        count = round(self._fraction * len(x))
        if not count:
            return x
        half = count // 2
        db = self._db(x[:count])
        db = torch.cat([self._stretched(db[:half], generator), db[half:]])
        db = db + torch.randn(count, len(self._eq), generator=generator, device=self._device) @ self._eq
        return torch.cat([self._unit(self._add_noise(db, self._noise(count, generator))), x[count:]])

    def both(self, x: Tensor, other: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Alter frames and their pairs alike: the same EQ, noise floor, and stretch by whole semitones in every row.

        Returns:
            Both batches altered, and the pitch shift of every row in semitones [n]. The stretch is smaller than that of
            a call, because it widens the partials whose shape the net learns.
        """
        shift = torch.zeros(len(x), device=self._device)
        count = round(self._fraction * len(x))
        if not count:
            return x, other, shift
        half = count // 2
        low, high = -PAIR_STRETCH_SEMITONES, PAIR_STRETCH_SEMITONES
        shift[:half] = torch.randint(low, high + 1, (half,), generator=generator, device=self._device).float()
        eq = torch.randn(count, len(self._eq), generator=generator, device=self._device) @ self._eq
        noise = self._noise(count, generator)
        altered = []
        for y in (x,) if other is x else (x, other):
            db = self._db(y[:count])
            db = torch.cat([self._shifted(db[:half], shift[:half, None]), db[half:]])
            altered.append(torch.cat([self._unit(self._add_noise(db + eq, noise)), y[count:]]))
        return altered[0], altered[-1], shift

    def _db(self, unit: Tensor) -> Tensor:
        return (unit - 1.0) * self._half_range

    def _unit(self, db: Tensor) -> Tensor:
        """Scale frames in dB so that their maximum is 1."""
        db = db - db.amax(dim=1, keepdim=True)
        return 1.0 + db.clamp(min=-2.0 * self._half_range) / self._half_range

    def _noise(self, count: int, generator: torch.Generator) -> Tensor:
        low, high = NOISE_DB
        noise = low + (high - low) * torch.rand(count, 1, generator=generator, device=self._device)
        noise[torch.rand(count, generator=generator, device=self._device) < 0.5] = _NO_NOISE_DB
        return noise

    def _add_noise(self, db: Tensor, noise: Tensor) -> Tensor:
        """Return the sum of the powers of frames and noise in dB re the frame's maximum."""
        peak = db.amax(dim=1, keepdim=True)
        to_nepers = math.log(10.0) / 10.0  # of power
        return torch.logaddexp((db - peak) * to_nepers, noise * to_nepers) / to_nepers

    def _stretched(self, db: Tensor, generator: torch.Generator) -> Tensor:
        """Return frames with randomly stretched frequency axes."""
        return self._shifted(
            db, self._stretch * (2.0 * torch.rand(len(db), 1, generator=generator, device=self._device) - 1.0)
        )

    def _shifted(self, db: Tensor, semitones: Tensor) -> Tensor:
        """Read frames at bin k / ratio, linearly interpolated; the last bin repeats beyond the end."""
        source = (self._bins * torch.exp2(-semitones / 12.0)).clamp(max=db.shape[1] - 1.001)
        lower = source.floor()
        index, fraction = lower.long(), source - lower
        return torch.lerp(db.gather(1, index), db.gather(1, index + 1), fraction)
