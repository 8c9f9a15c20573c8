"""The latent code as sliders: its dimensions, or the same code along its principal axes, strongest first."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from synth_app.decoder import Model
from synth_app.params import ParamSpec
from synth_app.session import LocksChanged, ModelChanged, PatchChanged
from synth_app.session.edit.latent_edits import AXIS_REACH, axis_shares, axis_values, randomize, set_axis
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import font, px
from synth_app.ui.widgets.axis_text import axis_help, axis_label, axis_strength
from synth_app.ui.widgets.panel import Panel, label, tight
from synth_app.ui.widgets.segments import Segments
from synth_app.ui.widgets.slider import LatentSlider
from synth_app.ui.widgets.slider_rows import SliderRows
from synth_app.ui.widgets.value_format import LATENT_GROUP

Floats = NDArray[np.floating]
_LABEL_MAX = 124
_USUAL_ROWS = (1, 5)  # of the percentile table: 5 % and 95 %
_SPREAD_BINS = 32
_AT_HAND = 6  # principal axes shown before the rest is unfolded
_STEP_STD = 1.0  # what the preview moves
_CHOICES = (
    ("code", "Code", "The dimensions of the latent code as the model learned them"),
    ("axes", "Axes", "The same code along its principal axes: the first ones move most of the sound"),
)


def latent_spec(model: Model, dim: int, low: float, high: float, rest: float) -> ParamSpec:
    """One dimension as a parameter, so that every control works on it too."""
    return ParamSpec(
        name=f"z{dim + 1}", label=axis_label(model.card, dim), unit="", minimum=low, maximum=high,
        default=min(max(rest, low), high), curve="linear", smoothing_ms=8, group=LATENT_GROUP,
        help=axis_help(model.card, dim),
    )  # fmt: skip


def axis_spec(axis: int, share: float) -> ParamSpec:
    """One principal axis as a parameter, in standard deviations of the data."""
    return ParamSpec(
        name=f"axis{axis + 1}", label=f"Axis {axis + 1} · {100 * share:.0f} %", unit="", minimum=-AXIS_REACH,
        maximum=AXIS_REACH, default=0.0, curve="linear", smoothing_ms=8, group=LATENT_GROUP,
        help=f"{100 * share:.1f} % of what makes the notes differ; in standard deviations. The tick is the note.",
    )  # fmt: skip


class LatentPanel(Panel):
    """Sliders in a column, scrolled where they don't fit. ``effect`` tells which move is pointed at."""

    effect = Signal(object)  # float64 [latent] or None

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Latent code")
        self._store = subscriptions.store
        self._rng = np.random.default_rng()
        self.sliders: list[LatentSlider] = []
        self.axes: list[LatentSlider] = []
        self._rows: dict[str, SliderRows] = {}
        self.modes = Segments("Latent sliders", _CHOICES)
        self.modes.chosen.connect(lambda _: self._change_mode())
        self.more = QPushButton()
        self.more.setProperty("kind", "quiet")
        self.more.clicked.connect(self._unfold)
        self._unfolded = False
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._make_header()
        self.box.addWidget(self._area, 1)
        self.setMinimumWidth(px(320))
        self._build()
        subscriptions.on(ModelChanged, lambda _: self._build())
        subscriptions.on(PatchChanged, lambda _: self.show_state())
        subscriptions.on(LocksChanged, lambda _: self.show_state())

    @property
    def model(self) -> Model | None:
        """Whose dimensions the sliders are."""
        return self._store.model

    def show_state(self) -> None:
        """Move the sliders to the store's values."""
        store, model = self._store, self._store.model
        center, values = store.center(), store.latent_values()
        axes = self.modes.choice == "axes"
        if model is not None:
            self._rows["axes"].move(axis_values(model.stats, center), axis_values(model.stats, values), seen=axes)
            self._rows["code"].move(center, values, seen=not axes)
        locked = store.state.locked
        for dim, slider in enumerate(self.sliders):
            slider.set_locked(dim in locked)
        free = (value for dim, value in enumerate(store.patch.offset) if dim not in locked)
        self.reset_button.setEnabled(any(free))
        self.dice.setEnabled(model is not None)

    def randomize(self) -> None:
        """A code by chance; locked sliders stay."""
        randomize(self._store, self._rng)

    def _make_header(self) -> None:
        self.header.removeWidget(self.title)
        self.title.hide()
        self.header.insertWidget(0, self.modes)
        self.dice = QToolButton()
        self.dice.setIcon(icon("dice", "muted"))
        self.dice.setProperty("kind", "quiet")
        self.dice.setAccessibleName("Randomise the latent code")
        self.dice.setToolTip("A code by chance, as the training notes are spread; locked sliders stay (Ctrl+G)")
        self.dice.clicked.connect(self.randomize)
        self.reset_button = QPushButton("Reset all")
        self.reset_button.setProperty("kind", "quiet")
        self.reset_button.setAccessibleName("Reset all latent sliders to the note")
        self.reset_button.setToolTip("Every unlocked slider back to where the note in the slots rests")
        self.reset_button.clicked.connect(self._store.reset_latents)
        self.header.addWidget(self.dice)
        self.header.addWidget(self.reset_button)

    def _build(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        tight(column, 0, 0)
        self.sliders, self.axes = [], []
        model = self._store.model
        if model is None:
            empty = label("No model loaded yet.\nChoose one above.", "muted")
            empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(empty)
        else:
            self._make_sliders(model, body)
            self._make_axes(model, body)
            for slider in (*self.sliders, *self.axes):
                column.addWidget(slider, 1)
            self.more.setParent(body)
            column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
            _align(self.sliders)
            _align(self.axes)
            self._rows = {"code": SliderRows(self.sliders), "axes": SliderRows(self.axes)}
            column.addStretch(0)
        self._area.setWidget(body)
        self._show_mode()
        self.show_state()

    def _make_sliders(self, model: Model, body: QWidget) -> None:
        store = self._store
        for dim, (low, high) in enumerate(store.ranges):
            spec = latent_spec(model, dim, float(low), float(high), float(model.stats.mean[dim]))
            low_usual, high_usual = (float(model.stats.percentiles[row][dim]) for row in _USUAL_ROWS)
            slider = LatentSlider(spec, (low_usual, high_usual), body)
            slider.set_spread(np.histogram(store.note_centers[:, dim], _SPREAD_BINS, (low, high))[0].astype(np.float64))
            slider.set_strength(axis_strength(model.card, dim))
            slider.moved.connect(partial(store.set_latent, dim))
            slider.lock_toggled.connect(partial(self._toggle_lock, dim))
            step = np.zeros(len(store.ranges))
            step[dim] = _STEP_STD * model.stats.std[dim]
            slider.pointed.connect(partial(self._pointed, step))
            self.sliders.append(slider)

    def _make_axes(self, model: Model, body: QWidget) -> None:
        stats, store = model.stats, self._store
        codes = np.stack([axis_values(stats, center) for center in store.note_centers])
        for axis, share in enumerate(axis_shares(stats)):
            usual = np.clip(np.percentile(codes[:, axis], (5, 95)), -AXIS_REACH, AXIS_REACH)
            slider = LatentSlider(axis_spec(axis, float(share)), (float(usual[0]), float(usual[1])), body)
            slider.lockable = False
            bins = np.histogram(codes[:, axis], _SPREAD_BINS, (-AXIS_REACH, AXIS_REACH))[0]
            slider.set_spread(bins.astype(np.float64))
            slider.moved.connect(partial(set_axis, store, axis))
            slider.pointed.connect(partial(self._pointed, stats.axis_std[axis] * stats.axes[axis].astype(np.float64)))
            self.axes.append(slider)

    def _change_mode(self) -> None:
        self.show_state()
        self._show_mode()

    def _show_mode(self) -> None:
        axes = self.modes.choice == "axes"
        for slider in self.sliders:
            slider.setVisible(not axes)
        shown = len(self.axes) if self._unfolded else _AT_HAND
        for i, slider in enumerate(self.axes):
            slider.setVisible(axes and i < shown)
        rest = len(self.axes) - _AT_HAND
        self.more.setVisible(axes and rest > 0)
        self.more.setText("Fewer axes" if self._unfolded else f"{rest} more axes")

    def _unfold(self) -> None:
        self._unfolded = not self._unfolded
        self._show_mode()

    def _toggle_lock(self, dim: int) -> None:
        self._store.set_locked(self._store.state.locked ^ {dim})

    def _pointed(self, step: object, here: bool) -> None:
        self.effect.emit(step if here else None)


def _align(sliders: list[LatentSlider]) -> None:
    metrics = QFontMetrics(font("body"))
    widest = max(metrics.horizontalAdvance(slider.spec.label) for slider in sliders)
    for slider in sliders:
        slider.set_label_width(min(widest + px(26), px(_LABEL_MAX)))
