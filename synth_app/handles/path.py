"""Bite and movement: read off a note's path in time, and what their parameters change."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.loudness import k_weights
from synth_app.engine.spectral.tilt_axis import octaves_about_pivot
from synth_app.handles.sound import SoundReader
from synth_app.modelfile import BankNote, note_center
from synth_app.params import param
from synth_app.params.handles import BITE, BITE_TILT, MOVEMENT, ONSET_S

Floats = NDArray[np.float64]
Frames = NDArray[np.float32]
_ATTACK_S, _AFTER_S = (0.0, 0.08), (0.15, 0.5)
_ATTACK_FRAMES, _AFTER_FRAMES, _HELD_FRAMES = 6, 4, 12
_BANDS, _LOWEST_HZ = 24, 60.0
_BAND_FLOOR_DB = -50.0  # re the loudest band of the note; lower levels are inaudible
_LEAST_MOVEMENT_DB = -20.0  # 0.1 dB: a sound that stands still
_MOST_BITE_DB = 40.0  # a stroke whose end is lower counts as if it were this low
_KEPT_NOTES, _KEPT_VALUES = 8, 64
_BISECTIONS, _SECANTS = 14, 3
_BITE_LIMITS = (float(param(BITE.target).minimum), float(param(BITE.target).maximum))
_MOVEMENT_LIMITS = (float(param(MOVEMENT.target).minimum), float(param(MOVEMENT.target).maximum))


@dataclass(frozen=True)
class _Read:
    """What is kept of a note.

    Attributes:
        z: float32 [frames, latent], the note's own array, which tells it from others.
        pitch: that it was decoded at.
        onset: float32 [n, bins] in dB, frames of the attack and after it. weight: float64 [n], of the attack.
        held: float64 [m, latent], path while the key is held. levels_db: float32 [m, bins], correction there.
        center: float64 [latent].
    """

    z: Frames
    pitch: float
    onset: Frames
    weight: Floats
    held: Floats
    levels_db: Frames
    center: Floats


class PathReader:
    """Reads bite and movement of notes of one model, and finds the parameters for wanted values.

    They are those of the note's own path: what other handles and sliders add to it is not counted.

    - bite: the loudest K-weighted frame of the first 80 ms over the mean from 150 to 500 ms, in dB
    - movement: root mean square change of 24 bands around their mean while the key is held, in dB re 1 dB

    Args:
        reader: of the model. The instance belongs to its thread.
        density: how many times as many frames it reads, to check the usual reading.
    """

    def __init__(self, reader: SoundReader, density: int = 1) -> None:
        self._reader, spec = reader, reader.model.spec
        self._attack_frames, self._after_frames, self._held_frames = (
            density * count for count in (_ATTACK_FRAMES, _AFTER_FRAMES, _HELD_FRAMES)
        )
        bin_hz = spec.sample_rate / spec.n_fft
        self._frames_per_s = spec.sample_rate / spec.hop_length
        self._k_weights = k_weights(spec.bins, bin_hz).astype(np.float64)
        self._octaves = octaves_about_pivot(spec.bins, bin_hz)
        edges_hz = np.geomspace(_LOWEST_HZ, 0.5 * spec.sample_rate, _BANDS + 1)
        band = np.searchsorted(edges_hz, np.arange(spec.bins) * bin_hz, side="right") - 1
        self._bands = (band[:, None] == np.arange(_BANDS)).astype(np.float32)
        self._bands = self._bands[:, self._bands.any(axis=0)]
        self._known: OrderedDict[tuple[int, int, float], _Read] = OrderedDict()
        self._values: dict[tuple[int, int, float, float, float], tuple[float, float]] = {}

    def bite(self, note: BankNote, pitch: float, bite_db: float = 0.0) -> float:
        """Return the bite of a note with the parameter at ``bite_db``."""
        read = self._read(note, pitch)
        added = bite_db * read.weight[:, None] * (1.0 + BITE_TILT * self._octaves)
        power = 10.0 ** ((read.onset + added) / 10.0) @ self._k_weights
        level_db = 10.0 * np.log10(power + 1e-20)
        loudest = level_db[: self._attack_frames].max()
        return float(loudest - np.maximum(level_db[self._attack_frames :], loudest - _MOST_BITE_DB).mean())

    def movement(self, note: BankNote, pitch: float, movement_db: float = 0.0) -> float:
        """Return the movement of a note with the parameter at ``movement_db``."""
        read = self._read(note, pitch)
        along = read.center + 10.0 ** (movement_db / 20.0) * (read.held - read.center)
        frames = self._reader.decode(along, read.pitch) + read.levels_db
        power = 10.0 ** (frames / np.float32(10.0)) @ self._bands
        level_db = 10.0 * np.log10(power + 1e-20)
        level_db = np.maximum(level_db, level_db.max() + _BAND_FLOOR_DB)
        variance = float(np.square(level_db - level_db.mean(axis=0)).mean())
        return 10.0 * float(np.log10(variance + 10.0 ** (_LEAST_MOVEMENT_DB / 10.0)))

    def values(self, note: BankNote, pitch: float, bite_db: float = 0.0, movement_db: float = 0.0) -> Floats:
        """Return bite and movement, float64 [2]. The last ones are kept: a morph asks for the same notes again."""
        self._read(note, pitch)  # the kept array holds the address in the key
        key = (*_key(note, pitch), bite_db, movement_db)
        if key not in self._values:
            if len(self._values) >= _KEPT_VALUES:
                self._values.clear()
            self._values[key] = self.bite(note, pitch, bite_db), self.movement(note, pitch, movement_db)
        return np.array(self._values[key])

    def find_bite_db(self, notes: list[tuple[BankNote, float, float]], wanted: float) -> float:
        """Return the parameter at which the weighted mean bite of (note, pitch, weight) is nearest to ``wanted``."""
        low, high = _BITE_LIMITS
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            if sum(weight * self.bite(note, pitch, middle) for note, pitch, weight in notes) < wanted:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)

    def find_movement_db(self, notes: list[tuple[BankNote, float, float]], wanted: float) -> float:
        """Return the parameter at which the weighted mean movement is nearest to ``wanted``; as ``find_bite_db``.

        A dB of the parameter changes the movement by about a dB, which is where the search begins.
        """
        at, slope = 0.0, 1.0
        value = self._mean_movement(notes, at)
        best = abs(wanted - value), at
        for _ in range(_SECANTS):
            following = float(np.clip(at + (wanted - value) / slope, *_MOVEMENT_LIMITS))
            if following == at:
                break
            found = self._mean_movement(notes, following)
            slope = min(max((found - value) / (following - at), 0.25), 2.0)
            at, value = following, found
            best = min(best, (abs(wanted - value), at))
        return best[1]

    # ---- internal

    def _mean_movement(self, notes: list[tuple[BankNote, float, float]], movement_db: float) -> float:
        return sum(weight * self.movement(note, pitch, movement_db) for note, pitch, weight in notes)

    def _read(self, note: BankNote, pitch: float) -> _Read:
        key = _key(note, pitch)
        if key not in self._known:
            self._known[key] = self._decode(note, pitch)
            if len(self._known) > _KEPT_NOTES:
                self._known.popitem(last=False)
                self._values.clear()  # their keys may name other notes from now on
        self._known.move_to_end(key)
        return self._known[key]

    def _decode(self, note: BankNote, pitch: float) -> _Read:
        last, marks = len(note.z) - 1, note.marks
        attack_s, after_s = np.linspace(*_ATTACK_S, self._attack_frames), np.linspace(*_AFTER_S, self._after_frames)
        times_s = np.concatenate([attack_s, after_s])
        onset = np.minimum(np.rint(times_s * self._frames_per_s).astype(int), max(marks.release_start - 1, 0))
        first = min(max(marks.attack_end, round(_AFTER_S[0] * self._frames_per_s)), marks.loop_start)
        held = np.unique(
            np.linspace(first, max(marks.loop_end - 1, first), self._held_frames).astype(int).clip(0, last)
        )
        frames = self._reader.decode(note.z[onset], pitch) + self._levels(note, onset) + note.gain_db[onset][:, None]
        return _Read(
            note.z, pitch, frames, np.exp(-onset / self._frames_per_s / ONSET_S), note.z[held].astype(np.float64),
            self._levels(note, held), note_center(note)[0].astype(np.float64),
        )  # fmt: skip

    def _levels(self, note: BankNote, frames: NDArray[np.intp]) -> Frames:
        if note.correction is None:
            return np.zeros((1, self._reader.model.spec.bins), np.float32)
        return note.correction.levels_db(frames, len(note.z))


def _key(note: BankNote, pitch: float) -> tuple[int, int, float]:
    """Return what tells a note from the others that are kept: the address of its path, its length, and its pitch."""
    return note.z.ctypes.data, len(note.z), pitch
