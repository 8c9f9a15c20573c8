"""What a model's notes are on the pad: their places on the map, and the codes that lie all over each of its modes."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, note_center
from synth_app.modelfile.umap_positions import stored_positions
from synth_app.patch import PadGrid, Patch
from synth_app.patch.pad_grid import SIDE
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.pad.timbre_map import mixes, pca_places, unit_square
from synth_app.session.state.pad_state import Corner, PadState
from synth_app.session.state.slider_ranges import latent_ranges
from synth_app.session.state.state import center_of, centers_of
from synth_app.support.errors import UserError

Floats = NDArray[np.float64]
_MIDDLE = (0.5, 0.5)
_BARELY = 1e-9  # share of every sound where only empty corners would have one


@lru_cache(maxsize=2)
def pad_grids_of(model: Model) -> "PadGrids":
    """The pad of a model for fitting presets to it, made once; a store has its own, which is told of maps."""
    return PadGrids(model)


@dataclass
class PadGrids:
    """One model's pad. Keeps the maps that were asked for, and what lies between the present corners."""

    model: Model
    centers: Floats = field(init=False)
    ranges: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.centers = centers_of(self.model)
        self.ranges = latent_ranges(self.model.stats, self.model.bank)
        self._umap: Floats | None = None
        self._places: dict[tuple[str, int | None], Floats] = {}
        self._maps: dict[tuple[str, int | None], PadGrid] = {}
        self._mixed: tuple[tuple[Corner, ...], PadGrid | None] = ((), None)  # corners, and what lies between them

    # ---- the map

    def places(self, pad: PadState) -> Floats:
        """Places of all bank notes in the chosen layout, in 0-1, float64 [notes, 2]; PCA's until UMAP's are there.

        Where one pitch is chosen the map is that of its notes alone, so that they use all of it; where the other
        notes are then has no meaning.
        """
        key = self._key(pad)
        if key not in self._places:
            rows = self.shown(pad)
            places = np.full((len(self.centers), 2), 0.5)
            if rows and key[0] == "umap" and self._umap is not None:
                places[rows] = unit_square(self._umap[rows])
            elif rows:
                places[rows] = pca_places(self.centers[rows])
            self._places[key] = places
        return self._places[key]

    def offer_umap(self, places: NDArray[np.floating]) -> None:
        """Take over UMAP's places of the notes.

        Raises:
            UserError: they are not one per note.
        """
        if places.shape != (len(self.centers), 2) or not np.isfinite(places).all():
            raise UserError(f"a map of shape {places.shape} does not fit the bank of {len(self.centers)} notes")
        self._umap = places.astype(np.float64)

    def pitches(self) -> tuple[int, ...]:
        """Pitches that at least a tenth of the bank's instruments have: the map's layers."""
        bank = self.model.bank
        found = [note.pitch for note in bank]
        instruments = len({note.instrument for note in bank})
        return tuple(pitch for pitch in sorted(set(found)) if found.count(pitch) >= max(2, instruments // 10))

    def shown(self, pad: PadState, hidden: Collection[str] = ()) -> list[int]:
        """Bank indices on the map: of the chosen pitch, and of no hidden family."""
        pitch = self._pitch(pad)
        return [
            i
            for i, note in enumerate(self.model.bank)
            if note.family not in hidden and (pitch is None or note.pitch == pitch)
        ]

    # ---- the corners

    def corner_note(self, corner: Corner) -> BankNote | None:
        """What a corner holds; None where it is empty or the bank has no such note."""
        if not isinstance(corner, str):
            return corner.note() if corner.latent_size == self.model.card.latent_size else None
        return next((note for note in self.model.bank if note.name == corner), None)

    # ---- all of it

    def of(self, pad: PadState, patch: Patch) -> PadGrid | None:
        """What modulation moves over while the pad is in its present mode; None where there is nothing on it.

        All notes of the map take part, whichever families are hidden at the moment; a map's cursor that was never moved
        stands in the middle.
        """
        match pad.mode:
            case "plane":
                return self._plane(pad, patch)
            case "map":
                return self._map(pad)
            case "morph":
                return self._morph(pad)

    def _plane(self, pad: PadState, patch: Patch) -> PadGrid:
        values = center_of(patch, self.model) + np.asarray(patch.offset)
        nodes, at = np.zeros((2, 2, len(self.ranges))), [0.0, 0.0]
        for axis, dim in enumerate(pad.axes):
            low, high = self.ranges[dim]
            at[axis] = float(np.clip((values[dim] - low) / (high - low), 0.0, 1.0))
            along = np.array([low, high])
            nodes[:, :, dim] += along[None, :] if axis == 0 else along[:, None]
        return PadGrid.of(nodes, (at[0], at[1]))

    def _map(self, pad: PadState) -> PadGrid | None:
        rows, key, at = self.shown(pad), self._key(pad), pad.map_at or _MIDDLE
        if not rows:
            return None
        if key not in self._maps:
            steps = np.linspace(0.0, 1.0, SIDE)
            across, up = np.meshgrid(steps, steps)
            nodes = mixes(self.places(pad)[rows], self.centers[rows], np.stack([across.ravel(), up.ravel()], axis=1))
            self._maps[key] = PadGrid.of(nodes.reshape(SIDE, SIDE, -1), at)
        return replace(self._maps[key], at=at)

    def _morph(self, pad: PadState) -> PadGrid | None:
        if self._mixed[0] != pad.corners:
            self._mixed = pad.corners, self._between(pad.corners)
        found = self._mixed[1]
        return replace(found, at=pad.morph_at) if found else None

    def _between(self, corners: tuple[Corner, ...]) -> PadGrid | None:
        notes = [self.corner_note(corner) for corner in corners]
        held = [i for i, note in enumerate(notes) if note is not None]
        if not held:
            return None
        filled = np.stack([note_center(note)[0] for note in notes if note is not None]).astype(np.float64)
        if len(held) == len(corners):  # bilinear as it is
            left_top, right_top, left_bottom, right_bottom = filled
            return PadGrid.of(np.array([[left_bottom, right_bottom], [left_top, right_top]]), (0.5, 0.5))
        nodes = _all_over(lambda at: _mean(((n, corner_weights(*at)[i] + _BARELY) for n, i in enumerate(held)), filled))
        return PadGrid.of(nodes, (0.5, 0.5))

    # ---- inside

    def _pitch(self, pad: PadState) -> int | None:
        return pad.pitch if pad.pitch in self.pitches() else None

    def _key(self, pad: PadState) -> tuple[str, int | None]:
        """Which map it is."""
        if pad.layout == "umap" and self._umap is None:
            stored = stored_positions(self.model.file, self.centers)
            if stored is not None:
                self.offer_umap(stored)
        return "umap" if pad.layout == "umap" and self._umap is not None else "pca", self._pitch(pad)


def _mean(weights: Iterable[tuple[int, float]], codes: Floats) -> Floats:
    """Weighted mean of rows of codes."""
    pairs = list(weights)
    total = sum(weight for _, weight in pairs)
    mean: Floats = np.sum([weight / total * codes[i] for i, weight in pairs], axis=0)
    return mean


def _all_over(code_at: Callable[[tuple[float, float]], Floats]) -> Floats:
    """Codes at ``SIDE`` even steps each way, float64 [SIDE up, SIDE across, latent]."""
    steps = np.linspace(0.0, 1.0, SIDE)
    return np.stack([[code_at((float(x), float(y))) for x in steps] for y in steps])
