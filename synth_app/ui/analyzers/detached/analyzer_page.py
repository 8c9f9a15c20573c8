"""The base of analyzer pages: hold, cursors, region and export around a graph of the output."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu

from synth_app.ui.analyzers.capture import Capture
from synth_app.ui.analyzers.detached.marks import CURSORS, REGION_ENDS, Marks
from synth_app.ui.analyzers.detached.region_export import write_csv, write_wav
from synth_app.ui.analyzers.spectral import Array
from synth_app.ui.drawing.picture_file import png_bytes
from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.graphs.graph_page import GraphPage
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.theme import px, qcolor
from synth_app.ui.widgets.panel import label, rich_label

Save = Callable[[str, str, Callable[[Path], object]], None]
_TOKENS = ("slot_a", "slot_b", "border", "border")  # of the marks
_HINT = "Wheel zooms, with Ctrl the height; drag moves the view. Tab chooses a mark, arrows move it, 0 shows all."


@dataclass(frozen=True)
class AnalyzerSources:
    """The data that an analyzer page may read.

    Attributes:
        subscriptions: changes of the session.
        capture: the output.
        save: writes a file into the user's music folder: title, suffix, and a function that writes to a path.
    """

    subscriptions: Subscriptions
    capture: Capture
    save: Save


@dataclass(frozen=True)
class Table:
    """A table to export.

    Attributes:
        head: names of the columns, with units.
        rows: float [rows, columns].
    """

    head: tuple[str, ...]
    rows: NDArray[np.floating]


class AnalyzerPage(GraphPage):
    """Shows the captured sound; subclasses draw it and describe its marks.

    Args:
        title: of the files that are exported.
        sources: data and services.
        axes: bottom and left.
        marks: at the start.
    """

    def __init__(self, title: str, sources: AnalyzerSources, axes: tuple[GraphAxis, GraphAxis], marks: Marks) -> None:
        super().__init__()
        self._title, self._sources, self.capture = title, sources, sources.capture
        self.marks = marks
        self.editor = PointEditor(title, *axes, grows=False, token="measured")
        self.hold = self.add_switch("Hold", "Hold the sound in all analyzer windows", on=self.capture.held)
        self.hold.toggled.connect(self.capture.hold)
        self.cursors = self.add_switch("Cursors", "Show two cursors and their distance", on=marks.cursors)
        self.cursors.toggled.connect(lambda on: self._set_marks(replace(self.marks, cursors=on)))
        self.region = self.add_switch("Region", "Mark a region to export", on=marks.region)
        self.region.toggled.connect(lambda on: self._set_marks(replace(self.marks, region=on)))
        self.readout = label("", "muted")
        self._legend: QLabel | None = None
        self.tools.addStretch(1)
        self.tools.addWidget(self.readout)
        self.export = self.add_button("Export", "Save a picture, a table or the sound")
        self.export_menu = self._make_export_menu()
        self.export.setMenu(self.export_menu)
        self.add_fit(self.editor)
        self.box.addWidget(self.editor, 1)
        self.add_hint(_HINT)
        self._lines = [
            pg.InfiniteLine(angle=90, pen=pg.mkPen(qcolor(token), width=px(1.5)), movable=False) for token in _TOKENS
        ]
        self._shade = pg.LinearRegionItem(movable=False, brush=pg.mkBrush(qcolor("band", 50)), pen=pg.mkPen(None))
        self._shade.setZValue(5)
        for item in (*self._lines, self._shade):
            self.editor.addItem(item, ignoreBounds=True)
        self.editor.moved.connect(self._moved)
        self.editor.reset.connect(self._reset)
        self._first_marks = marks
        self.capture.changed.connect(self.show_state)

    def show_legend(self, *curves: tuple[str, str]) -> None:
        """Name the curves, given as (colour token, name), at the right of the hint."""
        texts = [f'<span style="color:{qcolor(token).name()}">■</span>&nbsp;{name}' for token, name in curves]
        if self._legend is None:
            self._legend = rich_label("", "caption")
            self.foot.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignRight)
        self._legend.setText("&emsp;".join(texts))

    # ---- for subclasses

    @abstractmethod
    def draw(self) -> None:
        """Draw the captured sound."""

    @abstractmethod
    def level_at(self, x: float) -> float:
        """Return the height of a cursor at a place."""

    @abstractmethod
    def mark_text(self, which: int, x: float) -> str:
        """Describe a mark at a place, with its values."""

    @abstractmethod
    def distance_text(self) -> str:
        """Describe the distance of the cursors and the size of the region."""

    @abstractmethod
    def table(self, low: float, high: float) -> Table:
        """Return the table of what lies between two places."""

    def sound(self, low: float, high: float) -> Array | None:
        """Return the sound between two places, float32 [frames, 2]; None if places are not times."""
        return None

    # ---- showing

    def chosen(self) -> str:
        """Return the marks as text."""
        return self.marks.to_text()

    def show_chosen(self, chosen: str) -> None:
        """Show the marks of another page."""
        self.marks = Marks.from_text(chosen)
        for switch, on in ((self.cursors, self.marks.cursors), (self.region, self.marks.region)):
            switch.setChecked(on)
        self.show_state()

    def show_state(self) -> None:
        """Show the captured sound and the marks."""
        if self.hold.isChecked() != self.capture.held:  # held or released in another window
            self.hold.setChecked(self.capture.held)
        self.draw()
        self.show_marks()

    def show_marks(self) -> None:
        """Show cursors and region, and what they measure."""
        shown, marks = self.marks.shown(), self.marks
        _, (low, high) = self.editor.visible_range()
        top = high - 0.04 * (high - low)
        self.editor.show_curve(np.zeros(0), np.zeros(0), [
            Handle(
                marks.place(which),
                min(max(self.level_at(marks.place(which)), low), high) if which in (0, 1) else top,
                self._mark_name(which) + self.mark_text(which, marks.place(which)),
                moves_y=False,
            )
            for which in shown
        ])  # fmt: skip
        for which, line in enumerate(self._lines):
            line.setVisible(which in shown)
            line.setPos(marks.place(which))
        self._shade.setVisible(marks.region)
        self._shade.setRegion((marks.start, marks.end))
        self.readout.setText(self.distance_text() if shown else "")

    def exported_range(self) -> tuple[float, float]:
        """Return the region if it is shown, else what is in view."""
        return (self.marks.start, self.marks.end) if self.marks.region else self.editor.visible_range()[0]

    # ---- internal

    def _mark_name(self, which: int) -> str:
        return f"{CURSORS[which]}   " if which in (0, 1) else f"{REGION_ENDS[which - 2]}   "

    def _moved(self, handle: int, x: float, _y: float) -> None:
        (left, right), _ = self.editor.extent()
        self._set_marks(self.marks.moved(self.marks.shown()[handle], min(max(x, left), right)))

    def _reset(self, handle: int) -> None:
        which = self.marks.shown()[handle]
        self._set_marks(self.marks.moved(which, self._first_marks.place(which)))

    def _set_marks(self, marks: Marks) -> None:
        self.marks = marks
        self.show_marks()

    def _make_export_menu(self) -> QMenu:
        menu = QMenu(self.export)
        self.save_picture = _entry(menu, "Picture (PNG)", self._save_picture)
        self.save_table = _entry(menu, "Table of the region (CSV)", self._save_table)
        self.save_sound = _entry(menu, "Sound of the region (WAV)", self._save_sound)
        self.save_sound.setVisible(type(self).sound is not AnalyzerPage.sound)
        return menu

    def _save_picture(self) -> None:
        picture = png_bytes(self.editor.grab())
        self._sources.save(self._title, ".png", lambda path: path.write_bytes(picture))

    def _save_table(self) -> None:
        table = self.table(*self.exported_range())
        self._sources.save(self._title, ".csv", lambda path: write_csv(path, table.head, table.rows))

    def _save_sound(self) -> None:
        sound = self.sound(*self.exported_range())
        if sound is not None:
            kept = sound.copy()
            self._sources.save(self._title, ".wav", lambda path: write_wav(path, kept))


def _entry(menu: QMenu, text: str, act: Callable[[], None]) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda _=False: act())
    return action
