"""Regions of the timbre map: where each family of instruments is at home, and how bright the sounds are there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SIDE = 96  # points along each side
REACH = 0.08  # how far the grid goes beyond the map, on each side
_NEIGHBOUR = 4  # the usual distance to this neighbour gives the width of the bells
_BELL = (0.03, 0.07)  # least and largest standard deviation of a bell, as a fraction of the map
_SMOOTHING = 2.0  # how much wider the bells of the brightness are
_AT_HOME, _WHOLLY = 0.3, 0.65  # share of the density from which a place belongs to a family at all, and wholly
_FEWEST, _LEAST_SHARE = 3, 0.1  # notes in a region with a name, and of the family's notes
_REGION = 3.0  # radius of what counts as one region, in widths of a bell
_KEPT_PERCENT = (5.0, 95.0)  # brighter and darker notes count as if they lay there
_LEAST = 1e-9


@dataclass(frozen=True)
class RegionName:
    """The name of a region: the family, and where its notes are densest, in 0-1."""

    family: str
    at: tuple[float, float]


@dataclass(frozen=True)
class MapRegions:
    """What lies between the notes of a map, on an even grid from ``-REACH`` to ``1 + REACH``; rows from the bottom up.

    Attributes:
        families: the families of the notes, sorted.
        strength: float64 [families, SIDE, SIDE], how much each place belongs to each family, 0-1.
        brightness: float64 [SIDE, SIDE], 0 for the darkest to 1 for the brightest sounds around.
        near: float64 [SIDE, SIDE], 0 far from all notes to 1 among them.
        names: of the regions, the largest first.
    """

    families: tuple[str, ...]
    strength: Floats
    brightness: Floats
    near: Floats
    names: tuple[RegionName, ...]

    def belongs(self, x: float, y: float, family: str) -> bool:
        """Return whether a position in 0-1, y upwards, belongs to a family more than to any other."""
        column, row = _nodes(np.array([x, y]))
        if not (0 <= column < SIDE and 0 <= row < SIDE):
            return False
        return bool(self.strength[self.families.index(family), row, column] > 0.0)


def map_regions(positions: Floats, families: tuple[str, ...], brightness: Floats) -> MapRegions:
    """Compute the regions from the density of the notes.

    A family's density is the mean of bells around its notes, so that large and small families count alike. A place
    belongs to the family with the largest share of all densities there, if that is large enough. A family that is
    scattered over the map has no region of its own, and so no name on it.

    Args:
        positions: float64 [n, 2] in 0-1, n >= 1. families: of each note.
        brightness: float64 [n], of each note, in any unit.
    """
    width, axis = _bell_width(positions), np.linspace(-REACH, 1.0 + REACH, SIDE)
    across, up = (_bells(axis, positions[:, which], width) for which in (0, 1))  # [SIDE, n]
    present = tuple(sorted(set(families)))
    of = np.array([present.index(family) for family in families])
    counts = np.stack([up[:, of == i] @ across[:, of == i].T for i in range(len(present))])
    near = 1.0 - np.exp(-2.0 * counts.sum(axis=0))
    density = counts / np.array([(of == i).sum() for i in range(len(present))])[:, None, None]
    share = density / np.maximum(density.sum(axis=0), _LEAST)
    share = np.where(share == share.max(axis=0), share, 0.0)
    strength = np.clip((share - _AT_HOME) / (_WHOLLY - _AT_HOME), 0.0, 1.0) * near
    names = _names(positions, present, of, (density, share), width)
    return MapRegions(present, strength, _brightness_field(positions, brightness, axis, width), near, names)


def _names(
    positions: Floats, present: tuple[str, ...], of: NDArray[np.intp], fields: tuple[Floats, Floats], width: float
) -> tuple[RegionName, ...]:
    """Return the names of families that have a region, by the number of their notes in it.

    ``fields`` are density and share, float64 [families, SIDE, SIDE]; ``width`` is that of the bells.
    """
    density, share = fields
    columns, rows = _nodes(positions).T
    found = []
    for i, family in enumerate(present):
        at_home = np.where(share[i] > _AT_HOME, density[i], 0.0)
        row, column = np.unravel_index(int(at_home.argmax()), at_home.shape)
        at = (_position(column), _position(row))
        near = np.hypot(*(positions - at).T) <= _REGION * width
        inside = int((near & (of == i) & (share[i, rows, columns] > _AT_HOME)).sum())
        if inside >= max(_FEWEST, _LEAST_SHARE * int((of == i).sum())):
            found.append((inside, RegionName(family, at)))
    return tuple(name for _, name in sorted(found, key=lambda each: (-each[0], each[1].family)))


def _brightness_field(positions: Floats, brightness: Floats, axis: Floats, width: float) -> Floats:
    """Return the mean brightness of the notes around each point, float64 [SIDE, SIDE]."""
    low, high = np.percentile(brightness, _KEPT_PERCENT)
    scaled = np.clip((brightness - low) / (high - low), 0.0, 1.0) if high > low else np.full(len(brightness), 0.5)
    across, up = (_bells(axis, positions[:, which], _SMOOTHING * width) for which in (0, 1))
    weight = up @ across.T
    mean: Floats = (up * scaled @ across.T + 0.5 * _LEAST) / (weight + _LEAST)
    return mean


def _bell_width(positions: Floats) -> float:
    """Return the standard deviation of the bells: the usual distance to the fourth neighbour."""
    gaps = np.hypot(*(positions[:, None, axis] - positions[None, :, axis] for axis in (0, 1)))
    which = min(_NEIGHBOUR, len(positions) - 1)
    return float(np.clip(np.median(np.sort(gaps, axis=1)[:, which]), *_BELL))


def _bells(axis: Floats, centers: Floats, width: float) -> Floats:
    """Return the heights of bells around centres [n] along an axis [SIDE]: float64 [SIDE, n]."""
    bells: Floats = np.exp(-0.5 * ((axis[:, None] - centers[None]) / width) ** 2)
    return bells


def _nodes(positions: Floats) -> NDArray[np.intp]:
    """Return the nodes (column, row) nearest to positions [n, 2]."""
    return np.rint((positions + REACH) / (1.0 + 2.0 * REACH) * (SIDE - 1)).astype(np.intp)


def _position(node: int | np.intp) -> float:
    return float(node) / (SIDE - 1) * (1.0 + 2.0 * REACH) - REACH
