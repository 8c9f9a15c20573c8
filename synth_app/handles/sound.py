"""Reads handles off sounds: decodes latent vectors that are held, and measures them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model, Network
from synth_app.decoder.model import HELD_FRAMES
from synth_app.handles.descriptors import Descriptors
from synth_app.spectrum import from_unit

Floats = NDArray[np.float64]
Frames = NDArray[np.float32]
_STEP = 0.05  # standard deviations, of the difference quotients
_SEQUENCES = 64  # of a recurrent decoder, held side by side


@dataclass(frozen=True)
class HandleSound:
    """A sound that does not move: one latent vector at one pitch.

    Attributes:
        z: float64 [latent], such as the centre of a note's sustain with the offset of the sliders.
        pitch: MIDI, that the frame is decoded at.
        levels_db: float32 [bins], the note's correction there, or None.
    """

    z: Floats
    pitch: float
    levels_db: Frames | None = None


class SoundReader:
    """Decodes and measures sounds of one model. An instance belongs to one thread.

    Args:
        model: of the sounds.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.descriptors = Descriptors(model.spec)
        std = model.stats.std.astype(np.float64)
        self.z_scale = np.where(std > 0.0, std, 1.0)
        card = model.card
        self._held: Network | None = None
        if model.recurrent:
            self._held = Network(card.decoder, model.file.tensors, card.latent_size, _SEQUENCES, sequences=_SEQUENCES)

    def frames(self, z: Floats, sound: HandleSound) -> Frames:
        """Decode latent vectors [n, latent] in the place of the sound's own, float32 [n, bins] in dB."""
        decoded = self.decode(z, sound.pitch)
        return decoded if sound.levels_db is None else decoded + sound.levels_db

    def decode(self, z: Floats, pitch: float | Floats) -> Frames:
        """Decode held latent vectors [n, latent] at one MIDI pitch or at [n], float32 [n, bins] in dB."""
        vectors = np.asarray(z, np.float32)
        return self.model.decode(vectors, 0.0, pitch) if self._held is None else self._decode_held(vectors)

    def values(self, z: Floats, sound: HandleSound) -> Floats:
        """Return the descriptors of latent vectors [n, latent] in the place of the sound's own, float64 [n, 7]."""
        return self.descriptors(self.frames(z, sound), sound.pitch)

    def slopes(self, z: Floats, sound: HandleSound) -> tuple[Floats, Floats]:
        """Return the descriptors at one latent vector [latent], float64 [7], and their slopes.

        The slopes, float64 [7, latent], are for one standard deviation of each latent dimension.
        """
        moved = np.concatenate([z[None], z + _STEP * np.diag(self.z_scale)])
        values = self.values(moved, sound)
        slopes: Floats = (values[1:] - values[0]).T / _STEP
        return values[0], slopes

    def _decode_held(self, z: Frames) -> Frames:
        """Decode latent vectors of a recurrent model, each as if it had been held."""
        network = self._held
        assert network is not None
        frames = np.empty((len(z), network.n_out), np.float32)
        for start in range(0, len(z), _SEQUENCES):
            part = z[start : start + _SEQUENCES]
            sequences = np.arange(len(part))
            for sequence in sequences:
                network.reset(int(sequence))
            for _ in range(HELD_FRAMES):
                frames[start : start + len(part)] = network.run_each(part, sequences)
        return from_unit(frames, self.model.spec.floor_db)
