"""Where a sound is on the pad: on the map and between the corners, or the nearest place to it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth_app.patch import Patch, UserNote
from synth_app.patch.pad_grid import SIDE
from synth_app.session.pad.pad_grids import PadGrids
from synth_app.session.pad.timbre_map import interpolate
from synth_app.session.state.centers import patch_center, user_note_center
from synth_app.session.state.pad_state import PadState

Floats = NDArray[np.float64]
At = tuple[float, float]
_FINE_STEPS = 17  # of the second search, between the neighbours of the best node
_REMEMBERED = 256  # notes
_SAME_CORNERS = 0.05  # of the largest distance between two corners: nearer sounds count as mixed from them
_ROUNDING = 1e-3  # standard deviations; nodes are float32
_RESTORED = 0.25  # of the usual gap between two notes: a note read back from a file is rounded


@dataclass(frozen=True)
class PadPlace:
    """A place on the map or between the corners, 0-1 each way, y upwards.

    Attributes:
        at: where the sound is; the nearest place if the surface cannot play it.
        on: whether the surface plays this sound there.
    """

    at: At
    on: bool


class PadPlaces:
    """Finds the places of one model's sounds. It belongs to one thread.

    It remembers which notes the pad's own cursor made, so that the cursor stays exactly where the user put it.

    Args:
        grids: the model's pad.
    """

    def __init__(self, grids: PadGrids) -> None:
        self._grids = grids
        self._made: OrderedDict[Hashable, At] = OrderedDict()
        self._found: OrderedDict[Hashable, At] = OrderedDict()
        self._slope: tuple[Hashable, Floats] | None = None

    def remember_on_map(self, note: UserNote, pad: PadState) -> None:
        """Remember that the map's cursor made a note at ``pad.map_at``."""
        if pad.map_at is not None:
            _keep(self._made, (note, self._grids.key(pad)), pad.map_at)

    def remember_between(self, note: UserNote, pad: PadState) -> None:
        """Remember that the corners' cursor made a note at ``pad.morph_at``."""
        _keep(self._made, (note, pad.corners), pad.morph_at)

    def on_map(self, patch: Patch, pad: PadState, *, pinned: bool = False) -> PadPlace | None:
        """Return the place of a patch on the map; None if the map has no notes.

        A bank note is at its own position, a note of the cursor where it was made, and another sound at the nearest
        place. A morph is on the line between its slots. The sliders move the place as far as the map follows the latent
        space in a straight line.

        Args:
            patch: of the model.
            pad: which map it is.
            pinned: whether the sliders' offset comes from pinned handles, which do not move the cursor.
        """
        rows = self._grids.shown(pad)
        if not rows:
            return None
        ends = [(weight, *self._slot_place(patch, slot, pad, rows)) for slot, weight in _weights(patch)]
        offset = np.asarray(patch.offset, np.float64)
        made = len(ends) == 1 and ends[0][2]
        place = np.sum([weight * np.asarray(at) for weight, at, _ in ends], axis=0)
        if offset.any() and not (made and pinned):
            place = place + offset @ self._slope_of(pad)
        at = (float(np.clip(place[0], 0.0, 1.0)), float(np.clip(place[1], 0.0, 1.0)))
        if made:
            return PadPlace(at, not offset.any())
        vector = self._map_vectors(pad, rows)(np.array([at]))[0]
        return PadPlace(at, self._distance(vector, self._vector(patch)) <= self._grids.spacing(pad))

    def between_corners(self, patch: Patch, pad: PadState) -> PadPlace | None:
        """Return the place of a patch between the corners; None if all are empty."""
        grid = self._grids.of(replace(pad, mode="morph"), patch)
        if grid is None:
            return None
        slots, offset = _weights(patch), any(patch.offset)
        note = patch.user_notes[slots[0][0]] if len(slots) == 1 else None
        made = self._made.get((note, pad.corners)) if note is not None else None
        if made is not None:
            return PadPlace(made, not offset)
        nodes, vector = grid.even_nodes().astype(np.float64), self._vector(patch)
        at = self._nearest(nodes, lambda points: _bilinear(nodes, points), vector)
        ends = nodes[[0, 0, -1, -1], [0, -1, 0, -1]]
        reach = max(self._distance(x, y) for x in ends for y in ends)
        return PadPlace(
            at, self._distance(_bilinear(nodes, np.array([at]))[0], vector) <= _SAME_CORNERS * reach + _ROUNDING
        )

    def nearest_note(self, patch: Patch, pad: PadState) -> int | None:
        """Return the bank index of the note on the map whose timbre is nearest to a patch; None without notes."""
        rows = self._grids.shown(pad)
        if not rows:
            return None
        gaps = (self._grids.centers[rows] - self._vector(patch)) / self._grids.spread
        return rows[int(np.linalg.norm(gaps, axis=1).argmin())]

    # ---- internal

    def _vector(self, patch: Patch) -> Floats:
        offset = np.asarray(patch.offset, np.float64)
        center = patch_center(patch, self._grids.model)
        return center + offset if len(offset) == len(center) else center

    def _distance(self, x: Floats, y: Floats) -> float:
        return float(np.linalg.norm((x - y) / self._grids.spread))

    def _slot_place(self, patch: Patch, slot: int, pad: PadState, rows: list[int]) -> tuple[At, bool]:
        """Return where a slot's note is on the map, and whether the map's cursor made it."""
        note, index = patch.user_notes[slot], (patch.slot_a, patch.slot_b)[slot]
        if note is None and index in rows:
            x, y = self._grids.positions(pad)[index]
            return (float(x), float(y)), False
        if note is None:
            return self._search(("bank", index), self._grids.centers[index], pad, rows), False
        made = self._made.get((note, self._grids.key(pad)))
        if made is not None:
            return made, True
        center = user_note_center(note)
        if pad.map_at is not None:  # of an earlier run of the program
            there = self._map_vectors(pad, rows)(np.array([pad.map_at]))[0]
            if self._distance(there, center) <= _RESTORED * self._grids.spacing(pad):
                return pad.map_at, True
        return self._search(note, center, pad, rows), False

    def _search(self, sound: Hashable, vector: Floats, pad: PadState, rows: list[int]) -> At:
        """Return the place on the map whose latent vector is nearest; the last ones found are kept."""
        key = (sound, self._grids.key(pad))
        found = self._found.get(key)
        if found is None:
            grid = self._grids.of(replace(pad, mode="map"), Patch(""))
            assert grid is not None
            found = self._nearest(grid.even_nodes().astype(np.float64), self._map_vectors(pad, rows), vector)
            _keep(self._found, key, found)
        return found

    def _map_vectors(self, pad: PadState, rows: list[int]) -> Callable[[Floats], Floats]:
        """Return the function from points [n, 2] to the latent vectors that the map plays there."""
        positions = self._grids.positions(pad)
        return lambda points: interpolate(positions[rows], self._grids.centers[rows], points)

    def _nearest(self, nodes: Floats, vectors_at: Callable[[Floats], Floats], vector: Floats) -> At:
        """Search the nodes [SIDE, SIDE, latent], then finely between the neighbours of the best one."""
        gaps = np.linalg.norm((nodes - vector) / self._grids.spread, axis=2)
        up, across = np.unravel_index(int(gaps.argmin()), gaps.shape)
        step = 1.0 / (SIDE - 1)
        around = np.linspace(-step, step, _FINE_STEPS)
        points = np.stack([part.ravel() for part in np.meshgrid(across * step + around, up * step + around)], axis=1)
        points = np.clip(points, 0.0, 1.0)
        gaps = np.linalg.norm((vectors_at(points) - vector) / self._grids.spread, axis=1)
        x, y = points[int(gaps.argmin())]
        return float(x), float(y)

    def _slope_of(self, pad: PadState) -> Floats:
        """Return how the map's position changes with the latent vector, float64 [latent, 2].

        The map of a principal component analysis is linear in the latent vector. For another layout it is the linear
        function that fits the notes best.
        """
        key = self._grids.key(pad)
        if self._slope is None or self._slope[0] != key:
            rows = self._grids.shown(pad)
            centers, positions = self._grids.centers[rows], self._grids.positions(pad)[rows]
            centers = centers - centers.mean(axis=0)
            self._slope = key, np.linalg.lstsq(centers, positions - positions.mean(axis=0), rcond=1e-6)[0]
        return self._slope[1]


def _weights(patch: Patch) -> list[tuple[int, float]]:
    """Return the slots that sound, 0 for A and 1 for B, with their weights."""
    morph = patch.value("morph")
    return [(slot, weight) for slot, weight in enumerate((1.0 - morph, morph)) if weight > 0.0]


def _bilinear(nodes: Floats, points: Floats) -> Floats:
    """Interpolate nodes [SIDE up, SIDE across, latent] at points [n, 2] in 0-1."""
    scaled = points * (SIDE - 1)
    low = np.minimum(scaled.astype(int), SIDE - 2)
    (i, j), (f, g) = low.T, (scaled - low).T[:, :, None]
    bottom = nodes[j, i] + f * (nodes[j, i + 1] - nodes[j, i])
    top = nodes[j + 1, i] + f * (nodes[j + 1, i + 1] - nodes[j + 1, i])
    mixed: Floats = bottom + g * (top - bottom)
    return mixed


def _keep(places: OrderedDict[Hashable, At], key: Hashable, at: At) -> None:
    places[key] = at
    places.move_to_end(key)
    while len(places) > _REMEMBERED:
        places.popitem(last=False)
