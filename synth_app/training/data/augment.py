"""Altered training frames: other rooms, noise floors and tunings, made in the dB domain frame by frame."""

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
    """Alters a share of a batch: smooth random EQ, in half of it a stretched frequency axis, in half a raised floor.

    Args:
        spec: of the frames.
        share: of each batch's frames, 0-1.
        stretch_semitones: the widest stretch of the frequency axis; 2 does less for unseen instruments than 7.
        device: of the frames, and of the generators that alter them.
    """

    def __init__(
        self, spec: FrameSpec, share: float, stretch_semitones: float = 7.0, device: torch.device = CPU
    ) -> None:
        self._share, self._half_range, self._stretch = share, -spec.floor_db / 2.0, stretch_semitones
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
        """A batch with its first ``share`` altered; frames are [n, bins] in [-1, 1], in random order, not changed."""
        count = round(self._share * len(x))
        if not count:
            return x
        half = count // 2
        db = self._db(x[:count])
        db = torch.cat([self._stretched(db[:half], generator), db[half:]])
        db = db + torch.randn(count, len(self._eq), generator=generator, device=self._device) @ self._eq
        return torch.cat([self._unit(self._over(db, self._noise(count, generator))), x[count:]])

    def both(self, x: Tensor, other: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """As a call, the same for every row's ``other``: one room, one noise floor, one stretch by whole semitones.

        Returns:
            both altered, and by how many semitones [n] their pitches are higher now. The stretch is less than that of a
            call: it widens the partials that a net is to learn the shape of.
        """
        moved = torch.zeros(len(x), device=self._device)
        count = round(self._share * len(x))
        if not count:
            return x, other, moved
        half = count // 2
        low, high = -PAIR_STRETCH_SEMITONES, PAIR_STRETCH_SEMITONES
        moved[:half] = torch.randint(low, high + 1, (half,), generator=generator, device=self._device).float()
        eq = torch.randn(count, len(self._eq), generator=generator, device=self._device) @ self._eq
        noise = self._noise(count, generator)
        made = []
        for y in (x,) if other is x else (x, other):
            db = self._db(y[:count])
            db = torch.cat([self._read_at(db[:half], moved[:half, None]), db[half:]])
            made.append(torch.cat([self._unit(self._over(db + eq, noise)), y[count:]]))
        return made[0], made[-1], moved

    def _db(self, unit: Tensor) -> Tensor:
        return (unit - 1.0) * self._half_range

    def _unit(self, db: Tensor) -> Tensor:
        """Scaled frames whose maximum is at 1 again."""
        db = db - db.amax(dim=1, keepdim=True)
        return 1.0 + db.clamp(min=-2.0 * self._half_range) / self._half_range

    def _noise(self, count: int, generator: torch.Generator) -> Tensor:
        low, high = NOISE_DB
        noise = low + (high - low) * torch.rand(count, 1, generator=generator, device=self._device)
        noise[torch.rand(count, generator=generator, device=self._device) < 0.5] = _NO_NOISE_DB
        return noise

    def _over(self, db: Tensor, noise: Tensor) -> Tensor:
        """Powers of frames and noise added, re the frame's maximum."""
        peak = db.amax(dim=1, keepdim=True)
        to_nepers = math.log(10.0) / 10.0  # of power
        return torch.logaddexp((db - peak) * to_nepers, noise * to_nepers) / to_nepers

    def _stretched(self, db: Tensor, generator: torch.Generator) -> Tensor:
        """Frames read at k / ratio, linear between bins; beyond the last bin it is repeated."""
        return self._read_at(
            db, self._stretch * (2.0 * torch.rand(len(db), 1, generator=generator, device=self._device) - 1.0)
        )

    def _read_at(self, db: Tensor, semitones: Tensor) -> Tensor:
        source = (self._bins * torch.exp2(-semitones / 12.0)).clamp(max=db.shape[1] - 1.001)
        lower = source.floor()
        index, fraction = lower.long(), source - lower
        return torch.lerp(db.gather(1, index), db.gather(1, index + 1), fraction)
