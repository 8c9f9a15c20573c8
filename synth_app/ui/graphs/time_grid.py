"""The choice of a time grid: seconds, or note values at the tempo. Ticks follow it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from synth_app.params.note_values import NOTE_BEATS
from synth_app.ui.graphs.axis import GraphAxis, seconds_tick
from synth_app.ui.widgets.panel import compact_combo

_SECONDS = (0.01, 0.05, 0.1, 0.5)
_NOTES = ("1/16", "1/8", "1/8t", "1/4", "1/1")
_DEFAULT_S = 0.1
_MAX_TICKS = 40
_STRIDES = (1, 2, 4, 8, 16, 32, 64, 128)


class TimeGrid(QWidget):
    """Holds the chosen grid; ``changed`` is emitted after another choice."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.combo: QComboBox = compact_combo(
            "Time grid", "Grid that points snap to: seconds, or note values at the tempo", min_width=84
        )
        for seconds in _SECONDS:
            self.combo.addItem(f"{seconds:g} s", seconds)
        for name in _NOTES:
            self.combo.addItem(name, name)
        self.combo.setCurrentIndex(_SECONDS.index(_DEFAULT_S))
        self.combo.activated.connect(lambda _: self.changed.emit())

    @property
    def note_value(self) -> str:
        """The chosen note value; "" for a grid in seconds."""
        choice = self.combo.currentData()
        return choice if isinstance(choice, str) else ""

    def step_s(self, tempo_bpm: float) -> float:
        """Return the distance of the lines in seconds."""
        choice = self.combo.currentData()
        return NOTE_BEATS[choice] * 60.0 / tempo_bpm if isinstance(choice, str) else float(choice)

    def label_axis(self, axis: GraphAxis, tempo_bpm: float) -> None:
        """Label a time axis in seconds, or in beats at the tempo."""
        if not self.note_value:
            axis.set_text("Time", seconds_tick)
            return
        beat_s = 60.0 / tempo_bpm

        def places(low: float, high: float) -> list[float]:
            first, last = int(low / beat_s), int(high / beat_s) + 1
            stride = next((each for each in _STRIDES if (last - first) / each <= _MAX_TICKS / 2), _STRIDES[-1])
            return [beat * beat_s for beat in range(first - first % stride, last + 1, stride)]

        axis.set_text("Beat", lambda value: f"{round(value / beat_s) + 1}", places)
