"""Reads the handles of a patch's sound in one model, and finds the moves to wanted positions."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.handles import (
    EXACT,
    QUICK,
    HandleSound,
    Move,
    PathReader,
    SoundReader,
    model_path_scale,
    model_scale,
    move_handles,
)
from synth_app.handles.descriptors import LOUDNESS
from synth_app.params import HANDLES, SPECTRAL_HANDLES, param
from synth_app.params.handles import PATH_HANDLES
from synth_app.patch import Patch
from synth_app.session.curves.handle_sound import patch_sound, same_sound, slot_notes

Floats = NDArray[np.float64]
Slopes = tuple[Floats, Floats]
FIRST_OF_PATH = len(SPECTRAL_HANDLES)
_KNOWN = 4  # sounds whose positions are kept: most changes of a patch leave the sound as it is


class HandleReader:
    """The handles in one model. Positions are in steps: standard deviations of the bank, 0 is usual at the pitch.

    Args:
        model: with at least ``FEWEST_NOTES`` notes. The instance belongs to one thread.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._reader = SoundReader(model)
        self._path = PathReader(self._reader)
        self._scale, self._path_scale = model_scale(model), model_path_scale(model)
        self._known: deque[tuple[HandleSound, Floats]] = deque(maxlen=_KNOWN)
        self._seen: tuple[HandleSound, Slopes] | None = None

    def positions(self, patch: Patch) -> Floats:
        """Return the positions of a patch of the model, float64 [handles]."""
        bite_db, movement_db = (patch.value(handle.target) for handle in PATH_HANDLES)
        spectral = self.spectral(patch_sound(patch, self.model))
        return np.concatenate([spectral, self._path_positions(patch, bite_db, movement_db)])

    def note_positions(self, patch: Patch) -> Floats:
        """Return the positions of the notes in the slots alone, float64 [handles]."""
        sound = patch_sound(patch, self.model, np.zeros(self.model.card.latent_size))
        return np.concatenate([self.spectral(sound), self._path_positions(patch, 0.0, 0.0)])

    def bank_positions(self) -> tuple[Floats, ...]:
        """Return for each handle the positions of the bank's notes, or of some of them, at their own pitch."""
        return (*self._scale.bank.T, *self._path_scale.bank.T)

    def spectral(self, sound: HandleSound) -> Floats:
        """Return the positions of the spectral handles of a sound, float64 [6]."""
        for known, positions in self._known:
            if same_sound(known, sound):
                return positions
        values = self._reader.values(sound.z[None], sound)[0]
        positions = self._scale.positions(values, sound.pitch)[:LOUDNESS]
        self._known.append((sound, positions))
        return positions

    def slopes(self, sound: HandleSound) -> Slopes:
        """Return ``SoundReader.slopes`` of a sound; those of the last one are kept."""
        if self._seen is None or not same_sound(self._seen[0], sound):
            self._seen = sound, self._reader.slopes(sound.z, sound)
        return self._seen[1]

    def move(
        self,
        sound: HandleSound,
        slopes: Slopes,
        positions: dict[int, float],
        pins: frozenset[int] = frozenset(),
        *,
        limits: Floats | None = None,
        exact: bool = False,
    ) -> Move:
        """Return the move of a sound that brings spectral handles to positions, and holds the others.

        Args:
            sound: to move. slopes: of it.
            positions: by handle.
            pins: handles to hold as firmly as those that are moved.
            limits: float64 [latent, 2], ends of the latent sliders; None for none.
            exact: whether to search longer; it takes up to ten times as long.
        """
        at = self._scale.positions(slopes[0], sound.pitch)
        amounts = {handle: position - float(at[handle]) for handle, position in positions.items()}
        amounts |= dict.fromkeys(pins, 0.0)
        return move_handles(self._reader, self._scale, sound, amounts, limits=limits, slopes=slopes,
                            effort=EXACT if exact else QUICK)  # fmt: skip

    def step(self, sound: HandleSound, handle: int) -> Floats:
        """Return what one step up of a spectral handle adds to the latent vector, float64 [latent]."""
        return move_handles(self._reader, self._scale, sound, {handle: 1.0}, slopes=self.slopes(sound)).offset

    def with_path_position(self, patch: Patch, handle: int, position: float) -> Patch:
        """Return a patch with bite or movement as near to a position as the parameter's range allows."""
        which = handle - FIRST_OF_PATH
        slots = [(each.note, each.pitch, each.weight) for each in slot_notes(patch, self.model) if each.weight]
        everywhere = np.full(len(PATH_HANDLES), position)
        wanted = sum(weight * self._path_scale.values(everywhere, pitch)[which] for _, pitch, weight in slots)
        find = (self._path.find_bite_db, self._path.find_movement_db)[which]
        name = HANDLES[handle].target
        return patch.with_param(name, param(name).clamp(find(slots, float(wanted))))

    def path_step_db(self, handle: int) -> float:
        """Return one step of bite or movement in dB."""
        return float(self._path_scale.step[handle - FIRST_OF_PATH])

    def _path_positions(self, patch: Patch, bite_db: float, movement_db: float) -> Floats:
        """Return the positions of bite and movement of the notes in the slots, float64 [2]."""
        positions = np.zeros(len(PATH_HANDLES))
        for slot in slot_notes(patch, self.model):
            if slot.weight:
                values = self._path.values(slot.note, slot.pitch, bite_db, movement_db)
                positions += slot.weight * self._path_scale.positions(values, slot.pitch)
        return positions
