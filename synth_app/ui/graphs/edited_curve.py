"""The points of the curve that a page edits, kept while the curve comes back from the session and through undo."""

from collections import OrderedDict

import numpy as np

from synth_app.session.edit.curve_points import Floats, PointCurve, with_points

_REMEMBERED = 200  # curves whose points are kept for undo


class EditedCurve:
    """A curve with its points. The session rounds and owns the values; the points exist in the window only."""

    def __init__(self) -> None:
        self.curve = PointCurve(np.zeros(2), (0, 1))
        self._before = self.curve
        self._pending: tuple[int, ...] | None = None
        self._known: OrderedDict[bytes, tuple[int, ...]] = OrderedDict()

    def show(self, values: Floats, tolerance: float) -> PointCurve:
        """Take the session's values; find points unless this page has made or seen the curve.

        Args:
            values: float64 [n].
            tolerance: of the points that are found, in the unit of the values.
        """
        key = values.tobytes()
        points = self._pending or self._known.get(key)
        self._pending = None
        if points is None or points[-1] != len(values) - 1:
            points = with_points(values, tolerance).points
        self.curve = PointCurve(values, points)
        self._known[key] = points
        self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self.curve

    def begin(self) -> None:
        """Begin a drag: its moves start from the present curve."""
        self._before = self.curve

    @property
    def before(self) -> PointCurve:
        """The curve at the start of the drag."""
        return self._before

    def expect(self, curve: PointCurve) -> Floats:
        """Return the values to give to the session, whose answer is shown with the points of ``curve``."""
        self._pending = curve.points
        return curve.values
