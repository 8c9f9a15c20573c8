"""Reconstruction error of magnitude frames in dB: pooled over all frames, and the mean of the notes' own errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Network, optimize_latents
from synth_app.modelfile import ModelFile
from synth_app.spectrum import from_unit
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
_BATCH = 512


@dataclass(frozen=True)
class Rmse:
    """Root mean square errors in dB.

    Attributes:
        pooled_db: over all bins of all frames of all notes.
        per_note_db: mean of the notes' own RMSE.
        notes, frames: number of each.
    """

    pooled_db: float
    per_note_db: float
    notes: int
    frames: int


class FrameError:
    """Accumulates errors note by note."""

    def __init__(self) -> None:
        self._squares: list[float] = []
        self._values: list[int] = []
        self._frames = 0

    def add_note(self, made_db: Array, true_db: Array) -> None:
        """Add a note's reconstructed and true frames [n, bins] in dB, n at least 1.

        Raises:
            UserError: the shapes differ or are empty.
        """
        if made_db.shape != true_db.shape or true_db.ndim != 2 or not true_db.size:
            raise UserError(f"frames of shapes {made_db.shape} and {true_db.shape} cannot be compared")
        difference = made_db.astype(np.float64) - true_db
        self._squares.append(float(np.vdot(difference, difference)))
        self._values.append(true_db.size)
        self._frames += len(true_db)

    def result(self) -> Rmse:
        """Return the errors so far.

        Raises:
            UserError: no note was added.
        """
        if not self._values:
            raise UserError("no notes with active frames to measure; check the data set and the split")
        per_note = np.sqrt(np.array(self._squares) / np.array(self._values))
        return Rmse(
            pooled_db=float(np.sqrt(sum(self._squares) / sum(self._values))),
            per_note_db=float(per_note.mean()),
            notes=len(self._values),
            frames=self._frames,
        )


Reconstructor = Callable[[Array, float], Array]  # scaled frames [n, bins], MIDI pitch -> dB frames re their maximum


class Reconstruction:
    """A model's reconstruction of scaled frames, through its stored networks.

    Args:
        model: a loaded model file.
        gauss_newton_steps: steps of latent optimisation before decoding (``decoder.latent_optimization``).
    """

    def __init__(self, model: ModelFile, gauss_newton_steps: int = 0) -> None:
        card = model.card
        self._gauss_newton_steps = gauss_newton_steps
        self._floor_db = card.spec.floor_db
        keys = card.key_range
        self._encoder = Network(card.encoder, model.tensors, card.frame_spec.bins, _BATCH, key_range=keys)
        self._decoder = Network(card.decoder, model.tensors, card.latent_size, _BATCH, key_range=keys)

    def __call__(self, unit: Array, pitch: float) -> Array:
        """Reconstruct one note's scaled frames [n, bins]; returns frames in dB re their own maximum [n, bins].

        ``pitch`` is the note's MIDI pitch. Models without pitch conditioning ignore it.
        """
        return self.at_pitch(unit, pitch, pitch)

    def at_pitch(self, unit: Array, pitch: float, other: float) -> Array:
        """Reconstruct frames, decoded at ``other``, another pitch than the note's."""
        own = np.full(len(unit), pitch, np.float32)
        z = self._encoder(unit, own)
        if self._gauss_newton_steps:
            z = optimize_latents(self._decoder, unit, z, own, self._gauss_newton_steps)
        return from_unit(self._decoder(z, np.full(len(unit), other, np.float32)), self._floor_db)
