"""A loaded model as others use it: audio to frames, frames to codes, codes to frames."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.network import Network
from synth_app.decoder.refine import refine
from synth_app.modelfile import BankNote, LatentStats, ModelCard, ModelFile, find_model, load_model_file
from synth_app.spectrum import FrameSpec, db_frames, from_unit, remove_gain, restore_gain, to_unit
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
Pitch = float | NDArray[np.floating]  # MIDI
_BATCH = 256
HELD_FRAMES = 16  # after which a recurrent model's frame is taken for settled


class Model:
    """A model file with its networks ready to run. Not shared between threads."""

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        spec, latent = file.card.frame_spec, file.card.latent_size
        keys = file.card.key_range
        self._encoder = Network(file.card.encoder, file.tensors, spec.bins, _BATCH, key_range=keys)
        self._decoder = Network(file.card.decoder, file.tensors, latent, _BATCH, key_range=keys)

    @property
    def card(self) -> ModelCard:
        """What the model is and how it was made."""
        return self.file.card

    @property
    def spec(self) -> FrameSpec:
        """The frames it reads and makes."""
        return self.file.card.frame_spec

    @property
    def bank(self) -> tuple[BankNote, ...]:
        """Known notes as latent paths."""
        return self.file.bank

    @property
    def stats(self) -> LatentStats:
        """Statistics of the training codes."""
        return self.file.stats

    def frames(self, audio: NDArray[np.floating], sample_rate: int) -> Array:
        """Magnitude frames of audio at any rate.

        Args:
            audio: mono samples [n], full scale 1.
            sample_rate: Hz; converted to the model's rate if different (soxr, very high quality).

        Returns:
            float32 [frames, bins], dB re full-scale sine.

        Raises:
            UserError: audio is not one finite channel.
        """
        samples = np.asarray(audio, dtype=np.float32)
        if samples.ndim != 1:
            raise UserError(f"audio has shape {samples.shape}; give one channel [n]")
        if not np.isfinite(samples).all():
            raise UserError("audio has NaN or infinite samples; repair it first")
        if sample_rate != self.spec.sample_rate:
            import soxr  # not needed to play

            samples = soxr.resample(samples, sample_rate, self.spec.sample_rate, quality="VHQ")
        return db_frames(samples, self.spec)

    @property
    def pitch_conditioned(self) -> bool:
        """Whether codes leave the pitch out, so that ``encode`` and ``decode`` must be told it."""
        return self.card.key_range is not None

    def encode(self, frames_db: Array, pitch: Pitch | None = None, *, rounds: int = 0) -> tuple[Array, Array]:
        """Codes and gains of dB frames.

        Args:
            frames_db: float32 [n, bins], dB re full-scale sine.
            pitch: MIDI, fractions allowed, a number or [n]; for models that take it, others ignore it.
            rounds: how often the encoder's codes are refined (``refine``); a recurrent model's are not.

        Returns:
            z float32 [n, latent] and gain_db float32 [n], each frame's maximum.

        Raises:
            UserError: wrong number of bins, or no pitch for a model that takes it.
        """
        if frames_db.ndim != 2 or frames_db.shape[1] != self.spec.bins:
            raise UserError(f"frames have shape {frames_db.shape}; this model takes [n, {self.spec.bins}]")
        shape_db, gain_db = remove_gain(frames_db.astype(np.float32, copy=False), self.spec.floor_db)
        unit, pitches = to_unit(shape_db, self.spec.floor_db), self._pitches(pitch, len(frames_db))
        z = self._encoder(unit, pitches)
        return z if self._decoder.recurrent else refine(self._decoder, unit, z, pitches, rounds), gain_db

    def decode(self, z: Array, gain_db: Array | float, pitch: Pitch | None = None) -> Array:
        """Frames of codes.

        Args:
            z: float32 [n, latent]; for a recurrent model a path in time, one code per frame.
            gain_db: float32 [n], or a scalar for all.
            pitch: as for ``encode``.

        Returns:
            float32 [n, bins], dB re full-scale sine.

        Raises:
            UserError: wrong number of dimensions, or no pitch for a model that takes it.
        """
        if z.ndim != 2 or z.shape[1] != self.card.latent_size:
            raise UserError(f"codes have shape {z.shape}; this model takes [n, {self.card.latent_size}]")
        unit = self._decoder(z.astype(np.float32, copy=False), self._pitches(pitch, len(z)))
        gains = np.full(len(z), gain_db, np.float32)  # a broadcast view takes as long as a layer
        return restore_gain(from_unit(unit, self.spec.floor_db), gains)

    def decode_held(self, z: Array, gain_db: Array | float, pitch: Pitch | None = None) -> Array:
        """As ``decode``, for codes that do not follow each other: each as if it had been held.

        It makes a difference only for a recurrent model, whose frames depend on those before them.
        """
        if not self._decoder.recurrent:
            return self.decode(z, gain_db, pitch)
        pitches = self._pitches(pitch, len(z))
        gains = np.broadcast_to(np.asarray(gain_db, np.float32), (len(z),))
        frames = [
            self.decode(np.tile(code, (HELD_FRAMES, 1)), gain, None if pitches is None else float(pitches[i]))[-1]
            for i, (code, gain) in enumerate(zip(z, gains, strict=True))
        ]
        return np.stack(frames)

    def _pitches(self, pitch: Pitch | None, n: int) -> Array | None:
        if not self.pitch_conditioned:
            return None
        if pitch is None:
            raise UserError(f"{self.card.name} needs to know the pitch of a note: give pitch= in MIDI (60 is middle C)")
        found = np.asarray(pitch, np.float32)
        if found.ndim > 1 or (found.ndim and len(found) != n) or not np.isfinite(found).all():
            raise UserError(
                f"pitch has shape {found.shape} for {n} frames; give one finite MIDI number, or one a frame"
            )
        return np.full(n, found)


def load_model(path_or_name: Path | str) -> Model:
    """Load a model by file path or by name (``synth-app models`` lists them).

    Raises:
        UserError: there is none, or the file is damaged, foreign or newer.
    """
    return Model(load_model_file(find_model(path_or_name)))
