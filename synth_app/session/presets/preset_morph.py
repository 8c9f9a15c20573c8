"""The morph between two presets."""

from collections.abc import Callable
from dataclasses import replace

from synth_app.session.presets.patch_variation import interpolate_patches
from synth_app.session.state.state import Snapshot
from synth_app.session.store.history import History
from synth_app.session.store.store import SessionStore
from synth_app.support.errors import UserError


class PresetMorph:
    """Sets patches between two presets.

    Args:
        store: the session's store.
        history: makes one undo step of a drag.
        snapshot: returns a preset by its key, or the present state for "".
    """

    def __init__(self, store: SessionStore, history: History, snapshot: Callable[[str], Snapshot]) -> None:
        self._store, self._history, self._snapshot = store, history, snapshot
        self._ends: tuple[Snapshot, Snapshot] | None = None

    @property
    def active(self) -> bool:
        """Whether two presets are chosen."""
        return self._ends is not None

    def begin(self, start: str, end: str) -> None:
        """Choose the presets to morph between, by key; "" is the present patch.

        Raises:
            UserError: no model is loaded, or a preset no longer exists.
        """
        self._ends = self._snapshot(start), self._snapshot(end)

    def clear(self) -> None:
        """Clear the choice of presets, because the model changed."""
        self._ends = None

    def set(self, fraction: float) -> None:
        """Set a patch between the two presets: 0 is exactly the first, 1 the second.

        At 0.5 and above, choices that cannot be interpolated are those of the second preset.

        Raises:
            UserError: ``begin`` was not called since the model changed.
        """
        model = self._store.model
        if self._ends is None or model is None:
            raise UserError("no presets to morph between; choose two first")
        start, end = self._ends
        patch = interpolate_patches(start.patch, end.patch, fraction, model)
        patch = replace(patch, quality=self._store.patch.quality)
        nearest_first = (start, end) if fraction < 0.5 else (end, start)
        moving = next((each for each in nearest_first if each.patch.modulation.moves_pad), None)
        preset = end if fraction >= 1.0 else start
        pad = moving.pad if moving is not None and patch.modulation.moves_pad else preset.pad
        with self._history.step("Preset morph", grows=True):
            self._store.set_snapshot(preset._replace(patch=patch, pad=pad), roaming=True)
