"""Corrections: what a decoder misses of one note, in dB, as a mean and a few shapes with slowly moving weights."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import noise_share, soft_shape
from synth_app.support.errors import UserError

Frames = NDArray[np.floating] | NDArray[np.integer]
MAX_SHAPES, MAX_KNOTS, MAX_BINS = 16, 256, 16_385
_MAX_SCALE_DB = 200.0  # per step of an 8-bit shape times its weight; far above any level


@dataclass(frozen=True)
class Correction:
    """Level differences r(t, k) = r_0(k) + sum_i w_i(t) r_i(k) of a note's frames over the decoded ones, in dB.

    Plain data that can be compared and sent to the engine. Frames are normalized to a maximum of 0 dB on both sides.
    The weights are given at knots, which are denser at the start of the note: knot j of n lies at the frame
    ``(j / (n - 1))^2`` of the way to the last one. Notes of a bank have ``KNOTS``, recordings of the user's own more.

    Attributes:
        bins: of a frame.
        shapes: int8 [1 + shapes, bins] as bytes in C order; the first row is the mean r_0.
        scale_db: float32 [1 + shapes] as bytes, dB per step of each row.
        weights: float16 [shapes, knots] as bytes; 0 to 1 for rows of full scale.
        noise: share of noise, as ``noise_share.pack_noise`` gives it; empty if it is not known.
        soft: levels of a stroke ``VELOCITY_SPAN`` softer over those of the recording, as ``soft_shape.pack_soft`` gives
            them; empty if they are not known.
        velocity: MIDI velocity of the recording.
    """

    bins: int
    shapes: bytes
    scale_db: bytes
    weights: bytes
    noise: bytes = b""
    soft: bytes = b""
    velocity: int = 100

    KNOTS: ClassVar[int] = 24

    def __post_init__(self) -> None:
        """Refuse a correction whose parts do not fit each other.

        Raises:
            UserError: sizes or values are out of range.
        """
        rows = len(self.scale_db) // 4
        if not (2 <= self.bins <= MAX_BINS and 1 <= rows <= 1 + MAX_SHAPES and len(self.scale_db) == 4 * rows):
            raise UserError(f"a correction of {rows} rows of {self.bins} bins; it has 1 to {1 + MAX_SHAPES} rows")
        if len(self.shapes) != rows * self.bins or len(self.weights) != 2 * (rows - 1) * self.knots:
            raise UserError(
                f"a correction's {len(self.shapes)} bytes of shapes and {len(self.weights)} of weights do not fit "
                f"{rows} rows of {self.bins} bins"
            )
        if not 2 <= self.knots <= MAX_KNOTS:
            raise UserError(f"a correction has {self.knots} knots; it has 2 to {MAX_KNOTS}")
        for name, size in (("noise", noise_share.SIZE), ("soft", soft_shape.BANDS)):
            found = len(getattr(self, name))
            if found not in (0, size):
                raise UserError(f"a correction has {found} bytes of {name!r}; it has none or {size}")
        if not 1 <= self.velocity <= 127:
            raise UserError(f"a correction's velocity {self.velocity} is outside 1-127")
        scale = np.frombuffer(self.scale_db, np.float32)
        if not (np.isfinite(scale).all() and np.isfinite(self.knot_weights()).all()):
            raise UserError("a correction must have finite levels and weights")
        if (np.abs(scale) * 127.0 > _MAX_SCALE_DB).any() or (np.abs(self.knot_weights()) > 1.0).any():
            raise UserError(f"a correction's levels must stay within {_MAX_SCALE_DB:g} dB, its weights within 1")

    @classmethod
    def of(
        cls, shapes_db: NDArray[np.floating], weights: NDArray[np.floating], noise: bytes = b"", soft: bytes = b"",
        velocity: int = 100,
    ) -> "Correction":  # fmt: skip
        """Quantize a correction.

        Args:
            shapes_db: [1 + shapes, bins], the mean and the shapes in dB.
            weights: [shapes, knots] at the knots.
            noise, soft, velocity: as the attributes.
        """
        shapes = np.array(shapes_db, np.float64)
        most = np.abs(weights).max(axis=1, initial=0.0)
        shapes[1:] *= most[:, None]
        normal = np.divide(weights, most[:, None], out=np.zeros(weights.shape), where=most[:, None] > 0.0)
        scale = (np.abs(shapes).max(axis=1) / 127.0).astype(np.float32)
        steps = np.divide(shapes, scale[:, None], out=np.zeros(shapes.shape), where=scale[:, None] > 0.0)
        return cls(
            bins=shapes.shape[1],
            shapes=np.rint(steps).clip(-127, 127).astype(np.int8).tobytes(),
            scale_db=scale.tobytes(),
            weights=normal.clip(-1.0, 1.0).astype(np.float16).tobytes(),
            noise=noise,
            soft=soft,
            velocity=velocity,
        )

    @property
    def knots(self) -> int:
        """Number of knots, ``KNOTS`` if no shape moves."""
        moving = len(self.scale_db) // 4 - 1
        return len(self.weights) // (2 * moving) if moving > 0 else self.KNOTS

    def shapes_db(self) -> NDArray[np.float32]:
        """Return the mean and the shapes in dB, float32 [1 + shapes, bins]."""
        steps = np.frombuffer(self.shapes, np.int8).reshape(-1, self.bins).astype(np.float32)
        out: NDArray[np.float32] = steps * np.frombuffer(self.scale_db, np.float32)[:, None]
        return out

    def knot_weights(self) -> NDArray[np.float32]:
        """Return the weights at the knots, float32 [shapes, knots]."""
        return np.frombuffer(self.weights, np.float16).reshape(-1, self.knots).astype(np.float32)

    def weights_at(self, frames: Frames, length: int) -> NDArray[np.float32]:
        """Return the weights [n, 1 + shapes], those of the mean being 1, at fractional frames [n] of a path."""
        moving = knot_basis(frames, length, self.knots) @ self.knot_weights().T
        return np.concatenate([np.ones((len(moving), 1)), moving], axis=1).astype(np.float32)

    def levels_db(self, frames: Frames, length: int) -> NDArray[np.float32]:
        """Return the level differences in dB, float32 [n, bins], at fractional frames [n] of a path."""
        return self.weights_at(frames, length) @ self.shapes_db()

    def noise_db(self, frames: Frames, length: int) -> NDArray[np.float32]:
        """Return the known shares of noise in dB, float32 [n, bands], at fractional frames [n] of a path."""
        return (knot_basis(frames, length, noise_share.KNOTS) @ noise_share.unpack_noise(self.noise)).astype(np.float32)


def knot_frames(length: int, knots: int) -> NDArray[np.float64]:
    """Return the fractional frames of the knots of a path of ``length`` frames, float64 [knots]."""
    return np.linspace(0.0, 1.0, knots) ** 2 * max(length - 1, 1)


def knot_basis(frames: Frames, length: int, knots: int) -> NDArray[np.float64]:
    """Return the weights of the knots at fractional frames of a path: linear interpolation between neighbours.

    Args:
        frames: [n], from 0 to ``length`` - 1.
        length: frames of the path.
        knots: their number.

    Returns:
        float64 [n, knots]; rows sum to 1.
    """
    position = np.sqrt(np.clip(np.asarray(frames, np.float64) / max(length - 1, 1), 0.0, 1.0)) * (knots - 1)
    distance = np.abs(position[:, None] - np.arange(knots))
    return np.maximum(1.0 - distance, 0.0)
