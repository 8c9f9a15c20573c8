"""Which recordings of a sound each key plays at each velocity: the nearest two, and where between them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.voices.latent_path import FREE, RELEASED, Voices, freeze
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.support.kernels import inlined, public

KEYS, VELOCITIES = 128, 128
_Choice = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64] | float]  # low, high, between; of a key


class Place(NamedTuple):
    """Where a recording of a sound lies: MIDI key, rounded, and velocity."""

    key: int
    velocity: int


class Choices(NamedTuple):
    """What slot A and B play, for every key and velocity.

    Attributes:
        low, high: int64 [2, KEYS, VELOCITIES], rows of the bank; the same where one recording plays alone.
        between: float32 [2, KEYS, VELOCITIES], position between the two, 0 to 1.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    between: NDArray[np.float32]


class Blending(NamedTuple):
    """What of a sound may be morphed.

    Attributes:
        keys: recordings at two keys. A model without pitch input would mix two rows of partials.
        velocities: recordings at two velocities. Those of a sound without a pitch, such as a drum, differ too much.
    """

    keys: bool
    velocities: bool


def fill_choices(choices: Choices, slot: int, rows: NDArray[np.int64], places: list[Place], blending: Blending) -> None:
    """Write what a slot plays.

    Between two recorded keys, these two are morphed by the distance to each. At a recorded key and beyond the
    outermost, two velocities of that key are morphed likewise. What may not be morphed plays the nearest alone.

    Args:
        choices: written in place.
        slot: 0 or 1.
        rows: int64 [recordings], in the bank. places: of the same recordings.
        blending: what may be morphed.
    """
    keys = sorted({place.key for place in places})
    layers = {key: _layers(rows, places, key) for key in keys}
    nearest = {key: _nearest(each) for key, each in layers.items()}
    alone = {key: _between(each) if blending.velocities else _single(nearest[key]) for key, each in layers.items()}
    for key in range(KEYS):
        low = max((each for each in keys if each <= key), default=keys[0])
        high = min((each for each in keys if each >= key), default=keys[-1])
        choice: _Choice
        if blending.keys and low < key < high:
            choice = nearest[low], nearest[high], (key - low) / (high - low)
        else:
            choice = alone[low if key - low <= high - key else high]
        choices.low[slot, key], choices.high[slot, key], choices.between[slot, key] = choice


class _Layers(NamedTuple):
    """The recordings of one key, the softest first: int64 [n] each."""

    rows: NDArray[np.int64]
    velocities: NDArray[np.int64]


def _layers(rows: NDArray[np.int64], places: list[Place], key: int) -> _Layers:
    found = sorted((place.velocity, int(row)) for place, row in zip(places, rows, strict=True) if place.key == key)
    velocities, of_key = np.array(found, np.int64).T
    return _Layers(of_key, velocities)


def _single(rows: NDArray[np.int64]) -> _Choice:
    return rows, rows, 0.0


def _nearest(layers: _Layers) -> NDArray[np.int64]:
    """Return the row of the nearest velocity for every velocity; of two equally near the softer."""
    distance = np.abs(np.arange(VELOCITIES)[:, None] - layers.velocities)
    return layers.rows[distance.argmin(axis=1)]


def _between(layers: _Layers) -> _Choice:
    """Return the rows below and above every velocity, and the position between them."""
    wanted = np.arange(VELOCITIES)
    high = np.searchsorted(layers.velocities, wanted).clip(max=len(layers.rows) - 1)
    low = (np.searchsorted(layers.velocities, wanted, "right") - 1).clip(min=0)
    span = layers.velocities[high] - layers.velocities[low]
    position = np.divide(wanted - layers.velocities[low], span, out=np.zeros(VELOCITIES), where=span > 0)
    return layers.rows[low], layers.rows[high], position


@inlined
def _choose(voices: Voices, v: int, choices: Choices) -> bool:
    """Set the recordings that a voice mixes by its key and velocity. Return whether any is another one."""
    key, velocity = min(max(voices.key[v], 0), KEYS - 1), min(int(127.0 * voices.velocity[v] + 0.5), VELOCITIES - 1)
    changed = False
    for slot in range(2):
        low, high = choices.low[slot, key, velocity], choices.high[slot, key, velocity]
        changed = changed or voices.recording[v, 2 * slot] != low or voices.recording[v, 2 * slot + 1] != high
        voices.recording[v, 2 * slot], voices.recording[v, 2 * slot + 1] = low, high
        voices.between[v, slot] = choices.between[slot, key, velocity]
    return changed


@inlined
def _blend_in(voices: Voices, v: int, bank: PackedBank) -> None:
    """Blend in other recordings under a sounding voice, past their attacks."""
    freeze(voices, v)
    if voices.stage[v] != RELEASED:
        for part in range(voices.recording.shape[1]):
            attack = float(bank.attack_end[voices.recording[v, part]])
            voices.position[v, part] = max(voices.position[v, part], attack)


@public
def choose_recordings(voices: Voices, v: int, choices: Choices, bank: PackedBank) -> None:
    """Choose what a voice plays at its present key; a sounding voice blends over to it."""
    if _choose(voices, v, choices) and voices.begun[v]:
        _blend_in(voices, v, bank)


@public
def change_recordings(voices: Voices, choices: Choices, bank: PackedBank) -> None:
    """Choose what every voice plays, after other notes were put into the slots; sounding voices blend over to them."""
    for v in range(voices.stage.shape[0]):
        if voices.stage[v] != FREE:
            _choose(voices, v, choices)
            if voices.begun[v]:
                _blend_in(voices, v, bank)
