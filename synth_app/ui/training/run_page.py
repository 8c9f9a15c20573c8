"""The third page: curves and spectrograms of the training, its models to listen to, and the verdict."""

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from synth_app.training.settings import PCA_NAME
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.graphs.graph_view import GraphView
from synth_app.ui.theme.theme import GRID, px, qcolor
from synth_app.ui.training.run_state import RunState
from synth_app.ui.training.spectrogram_strip import SpectrogramStrip
from synth_app.ui.widgets.panel import label, tight

_PATH = Qt.ItemDataRole.UserRole
_HINT = "Error of each epoch. The mouse wheel zooms, 0 shows all"
_LOWEST_RANGE_DB = 2.0
_FIRST_RANGE_DB = (0.0, 10.0)  # before the first epoch


class RunPage(QWidget):
    """Shows a ``RunState``; ``show_state`` is called after every change.

    Args:
        before: title of the spectrogram that the training is compared with.
    """

    pause_requested = Signal()
    stop_requested = Signal()
    go_on_requested = Signal()
    listen_requested = Signal(object)  # Path
    back_requested = Signal()

    def __init__(self, before: str) -> None:
        super().__init__()
        self.title, self.status = label("", "heading"), label("")
        self.verdict = label("")
        self.verdict.setWordWrap(True)
        self.status.setAccessibleName("State of the training")
        self.graph = GraphView(
            "Error by epoch",
            GraphAxis("bottom", "epoch", "{:.0f}".format, _epochs),
            GraphAxis("left", "error in dB"),
            _HINT,
        )
        self.graph.setMinimumSize(px(220), px(120))
        self.train_curve, self.valid_curve = self._curve("muted"), self._curve("accent")
        self.strips = tuple(SpectrogramStrip(title) for title in ("Recorded", before, "Now"))
        self.progress = QWidget()
        self.models = QListWidget()
        self.models.setAccessibleName("Models to listen to")
        self.models.setMinimumHeight(px(64))
        self.models.itemDoubleClicked.connect(lambda _: self._listen())
        self.listen = _button("Listen", self._listen)
        self.listen.setToolTip("Load the chosen model, and play it while the training goes on")
        self.pause, self.stop = _button("Pause", self._pause), _button("Stop", self.stop_requested.emit)
        self.back = _button("Back", self.back_requested.emit)
        self._running = self._paused = False
        self._lay_out()

    def show_state(self, state: RunState) -> None:
        """Show everything that the training has reported."""
        self._running, self._paused = state.running, state.paused
        self.title.setText(state.entry.plan.name)
        self.status.setText(state.status())
        self._show_curves(state)
        now = state.epochs[-1].picture if state.epochs else None
        pictures = (state.pictures.recorded, state.pictures.start, now) if state.pictures else (None, None, now)
        for strip, picture in zip(self.strips, pictures, strict=True):
            strip.show_picture(picture)
        self.progress.setVisible(_has_progress(state))
        self._show_models(state)
        self._show_verdict(state)
        self.pause.setText("Go on" if state.paused or not state.running else "Pause")
        self.pause.setVisible(state.done is None and not state.entry.finished)
        self.stop.setVisible(state.running)

    def _show_curves(self, state: RunState) -> None:
        epochs = [each.epoch for each in state.epochs]
        train, valid = [each.train_db for each in state.epochs], [each.valid_db for each in state.epochs]
        self.train_curve.setData(epochs, train)
        self.valid_curve.setData(epochs, valid)
        last = float(max(state.entry.plan.epochs, 2))
        if not epochs:
            self.graph.set_extent((1.0, last), _FIRST_RANGE_DB)
            return
        low, high = min(*train, *valid), max(*train, *valid)
        middle, half = 0.5 * (low + high), 0.5 * max(high - low, _LOWEST_RANGE_DB)
        self.graph.set_extent((1.0, last), (middle - half, middle + half))

    def _show_models(self, state: RunState) -> None:
        follow = self.models.currentRow() == self.models.count() - 1  # else the user chose an earlier one
        for each in state.playable[self.models.count() :]:
            item = QListWidgetItem(each.title)
            item.setData(_PATH, each.path)
            self.models.addItem(item)
            if follow:
                self.models.setCurrentItem(item)
        self.listen.setEnabled(self.models.count() > 0)

    def _show_verdict(self, state: RunState) -> None:
        text = state.done.verdict if state.done else state.entry.plan.verdict
        if state.error:
            text = sentence(state.error)
        elif state.no_torch and not text:
            text = f"Torch is not installed, so PCA is the result. To train further: {state.no_torch}"
        self.verdict.setProperty("role", "problem" if state.error else "body")
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)
        self.verdict.setText(text)
        self.verdict.setVisible(bool(text))

    def _listen(self) -> None:
        item = self.models.currentItem()
        if item is not None:
            self.listen_requested.emit(item.data(_PATH))

    def _pause(self) -> None:
        if self._running:
            self.pause_requested.emit()
        else:
            self.go_on_requested.emit()

    def _curve(self, color: str) -> pg.PlotDataItem:
        pen = QPen(qcolor(color), px(2))
        pen.setCosmetic(True)
        curve = pg.PlotDataItem(pen=pen, symbol="o", symbolSize=px(5), symbolBrush=qcolor(color), symbolPen=None)
        self.graph.addItem(curve)
        return curve

    def _lay_out(self) -> None:
        legend = QHBoxLayout()
        for color, text in (("accent", "held-out notes"), ("muted", "training notes")):
            mark = QWidget()
            mark.setFixedSize(px(14), px(3))
            mark.setStyleSheet(f"background: {qcolor(color).name()};")
            legend.addWidget(mark)
            legend.addWidget(label(text, "caption"))
        legend.addStretch(1)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addLayout(legend)
        left.addWidget(self.graph, 1)
        for strip in self.strips:
            right.addWidget(strip, 1)
        middle = QHBoxLayout(self.progress)
        tight(middle, 0, 2 * GRID)
        middle.addLayout(left, 3)
        middle.addLayout(right, 2)
        buttons = QHBoxLayout()
        for button in (self.back, self.listen):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.stop, self.pause):
            buttons.addWidget(button)
        box = QVBoxLayout(self)
        tight(box, 0, GRID)
        for widget in (self.title, self.status, self.verdict):
            box.addWidget(widget)
        box.addWidget(self.progress, 3)
        box.addWidget(label("Models to listen to", "title"))
        box.addWidget(self.models, 1)
        box.addLayout(buttons)


def _has_progress(state: RunState) -> bool:
    """Return whether there are figures of epochs, or will be; PCA has none."""
    awaited = state.done is None and not state.entry.finished and state.entry.plan.family != PCA_NAME
    return awaited or bool(state.epochs) or state.pictures is not None


def _epochs(low: float, high: float) -> list[float]:
    """Return the whole numbers between two values, at most about ten."""
    step = max(1, math.ceil((high - low) / 10.0))
    return [float(each) for each in range(math.ceil(low), math.floor(high) + 1, step)]


def _button(text: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(lambda: act())
    return button
