"""A page around a graph: a row of tools above it, snapping, and the hint below."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.graphs.point_editor import PointEditor
from synth_app.ui.theme.theme import GRID
from synth_app.ui.widgets.panel import label, tight


class GraphPage(QWidget):
    """Base of the content of graph windows.

    Attributes:
        tools: layout of the row above the graph.
        box: layout of the page; graphs and rows below them are added to it.
        foot: layout of the row below the graph.
    """

    def __init__(self) -> None:
        super().__init__()
        self.box = QVBoxLayout(self)
        tight(self.box, 0)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(GRID // 2)
        self.box.addLayout(self.tools)
        self.foot = QHBoxLayout()

    def chosen(self) -> str:
        """Return what is shown, so that a page made after it can show the same."""
        return ""

    def add_button(self, text: str, tip: str) -> QPushButton:
        """Add a quiet button to the row of tools."""
        button = quiet_button(text, tip)
        self.tools.addWidget(button)
        return button

    def add_switch(self, text: str, tip: str, *, on: bool = False) -> QToolButton:
        """Add a switch to the row of tools."""
        switch = QToolButton()
        switch.setText(text)
        switch.setCheckable(True)
        switch.setChecked(on)
        switch.setProperty("kind", "segment")
        switch.setAccessibleName(tip)
        switch.setToolTip(tip)
        self.tools.addWidget(switch)
        return switch

    def add_snap(self, *editors: PointEditor) -> QToolButton:
        """Add the switch that makes points of ``editors`` snap without Ctrl."""
        switch = self.add_switch("Snap", "Points snap to the grid. Ctrl does the opposite while it is held")

        def snap(on: bool) -> None:
            for editor in editors:
                editor.snaps = on

        switch.toggled.connect(snap)
        return switch

    def add_fit(self, *graphs: GraphView) -> QPushButton:
        """Add the button that shows all of ``graphs``."""
        button = self.add_button("Show all", "Show all of the curve (0)")
        for graph in graphs:
            button.clicked.connect(graph.fit)
        return button

    def add_hint(self, text: str) -> None:
        """Add the row below the graph, ``foot``, with a text that says what the mouse does."""
        self.foot.addWidget(label(text, "caption"), 1)  # unwrapped: a wrapped one makes the page as high as it likes
        self.box.addLayout(self.foot)


def quiet_button(text: str, tip: str) -> QPushButton:
    """Return a quiet button for a page around a graph."""
    button = QPushButton(text)
    button.setProperty("kind", "quiet")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click, keys go on to act on the graph
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    return button
