"""Chooses the slider step with which latency is measured: a strong change of timbre in a sound that holds still."""

from dataclasses import dataclass, replace

import numpy as np

from synth_app.decoder import Model, load_model
from synth_app.modelfile import note_center
from synth_app.patch import Patch
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.errors import UserError

_KEYS = range(67, 97)  # high enough that the partials of a note are apart in the spectra that it is measured with
_MOST_NOTES = 16  # looked at, evenly over the bank
_LASTS_DB = -20.0  # level in a note's middle re its loudest frame; what died away there is not heard when held still
_SPREAD = 1.0  # size of the step in standard deviations of the training codes: what a slider is usually moved by
_LOUDNESS_COST = 0.1  # per dB: a step that mainly changes the level has its half-way point elsewhere than its timbre


@dataclass(frozen=True)
class LatencyStimulus:
    """A slider moved between two places while one key is held.

    Attributes:
        low, high: the sounds before and after; they differ in one latent dimension.
        key: MIDI note, the pitch of the bank note, so that nothing is transposed.
        note: name of the bank note.
        dimension: which slider.
    """

    low: Patch
    high: Patch
    key: int
    note: str
    dimension: int


def choose_step(path: str, quality: str = DEFAULT_QUALITY) -> LatencyStimulus:
    """The step of one slider that changes the decoded spectrum most.

    Each of up to 16 bank notes, at the centre of its sustain, is moved by half a standard deviation down and up in
    each dimension; taken is the largest difference of amplitude spectra, relative to the louder one, less a cost for
    a difference in level.

    Raises:
        UserError: the model cannot be loaded or has no note bank.
    """
    model = load_model(path)
    notes = [i for i, note in enumerate(model.bank) if note.pitch in _KEYS] or list(range(len(model.bank)))
    if not notes:
        raise UserError(f"{path}: this model has no note bank, so there is nothing to play; train it again")
    notes = [i for i in notes if _lasts(model, i)] or notes
    taken = notes[:: -(-len(notes) // _MOST_NOTES)]
    ratings = np.stack([_ratings(model, i) for i in taken])
    best, dimension = np.unravel_index(int(ratings.argmax()), ratings.shape)
    slot = taken[int(best)]
    offset = np.zeros(model.card.latent_size)
    offset[dimension] = 0.5 * _SPREAD * model.stats.std[dimension]
    still = Patch(path, slot, slot, quality=quality)
    for name, value in (("motion", 0.0), ("attack_s", 0.0), ("release_s", 0.0)):  # as short as allowed
        still = still.with_param(name, value)
    low, high = (replace(still, offset=tuple(map(float, sign * offset))) for sign in (-1, 1))
    return LatencyStimulus(low, high, model.bank[slot].pitch, model.bank[slot].name, int(dimension))


def _lasts(model: Model, note: int) -> bool:
    """Whether a bank note is still well heard in the middle of its sustain."""
    _, gain_db = note_center(model.bank[note])
    return bool(gain_db > model.bank[note].gain_db.max() + _LASTS_DB)


def _ratings(model: Model, note: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How well each dimension [latent] suits, at one bank note."""
    centre, gain_db = note_center(model.bank[note])
    moves = 0.5 * _SPREAD * np.diag(model.stats.std)
    z = np.concatenate([centre - moves, centre + moves])
    frames_db = model.decode_held(z, gain_db, model.bank[note].pitch)
    low, high = np.split(10.0 ** (frames_db.astype(np.float64) / 20.0), 2)
    levels = np.linalg.norm(low, axis=1), np.linalg.norm(high, axis=1)
    change = np.linalg.norm(high - low, axis=1) / np.maximum(*levels)
    return change - _LOUDNESS_COST * np.abs(20.0 * np.log10(levels[1] / levels[0]))
