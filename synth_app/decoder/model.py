"""A loaded model: audio to frames, frames to latent vectors, latent vectors to frames."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder.audible_step import step_audibly
from synth_app.decoder.latent_optimization import optimize_latents
from synth_app.decoder.network import Network
from synth_app.modelfile import BankNote, LatentStats, ModelCard, ModelFile, find_model, load_model_file
from synth_app.spectrum import FrameSpec, db_frames, from_unit, remove_gain, restore_gain, to_unit
from synth_app.support.errors import UserError

Array = NDArray[np.float32]
Pitch = float | NDArray[np.floating]  # MIDI
_BATCH = 256
HELD_FRAMES = 16  # a recurrent model's frame has settled after this many equal latent vectors


class Model:
    """A model file with its networks ready to run. An instance belongs to one thread."""

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        spec, latent = file.card.frame_spec, file.card.latent_size
        keys = file.card.key_range
        self._encoder = Network(file.card.encoder, file.tensors, spec.bins, _BATCH, key_range=keys)
        self._decoder = Network(file.card.decoder, file.tensors, latent, _BATCH, key_range=keys)

    @property
    def card(self) -> ModelCard:
        """The model card: name, networks, training data, scores."""
        return self.file.card

    @property
    def spec(self) -> FrameSpec:
        """Analysis settings of the frames that the model encodes and decodes."""
        return self.file.card.frame_spec

    @property
    def bank(self) -> tuple[BankNote, ...]:
        """The note bank: encoded notes as latent paths."""
        return self.file.bank

    @property
    def stats(self) -> LatentStats:
        """Statistics of the training latent vectors."""
        return self.file.stats

    def frames(self, audio: NDArray[np.floating], sample_rate: int) -> Array:
        """Analyse audio of any sample rate into magnitude frames.

        Args:
            audio: mono samples [n], full scale 1.
            sample_rate: Hz; another rate than the model's is converted (soxr, very high quality).

        Returns:
            float32 [frames, bins], dB re full-scale sine.

        Raises:
            UserError: the audio has several channels, NaN or infinite samples.
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
        """Whether ``encode`` and ``decode`` need the pitch, because latent vectors do not contain it."""
        return self.card.key_range is not None

    @property
    def recurrent(self) -> bool:
        """Whether a decoded frame depends on the latent vectors before it."""
        return self._decoder.recurrent

    def encode(
        self, frames_db: Array, pitch: Pitch | None = None, *, gauss_newton_steps: int = 0
    ) -> tuple[Array, Array]:
        """Encode dB frames to latent vectors and gains.

        Args:
            frames_db: float32 [n, bins], dB re full-scale sine.
            pitch: MIDI, fractions allowed, a number or [n]; models that are not pitch-conditioned ignore it.
            gauss_newton_steps: steps of latent optimization after the encoder (``optimize_latents``); a recurrent model
                makes none.

        Returns:
            z float32 [n, latent] and gain_db float32 [n], each frame's maximum.

        Raises:
            UserError: wrong number of bins, or no pitch for a pitch-conditioned model.
        """
        if frames_db.ndim != 2 or frames_db.shape[1] != self.spec.bins:
            raise UserError(f"frames have shape {frames_db.shape}; this model needs [n, {self.spec.bins}]")
        shape_db, gain_db = remove_gain(frames_db.astype(np.float32, copy=False), self.spec.floor_db)
        unit, pitches = to_unit(shape_db, self.spec.floor_db), self._pitches(pitch, len(frames_db))
        z = self._encoder(unit, pitches)
        if not self._decoder.recurrent:
            z = optimize_latents(self._decoder, unit, z, pitches, gauss_newton_steps)
        return z, gain_db

    def encode_audibly(self, frames_db: Array, pitch: float) -> tuple[Array, Array]:
        """Encode dB frames of one note so that they sound near, by a step on the audible error after the encoder.

        Args:
            frames_db: float32 [n, bins], dB re full-scale sine.
            pitch: MIDI, fractions allowed; a model that is not pitch-conditioned has partials there too.

        Returns:
            z and gain_db, as ``encode``. A recurrent model's are the encoder's.

        Raises:
            UserError: wrong number of bins.
        """
        z, gain_db = self.encode(frames_db, pitch)
        if self._decoder.recurrent:
            return z, gain_db
        unit = to_unit(remove_gain(frames_db.astype(np.float32, copy=False), self.spec.floor_db)[0], self.spec.floor_db)
        return step_audibly(self._decoder, self.spec, unit, z, pitch), gain_db

    def decode(self, z: Array, gain_db: Array | float, pitch: Pitch | None = None) -> Array:
        """Decode latent vectors to magnitude frames.

        Args:
            z: float32 [n, latent]; for a recurrent model a path in time, one latent vector per frame.
            gain_db: float32 [n], or one number for all frames.
            pitch: as for ``encode``.

        Returns:
            float32 [n, bins], dB re full-scale sine.

        Raises:
            UserError: wrong number of latent dimensions, or no pitch for a pitch-conditioned model.
        """
        if z.ndim != 2 or z.shape[1] != self.card.latent_size:
            raise UserError(f"latent vectors have shape {z.shape}; this model needs [n, {self.card.latent_size}]")
        unit = self._decoder(z.astype(np.float32, copy=False), self._pitches(pitch, len(z)))
        gains = np.full(len(z), gain_db, np.float32)  # a copy: adding a broadcast view takes as long as a whole layer
        return restore_gain(from_unit(unit, self.spec.floor_db), gains)

    def decode_held(self, z: Array, gain_db: Array | float, pitch: Pitch | None = None) -> Array:
        """Decode latent vectors that do not follow each other in time, each as if it had been held.

        The result differs from ``decode`` only for a recurrent model, whose frames depend on the frames before them.
        """
        if not self._decoder.recurrent:
            return self.decode(z, gain_db, pitch)
        pitches = self._pitches(pitch, len(z))
        gains = np.broadcast_to(np.asarray(gain_db, np.float32), (len(z),))
        frames = [
            self.decode(np.tile(latent, (HELD_FRAMES, 1)), gain, None if pitches is None else float(pitches[i]))[-1]
            for i, (latent, gain) in enumerate(zip(z, gains, strict=True))
        ]
        return np.stack(frames)

    def _pitches(self, pitch: Pitch | None, n: int) -> Array | None:
        if not self.pitch_conditioned:
            return None
        if pitch is None:
            raise UserError(f"{self.card.name} is pitch-conditioned: give pitch= as a MIDI number (60 is middle C)")
        found = np.asarray(pitch, np.float32)
        if found.ndim > 1 or (found.ndim and len(found) != n) or not np.isfinite(found).all():
            raise UserError(
                f"pitch has shape {found.shape} for {n} frames; give one finite MIDI number, or one per frame"
            )
        return np.full(n, found)


def load_model(path_or_name: Path | str) -> Model:
    """Load a model by file path or by name (``synth-app models`` lists the names).

    Raises:
        UserError: no such model, or its file is damaged, of another program, or of a newer version.
    """
    return Model(load_model_file(find_model(path_or_name)))
