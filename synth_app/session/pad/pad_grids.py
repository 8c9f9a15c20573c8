"""One model's pad: positions of its notes on the map, and the grid of latent vectors under each mode."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synth_app.decoder import Model
from synth_app.modelfile import BankNote, bank_centers
from synth_app.modelfile.slider_ranges import latent_ranges
from synth_app.modelfile.umap_positions import stored_positions
from synth_app.patch import PadGrid, Patch
from synth_app.patch.pad_grid import SIDE
from synth_app.session.pad.note_mixing import corner_weights
from synth_app.session.pad.timbre_map import interpolate, pca_positions, unit_square
from synth_app.session.state.centers import patch_center
from synth_app.session.state.pad_state import Corner, PadState
from synth_app.support.errors import UserError

Floats = NDArray[np.float64]
_MIDDLE = (0.5, 0.5)
_LEAST_SPREAD = 1e-6
_MIN_CORNER_WEIGHT = 1e-9  # of every filled corner, also where only empty corners have a weight


@lru_cache(maxsize=2)
def pad_grids_of(model: Model) -> "PadGrids":
    """Return the pad of a model for transferring presets to it, from a cache. A store has its own."""
    return PadGrids(model)


@dataclass
class PadGrids:
    """The pad of one model. It caches the maps, and the grid between the present corners.

    Attributes:
        model: the model.
        centers: latent vectors at the centres of the bank's notes, float64 [notes, latent].
        ranges: ends of the latent sliders, float64 [latent, 2].
        spread: standard deviation of each latent dimension in the training data, float64 [latent], never zero.
    """

    model: Model
    centers: Floats = field(init=False)
    ranges: Floats = field(init=False)
    spread: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.centers = bank_centers(self.model.bank).astype(np.float64)
        self.ranges = latent_ranges(self.model.stats, self.model.bank)
        self.spread = np.maximum(self.model.stats.std.astype(np.float64), _LEAST_SPREAD)
        self._umap: Floats | None = None
        self._positions: dict[tuple[str, int | None], Floats] = {}
        self._maps: dict[tuple[str, int | None], PadGrid] = {}
        self._spacing: dict[tuple[str, int | None], float] = {}
        self._corner_grid: tuple[tuple[Corner, ...], PadGrid | None] = ((), None)  # corners, and the grid between them

    # ---- the map

    def positions(self, pad: PadState) -> Floats:
        """Return the positions of all bank notes in the chosen layout, float64 [notes, 2] in 0-1.

        The layout is PCA until UMAP positions are set. If one pitch is chosen, its notes alone fill the map, and the
        positions of the other notes have no meaning.
        """
        key = self.key(pad)
        if key not in self._positions:
            rows = self.shown(pad)
            positions = np.full((len(self.centers), 2), 0.5)
            if rows and key[0] == "umap" and self._umap is not None:
                positions[rows] = unit_square(self._umap[rows])
            elif rows:
                positions[rows] = pca_positions(self.centers[rows])
            self._positions[key] = positions
        return self._positions[key]

    def set_umap(self, positions: NDArray[np.floating]) -> None:
        """Set the UMAP positions of the notes, [notes, 2].

        Raises:
            UserError: there is not one finite position for each note.
        """
        if positions.shape != (len(self.centers), 2) or not np.isfinite(positions).all():
            raise UserError(f"a map of shape {positions.shape} does not fit the bank of {len(self.centers)} notes")
        self._umap = positions.astype(np.float64)

    def pitches(self) -> tuple[int, ...]:
        """Return the pitches that the map can be limited to: those of at least a tenth of the bank's instruments."""
        bank = self.model.bank
        found = [note.pitch for note in bank]
        instruments = len({note.instrument for note in bank})
        return tuple(pitch for pitch in sorted(set(found)) if found.count(pitch) >= max(2, instruments // 10))

    def spacing(self, pad: PadState) -> float:
        """Return the usual distance from a note on the map to the nearest one, in standard deviations of the latents.

        Sounds that are nearer to each other than this count as the same place.
        """
        key = self.key(pad)
        if key not in self._spacing:
            scaled = self.centers[self.shown(pad)] / self.spread
            squares = (scaled**2).sum(axis=1)
            gaps = squares[:, None] + squares[None] - 2.0 * scaled @ scaled.T
            np.fill_diagonal(gaps, np.inf)
            nearest = np.sqrt(np.maximum(gaps.min(axis=1), 0.0)) if len(scaled) > 1 else np.zeros(1)
            self._spacing[key] = float(np.median(nearest))
        return self._spacing[key]

    def shown(self, pad: PadState, hidden: Collection[str] = ()) -> list[int]:
        """Return the bank indices of the notes on the map: of the chosen pitch, and of no hidden family."""
        pitch = self._pitch(pad)
        return [
            i
            for i, note in enumerate(self.model.bank)
            if note.family not in hidden and (pitch is None or note.pitch == pitch)
        ]

    # ---- the corners

    def corner_note(self, corner: Corner) -> BankNote | None:
        """Return the note in a corner; None if it is empty or the bank has no such note."""
        if not isinstance(corner, str):
            return corner.note() if corner.latent_size == self.model.card.latent_size else None
        return next((note for note in self.model.bank if note.name == corner), None)

    # ---- the grid

    def add_to(self, patch: Patch, pad: PadState) -> Patch:
        """Return the patch with the grid that its modulation moves over, without one if it does not move the pad."""
        grid = self.of(pad, patch) if patch.modulation.moves_pad else None
        return patch if grid == patch.pad_grid else replace(patch, pad_grid=grid)

    def of(self, pad: PadState, patch: Patch) -> PadGrid | None:
        """Return the grid that modulation moves over in the pad's mode; None if the pad is empty.

        The map's grid uses all notes, also those of hidden families. The cursor of a map starts in the middle.
        """
        match pad.mode:
            case "plane":
                return self._plane(pad, patch)
            case "map":
                return self._map(pad)
            case "morph":
                return self._morph(pad)

    def _plane(self, pad: PadState, patch: Patch) -> PadGrid:
        values = patch_center(patch, self.model) + np.asarray(patch.offset)
        nodes, at = np.zeros((2, 2, len(self.ranges))), [0.0, 0.0]
        for axis, dim in enumerate(pad.axes):
            low, high = self.ranges[dim]
            at[axis] = float(np.clip((values[dim] - low) / (high - low), 0.0, 1.0))
            along = np.array([low, high])
            nodes[:, :, dim] += along[None, :] if axis == 0 else along[:, None]
        return PadGrid.of(nodes, (at[0], at[1]))

    def _map(self, pad: PadState) -> PadGrid | None:
        rows, key, at = self.shown(pad), self.key(pad), pad.map_at or _MIDDLE
        if not rows:
            return None
        if key not in self._maps:
            steps = np.linspace(0.0, 1.0, SIDE)
            across, up = np.meshgrid(steps, steps)
            nodes = interpolate(
                self.positions(pad)[rows], self.centers[rows], np.stack([across.ravel(), up.ravel()], axis=1)
            )
            self._maps[key] = PadGrid.of(nodes.reshape(SIDE, SIDE, -1), at)
        return replace(self._maps[key], at=at)

    def _morph(self, pad: PadState) -> PadGrid | None:
        if self._corner_grid[0] != pad.corners:
            self._corner_grid = pad.corners, self._grid_between(pad.corners)
        found = self._corner_grid[1]
        return replace(found, at=pad.morph_at) if found else None

    def _grid_between(self, corners: tuple[Corner, ...]) -> PadGrid | None:
        notes = {i: note for i, corner in enumerate(corners) if (note := self.corner_note(corner)) is not None}
        filled = list(notes)
        if not filled:
            return None
        vectors = bank_centers(tuple(notes.values())).astype(np.float64)
        if len(filled) == len(corners):  # exactly bilinear
            left_top, right_top, left_bottom, right_bottom = vectors
            return PadGrid.of(np.array([[left_bottom, right_bottom], [left_top, right_top]]), (0.5, 0.5))

        def mean_at(at: tuple[float, float]) -> Floats:
            weights = corner_weights(*at)
            return _mean(((n, weights[i] + _MIN_CORNER_WEIGHT) for n, i in enumerate(filled)), vectors)

        nodes = _sample(mean_at)
        return PadGrid.of(nodes, (0.5, 0.5))

    # ---- internal

    def _pitch(self, pad: PadState) -> int | None:
        return pad.pitch if pad.pitch in self.pitches() else None

    def key(self, pad: PadState) -> tuple[str, int | None]:
        """Return which map it is: its layout and pitch."""
        if pad.layout == "umap" and self._umap is None:
            stored = stored_positions(self.model.file, self.centers)
            if stored is not None:
                self.set_umap(stored)
        return "umap" if pad.layout == "umap" and self._umap is not None else "pca", self._pitch(pad)


def _mean(weights: Iterable[tuple[int, float]], vectors: Floats) -> Floats:
    """Return the weighted mean of rows of vectors."""
    pairs = list(weights)
    total = sum(weight for _, weight in pairs)
    mean: Floats = np.sum([weight / total * vectors[i] for i, weight in pairs], axis=0)
    return mean


def _sample(vector_at: Callable[[tuple[float, float]], Floats]) -> Floats:
    """Sample latent vectors at ``SIDE`` even steps each way, float64 [SIDE up, SIDE across, latent]."""
    steps = np.linspace(0.0, 1.0, SIDE)
    return np.stack([[vector_at((float(x), float(y))) for x in steps] for y in steps])
