"""Pins: handles that keep their positions while the sound changes by pad, map, morph, sliders or chance."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import Patch
from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.session.curves.handle_sound import patch_sound
from synth_app.session.edit.handle_reader import FIRST_OF_PATH, HandleReader

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Held:
    """The last correction: the patch that it made, and what it added to the offset and its level."""

    patch: Patch
    offset: Floats
    offset_db: float


class HandlePins:
    """Corrects changed patches so that pinned handles stay. It is the store's ``PatchHolder``.

    Each correction starts from the sound without the last one, so that roaming there and back leaves nothing behind.

    Args:
        reader: returns the reader of the present model; None where its bank is too small for handles.
    """

    def __init__(self, reader: Callable[[], HandleReader | None]) -> None:
        self._reader = reader
        self._wanted: dict[int, float] = {}  # positions by handle
        self._held: _Held | None = None

    def hold(self, before: Patch, after: Patch, pinned: frozenset[int]) -> Patch:
        """Return ``after``, moved so that the pinned handles are where they were before."""
        reader = self._reader()
        if reader is None:
            return after
        if not pinned <= self._wanted.keys():
            positions = reader.positions(before)
            self._wanted = {h: self._wanted.get(h, float(positions[h])) for h in pinned}
        base = self._without_correction(before, after)
        spectral = {h: self._wanted[h] for h in pinned if h < FIRST_OF_PATH}
        moved = base
        if spectral:
            sound = patch_sound(base, reader.model)
            move = reader.move(sound, reader.slopes(sound), spectral)
            offset = np.asarray(base.offset) + move.offset
            offset_db = min(max(base.offset_db + move.gain_db, -MAX_OFFSET_DB), MAX_OFFSET_DB)
            moved = replace(base, offset=tuple(offset.tolist()), offset_db=offset_db)
        for handle in sorted(pinned - spectral.keys()):
            moved = reader.with_path_position(moved, handle, self._wanted[handle])
        added = np.asarray(moved.offset) - np.asarray(base.offset)
        self._held = _Held(moved, added, moved.offset_db - base.offset_db)
        return moved

    def preview(self, before: Patch, after: Patch, pinned: frozenset[int]) -> Patch:
        """Return what ``hold`` would, without remembering it."""
        wanted, held = dict(self._wanted), self._held
        try:
            return self.hold(before, after, pinned)
        finally:
            self._wanted, self._held = wanted, held

    def move(self, handle: int, position: float) -> None:
        """Take a new position of a handle that the user moves."""
        if handle in self._wanted:
            self._wanted[handle] = position
        self._held = None

    def forget(self) -> None:
        """Read the positions again at the next change: another sound was loaded."""
        self._wanted, self._held = {}, None

    def _without_correction(self, before: Patch, after: Patch) -> Patch:
        """Return ``after`` without the last correction, as far as the change has left it."""
        held = self._held
        if held is None or held.patch.settings != before.settings or len(after.offset) != len(held.offset):
            return after
        offset = np.asarray(after.offset)
        kept = offset == np.asarray(held.patch.offset)
        offset_db = after.offset_db - (held.offset_db if after.offset_db == held.patch.offset_db else 0.0)
        return replace(after, offset=tuple((offset - kept * held.offset).tolist()), offset_db=offset_db)
