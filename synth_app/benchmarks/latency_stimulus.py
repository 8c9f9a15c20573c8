"""Chooses the slider step for latency measurements: a strong change of timbre in a steady sound."""

from dataclasses import dataclass, replace

import numpy as np

from synth_app.decoder import Model, load_model
from synth_app.modelfile import note_center
from synth_app.patch import Patch
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.errors import UserError

_KEYS = range(67, 97)  # high enough that the spectra of the measurement resolve a note's partials
_MAX_NOTES = 16  # candidates, evenly spaced over the bank
_SUSTAINED_DB = -20.0  # minimum level in a note's middle relative to its loudest frame: it must sound when held
_STEP_STD = 1.0  # step size in standard deviations of the training latent vectors: a usual slider move
_LEVEL_COST = 0.1  # per dB: a change of level shifts the half-way point of the spectrum


@dataclass(frozen=True)
class LatencyStimulus:
    """A slider that moves between two positions while one key is held.

    Attributes:
        low, high: patches of both positions; they differ in one latent dimension.
        key: MIDI note; the pitch of the bank note, so that nothing is transposed.
        note: name of the bank note.
        dimension: index of the latent dimension.
    """

    low: Patch
    high: Patch
    key: int
    note: str
    dimension: int


def choose_stimulus(path: str, quality: str = DEFAULT_QUALITY) -> LatencyStimulus:
    """Return the step of one slider that changes the decoded spectrum most.

    Up to 16 bank notes, each at the centre of its sustain, move by half a standard deviation down and up in each
    dimension. The rating is the difference of the amplitude spectra, relative to the louder one, minus a cost for a
    difference in level. The highest rating is chosen.

    Raises:
        UserError: the model cannot be loaded or has no note bank.
    """
    model = load_model(path)
    notes = [i for i, note in enumerate(model.bank) if note.pitch in _KEYS] or list(range(len(model.bank)))
    if not notes:
        raise UserError(f"{path}: this model has no note bank, so nothing can be played; train it again")
    notes = [i for i in notes if _is_sustained(model, i)] or notes
    candidates = notes[:: -(-len(notes) // _MAX_NOTES)]
    ratings = np.stack([_ratings(model, i) for i in candidates])
    best, dimension = np.unravel_index(int(ratings.argmax()), ratings.shape)
    slot = candidates[int(best)]
    offset = np.zeros(model.card.latent_size)
    offset[dimension] = 0.5 * _STEP_STD * model.stats.std[dimension]
    still = Patch(path, slot, slot, quality=quality)
    for name, value in (("motion", 0.0), ("attack_s", 0.0), ("release_s", 0.0)):  # clipped to the shortest allowed
        still = still.with_param(name, value)
    low, high = (replace(still, offset=tuple(map(float, sign * offset))) for sign in (-1, 1))
    return LatencyStimulus(low, high, model.bank[slot].pitch, model.bank[slot].name, int(dimension))


def _is_sustained(model: Model, note: int) -> bool:
    """Return whether a bank note is still loud in the middle of its sustain."""
    _, gain_db = note_center(model.bank[note])
    return bool(gain_db > model.bank[note].gain_db.max() + _SUSTAINED_DB)


def _ratings(model: Model, note: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the rating of each dimension [latent] at one bank note."""
    centre, gain_db = note_center(model.bank[note])
    moves = 0.5 * _STEP_STD * np.diag(model.stats.std)
    z = np.concatenate([centre - moves, centre + moves])
    frames_db = model.decode_held(z, gain_db, model.bank[note].pitch)
    low, high = np.split(10.0 ** (frames_db.astype(np.float64) / 20.0), 2)
    levels = np.linalg.norm(low, axis=1), np.linalg.norm(high, axis=1)
    change = np.linalg.norm(high - low, axis=1) / np.maximum(*levels)
    return change - _LEVEL_COST * np.abs(20.0 * np.log10(levels[1] / levels[0]))
