"""The style of a patch as data: the texture in slot S, and what it adds to the notes in slots A and B."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.patch.user_note import MAX_PATH_FRAMES
from synth_app.support.errors import UserError
from synth_app.texture.bands import BANDS

MAX_TEXTURE_FRAMES = 1024  # 10 s at 100 frames per second
AMOUNTS = 5  # even steps of the amount from 0 to 1 at which gains are given
_RATE_LIMITS_HZ = (10.0, 1000.0)
_HIGHEST_LIMITS_HZ = (1000.0, 100_000.0)


@dataclass(frozen=True)
class StyleTexture:
    """The texture in slot S: how the bands of a sound move, without its spectrum, pitch and loudness curve.

    It does not depend on a model, so a preset keeps it in every model.

    Attributes:
        name: shown in the window.
        frames_per_second: in Hz.
        highest_hz: centre of the highest band; the others follow from it (``texture.band_filters``).
        moving_db: float16 [frames, BANDS] as bytes, movement in dB, of zero mean.
        audible: uint8 [BANDS] as bytes, 1 for bands that are heard.
        step: mean step of the sound's own latent path per frame, in standard deviations of the training vectors.
    """

    name: str
    frames_per_second: float
    highest_hz: float
    moving_db: bytes
    audible: bytes
    step: float

    def __post_init__(self) -> None:
        """Refuse a texture that cannot be used."""
        frames = len(self.moving_db) // (2 * BANDS)
        if not 1 <= frames <= MAX_TEXTURE_FRAMES or len(self.moving_db) != 2 * BANDS * frames:
            raise UserError(
                f"{self.name}: {len(self.moving_db)} bytes of texture; give 1 to {MAX_TEXTURE_FRAMES} frames of "
                f"{BANDS} bands"
            )
        if len(self.audible) != BANDS or not set(self.audible) <= {0, 1} or sum(self.audible) < 2:
            raise UserError(f"{self.name}: a texture needs two audible bands of {BANDS} or more")
        if not np.isfinite(self.movement()).all():
            raise UserError(f"{self.name}: the movement of a texture must be finite")
        limits = (
            (self.frames_per_second, *_RATE_LIMITS_HZ),
            (self.highest_hz, *_HIGHEST_LIMITS_HZ),
            (self.step, 0.0, 1e3),
        )
        if not all(math.isfinite(value) and low <= value <= high for value, low, high in limits):
            raise UserError(f"{self.name}: frame rate, highest band or step of the texture is out of range")

    def movement(self) -> NDArray[np.float64]:
        """Return the movement in dB, float64 [frames, BANDS]."""
        return np.frombuffer(self.moving_db, np.float16).reshape(-1, BANDS).astype(np.float64)

    def heard(self) -> NDArray[np.float64]:
        """Return 1 for bands that are heard and 0 for others, float64 [BANDS]."""
        return np.frombuffer(self.audible, np.uint8).astype(np.float64)


@dataclass(frozen=True)
class StyleChange:
    """What a style adds to one note.

    Attributes:
        latent_size: of the note.
        z: float32 [frames, latent] as bytes, change of the latent path at amount 1; it grows evenly with the amount.
        gain_db: float32 [AMOUNTS, frames] as bytes, change of the gains at even amounts from 0 to 1.
        others: of the note's other recordings, in their order; None for one that cannot take on the style.
    """

    latent_size: int
    z: bytes
    gain_db: bytes
    others: tuple["StyleChange | None", ...] = ()

    def __post_init__(self) -> None:
        """Refuse a change that cannot be played."""
        frames = len(self.gain_db) // (4 * AMOUNTS)
        if not 1 <= frames <= MAX_PATH_FRAMES or len(self.gain_db) != 4 * AMOUNTS * frames:
            raise UserError(f"{len(self.gain_db)} bytes of gains of a style; give {AMOUNTS} x 1 to {MAX_PATH_FRAMES}")
        if len(self.z) != 4 * frames * self.latent_size:
            raise UserError(f"{len(self.z)} bytes of a style's path for {frames} x {self.latent_size} numbers")
        if not (np.isfinite(self.codes()).all() and np.isfinite(self.gains()).all()):
            raise UserError("the changes of a style must be finite")

    def codes(self) -> NDArray[np.float32]:
        """Return the change of the path, float32 [frames, latent], read-only."""
        return np.frombuffer(self.z, np.float32).reshape(-1, self.latent_size)

    def gains(self) -> NDArray[np.float32]:
        """Return the changes of the gains in dB, float32 [AMOUNTS, frames], read-only."""
        return np.frombuffer(self.gain_db, np.float32).reshape(AMOUNTS, -1)


StyleChanges = tuple[StyleChange | None, StyleChange | None]
