"""The base of analyzer pages over time: the last 20 s of output, 0 is now."""

from synth_app.patch import ENGINE_RATE
from synth_app.ui.analyzers.capture import CAPTURED_S
from synth_app.ui.analyzers.detached.analyzer_page import AnalyzerPage, AnalyzerSources
from synth_app.ui.analyzers.detached.marks import Marks
from synth_app.ui.analyzers.spectral import Array
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.graphs.graph_view import Range
from synth_app.ui.graphs.snap_grid import SnapGrid

_MARKS = Marks(-2.0, -1.0, -3.0, -0.5)
_GRID_S = 0.1


class TimePage(AnalyzerPage):
    """Places are seconds, from -20 to 0.

    Args:
        title: of the files that are exported.
        sources: data and services.
        left: the axis up.
        height: its ends.
    """

    def __init__(self, title: str, sources: AnalyzerSources, left: GraphAxis, height: Range) -> None:
        super().__init__(title, sources, (GraphAxis("bottom", "Time before now", seconds_tick), left), _MARKS)
        self.editor.grid = SnapGrid(_GRID_S)
        self.editor.set_extent((-CAPTURED_S, 0.0), height)

    def frame_at(self, x: float) -> int:
        """Return the index in the captured samples at a time, within them."""
        frames = len(self.capture.samples)
        return min(max(frames + round(x * ENGINE_RATE), 0), frames)

    def distance_text(self) -> str:
        """Describe the distance of the cursors and the length of the region."""
        parts = []
        if self.marks.cursors:
            gap_s = abs(self.marks.b - self.marks.a)
            rate = f"   period of {1 / gap_s:.4g} Hz" if gap_s > 0 else ""
            parts.append(f"B − A  {seconds_tick(gap_s)}{rate}")
        if self.marks.region:
            parts.append(f"region  {seconds_tick(self.marks.end - self.marks.start)}")
        return "     ".join(parts)

    def sound(self, low: float, high: float) -> Array | None:
        """Return the sound between two times."""
        return self.capture.samples[self.frame_at(low) : self.frame_at(high)]
