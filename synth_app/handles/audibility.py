"""How audible the latent dimensions of a model are."""

import numpy as np
from numpy.typing import NDArray

from synth_app.handles.sound import HandleSound, SoundReader
from synth_app.modelfile import note_center

Floats = NDArray[np.float64]
QUIET_DB = 1.25  # a dimension that changes audible bins by less counts as quiet
_NOTES = 8
_AUDIBLE_DB, _AUDIBLE_SLOPE_DB = -50.0, 6.0  # re the frame's maximum


def audible_changes_db(reader: SoundReader) -> Floats:
    """Return how much one standard deviation of each latent dimension changes what is heard, float64 [latent] in dB.

    It is the root mean square change of the decoded frame's bins, weighted by how audible they are, up and down, over
    some notes of the bank. Without a bank all are 0.
    """
    bank, scale = reader.model.bank, reader.z_scale
    chosen = np.unique(np.linspace(0, len(bank) - 1, _NOTES).astype(int)) if bank else np.zeros(0, int)
    total = np.zeros(len(scale))
    for i in chosen:
        sound = HandleSound(note_center(bank[i])[0].astype(np.float64), float(bank[i].pitch))
        steps = np.concatenate([np.zeros((1, len(scale))), np.diag(scale), -np.diag(scale)])
        frames = reader.frames(sound.z + steps, sound).astype(np.float64)
        frames -= frames.max(axis=1, keepdims=True)
        weight = 1.0 / (1.0 + np.exp((_AUDIBLE_DB - frames[0]) / _AUDIBLE_SLOPE_DB))
        change = np.sqrt(np.square(frames[1:] - frames[0]) @ weight / weight.sum())
        total += change.reshape(2, -1).mean(axis=0) / len(chosen)
    return total
