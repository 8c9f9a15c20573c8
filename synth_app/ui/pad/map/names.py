"""Places the names of the map's regions: as many as fit, each near its region and beside the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

_STEPS_UP, _STEPS_ACROSS = 3, 2  # how far a name may go from the middle of its region, in heights and half widths
_GAP = 2.0  # px between two names


@dataclass(frozen=True)
class NameToPlace:
    """A name that looks for a place.

    Attributes:
        texts: to show, the best first; a later one is shorter.
        center: of the region, in px.
        at_home: returns whether a pixel belongs to the region.
    """

    texts: tuple[str, ...]
    center: QPointF
    at_home: Callable[[QPointF], bool]


@dataclass(frozen=True)
class PlacedName:
    """A name that has found its place."""

    text: str
    plate: QRectF


def place_names(
    names: Sequence[NameToPlace], size_of: Callable[[str], QSizeF], room: QRectF, taken: Sequence[QRectF] = ()
) -> tuple[PlacedName, ...]:
    """Place names one after the other; one without a free place in its region is left out.

    Args:
        names: the most important first.
        size_of: returns the size of a text's plate in px.
        room: that plates stay inside, in px. A region whose centre is outside has no name.
        taken: rectangles to keep free.
    """
    used, placed = list(taken), list[PlacedName]()
    for name in names:
        found = _place(name, size_of, room, used) if room.contains(name.center) else None
        if found is not None:
            placed.append(found)
            used.append(found.plate)
    return tuple(placed)


def _place(
    name: NameToPlace, size_of: Callable[[str], QSizeF], room: QRectF, used: Sequence[QRectF]
) -> PlacedName | None:
    for text in name.texts:
        size = size_of(text)
        for shift in _shifts(size):
            wanted = QRectF(QPointF(), size)
            wanted.moveCenter(name.center + shift)
            plate = _inside(wanted, room)
            near = shift.isNull() or name.at_home(plate.center())
            if near and not any(plate.intersects(other.adjusted(-_GAP, -_GAP, _GAP, _GAP)) for other in used):
                return PlacedName(text, plate)
    return None


def _shifts(size: QSizeF) -> Iterator[QPointF]:
    """Return where to look for a place, the middle first, then further and further away."""
    shifts = [
        QPointF(0.5 * i * size.width(), 0.5 * j * (size.height() + _GAP))
        for i in range(-_STEPS_ACROSS, _STEPS_ACROSS + 1)
        for j in range(-2 * _STEPS_UP, 2 * _STEPS_UP + 1)
    ]
    return iter(sorted(shifts, key=lambda shift: shift.x() ** 2 + shift.y() ** 2))


def _inside(plate: QRectF, room: QRectF) -> QRectF:
    """Return a plate moved wholly into the room."""
    x = max(room.left() - plate.left(), 0.0) + min(room.right() - plate.right(), 0.0)
    y = max(room.top() - plate.top(), 0.0) + min(room.bottom() - plate.bottom(), 0.0)
    return plate.translated(x, y)
