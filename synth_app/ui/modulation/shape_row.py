"""The content of an LFO's or an envelope's editor: its shape, and a knob for each value."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from synth_app.params import ParamSpec
from synth_app.ui.drawing.shape_canvas import ShapeCanvas
from synth_app.ui.widgets.knob import Knob
from synth_app.ui.widgets.panel import tight


def shape_row(
    editor: QWidget, canvas: ShapeCanvas | None, specs: Mapping[str, ParamSpec], spoken: str, change: Callable[..., Any]
) -> dict[str, Knob]:
    """Lay out canvas and knobs in ``editor``.

    Args:
        editor: the widget to fill.
        canvas: the picture of the shape; None without one.
        specs: parameters of the knobs, by field.
        spoken: first words of a knob's accessible name.
        change: called with field=value when a knob is turned.

    Returns:
        The knobs by field.
    """
    row = QHBoxLayout(editor)
    tight(row, 0, 4)
    if canvas is not None:
        row.addWidget(canvas, 1)
    knobs = {name: Knob(spec) for name, spec in specs.items()}
    for name, knob in knobs.items():
        knob.setAccessibleName(f"{spoken} {knob.spec.label.lower()}")
        knob.moved.connect(lambda value, field=name: change(**{field: value}))
        row.addWidget(knob, 0, Qt.AlignmentFlag.AlignTop)
    return knobs
