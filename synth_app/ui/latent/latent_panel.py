"""The latent vector as sliders: handles, dimensions, or the same vector along its principal axes."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from synth_app.decoder import Model
from synth_app.handles import QUIET_DB, dimension_label, model_changes_db
from synth_app.params import ParamSpec
from synth_app.patch.patch import OFFSET_SMOOTHING_MS
from synth_app.session import LocksChanged, ModelChanged, PatchChanged
from synth_app.session.edit.latent_edits import AXIS_REACH, axis_fractions, axis_values, randomize, set_axis
from synth_app.ui.drawing.number_cache import NumberCache
from synth_app.ui.latent.handle_sliders import HandleSliders
from synth_app.ui.ports.subscriptions import Subscriptions
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import font, px
from synth_app.ui.widgets.axis_text import axis_help, axis_strength
from synth_app.ui.widgets.latent_slider import LatentSlider
from synth_app.ui.widgets.panel import Panel, label, tight
from synth_app.ui.widgets.segments import Segments
from synth_app.ui.widgets.slider_column import SliderColumn
from synth_app.ui.widgets.value_format import LATENT_GROUP

Floats = NDArray[np.floating]
_MAX_LABEL_WIDTH = 124  # design px
_USUAL_ROWS = (1, 5)  # of the percentile table: 5 % and 95 %
_HISTOGRAM_BINS = 32
_FIRST_AXES = 6  # principal axes shown before the list is expanded
_PREVIEW_STEP_STD = 1.0  # standard deviations
_CHOICES = (
    ("handles", "Handles", "Properties of the sound: each slider changes one and holds the others"),
    ("latent", "Latent", "The dimensions of the latent vector as the model learned them"),
    ("axes", "Axes", "The same vector along its principal axes: the first ones change the sound most"),
)


def latent_spec(model: Model, dim: int, low: float, high: float, reset_value: float) -> ParamSpec:
    """Return a latent dimension, counted from 0, as a parameter for the value controls."""
    return ParamSpec(
        name=f"z{dim + 1}", label=dimension_label(model, dim), unit="", minimum=low, maximum=high,
        default=min(max(reset_value, low), high), curve="linear", smoothing_ms=OFFSET_SMOOTHING_MS, group=LATENT_GROUP,
        help=axis_help(model, dim),
    )  # fmt: skip


def axis_spec(axis: int, variance_fraction: float) -> ParamSpec:
    """Return a principal axis, counted from 0, as a parameter in standard deviations of the data."""
    percent = 100 * variance_fraction
    return ParamSpec(
        name=f"axis{axis + 1}", label=f"Axis {axis + 1} · {percent:.0f} %", unit="", minimum=-AXIS_REACH,
        maximum=AXIS_REACH, default=0.0, curve="linear", smoothing_ms=OFFSET_SMOOTHING_MS, group=LATENT_GROUP,
        help=f"{percent:.1f} % of the variance between notes. In standard deviations; the tick marks the note.",
    )  # fmt: skip


class LatentPanel(Panel):
    """A scrolled column of sliders.

    ``preview_changed`` emits the step of the slider that is pointed at, float64 [latent], or None; ``message`` a text.
    """

    preview_changed = Signal(object)
    message = Signal(str)

    def __init__(self, subscriptions: Subscriptions, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Latent vector")
        self._store = subscriptions.store
        self._rng = np.random.default_rng()
        self._numbers = NumberCache()
        self.sliders: list[LatentSlider] = []
        self.axes: list[LatentSlider] = []
        self.handles = HandleSliders(self._store, self._numbers, self.preview_changed.emit, self.message.emit)
        self._columns: dict[str, SliderColumn] = {}
        self.modes = Segments("Latent sliders", _CHOICES)
        self.modes.chosen.connect(self.show_mode)
        self.expand_button = QPushButton()
        self.expand_button.setProperty("kind", "quiet")
        self.expand_button.clicked.connect(self._toggle_expanded)
        self._expanded = False
        self._quiet: frozenset[int] = frozenset()  # dimensions that are hardly heard
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
        """The model whose dimensions the sliders show."""
        return self._store.model

    @property
    def shown_sliders(self) -> list[LatentSlider]:
        """The sliders of the present mode."""
        return {"handles": self.handles.sliders, "latent": self.sliders, "axes": self.axes}[self.modes.choice]

    def show_state(self) -> None:
        """Set the sliders to the store's values."""
        store, model = self._store, self._store.model
        center, values = store.latents.center(), store.latents.values()
        axes = self.modes.choice == "axes"
        if model is not None:
            self._columns["axes"].move(axis_values(model.stats, center), axis_values(model.stats, values), visible=axes)
            self._columns["latent"].move(center, values, visible=self.modes.choice == "latent")
            if self.modes.choice == "handles":
                self.handles.show_state()
        locked = store.state.locked
        for dim, slider in enumerate(self.sliders):
            slider.set_locked(dim in locked)
        free = (value for dim, value in enumerate(store.patch.offset) if dim not in locked)
        self.reset_button.setEnabled(any(free))
        self.randomize_button.setEnabled(model is not None)

    def show_mode(self, mode: str) -> None:
        """Show the handles ("handles"), the latent dimensions ("latent") or the principal axes ("axes")."""
        self.modes.show_choice(mode)
        self.show_state()
        self._show_mode()

    def randomize(self) -> None:
        """Set a random latent vector; dimensions with a slider lock keep their values."""
        randomize(self._store, self._rng)

    def _make_header(self) -> None:
        self.replace_title(self.modes)
        self.randomize_button = QToolButton()
        self.randomize_button.setIcon(icon("randomize", "muted"))
        self.randomize_button.setProperty("kind", "quiet")
        self.randomize_button.setAccessibleName("Randomize the latent vector")
        self.randomize_button.setToolTip(
            "Random latent vector, distributed as the training notes; locked sliders keep their values (Ctrl+G)"
        )
        self.randomize_button.clicked.connect(self.randomize)
        self.reset_button = QPushButton("Reset all")
        self.reset_button.setProperty("kind", "quiet")
        self.reset_button.setAccessibleName("Reset all latent sliders to the note")
        self.reset_button.setToolTip("Reset every unlocked slider to the value of the notes in the slots")
        self.reset_button.clicked.connect(self._store.latents.reset_all)
        self.header.addWidget(self.randomize_button)
        self.header.addWidget(self.reset_button)

    def _build(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        tight(column, 0, 0)
        self.sliders, self.axes = [], []
        model = self._store.model
        if model is None:
            empty = label("No model is loaded.\nChoose one above.", "muted")
            empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(empty)
        else:
            self._make_sliders(model, body)
            self._make_axes(model, body)
            handles = self.handles.build(body)
            self.modes.buttons["handles"].setEnabled(bool(handles))
            if not handles and self.modes.choice == "handles":  # the bank is too small for a scale
                self.modes.show_choice("latent")
            for slider in (*handles, *self._by_audibility(model), *self.axes):
                column.addWidget(slider, 1)
            self.expand_button.setParent(body)
            column.addWidget(self.expand_button, 0, Qt.AlignmentFlag.AlignLeft)
            _align(handles)
            _align(self.sliders)
            _align(self.axes)
            self._columns = {"latent": SliderColumn(self.sliders), "axes": SliderColumn(self.axes)}
            column.addStretch(0)
        self._area.setWidget(body)
        self._show_mode()
        self.show_state()

    def _make_sliders(self, model: Model, body: QWidget) -> None:
        store = self._store
        for dim, (low, high) in enumerate(store.ranges):
            spec = latent_spec(model, dim, float(low), float(high), float(model.stats.mean[dim]))
            low_usual, high_usual = (float(model.stats.percentiles[row][dim]) for row in _USUAL_ROWS)
            slider = LatentSlider(spec, (low_usual, high_usual), body, self._numbers)
            slider.set_histogram(
                np.histogram(store.note_centers[:, dim], _HISTOGRAM_BINS, (low, high))[0].astype(np.float64)
            )
            slider.set_strength(axis_strength(model, dim))
            slider.moved.connect(partial(store.latents.set, dim))
            slider.lock_toggled.connect(partial(self._toggle_lock, dim))
            step = np.zeros(len(store.ranges))
            step[dim] = _PREVIEW_STEP_STD * model.stats.std[dim]
            slider.pointed.connect(partial(self._pointed, step))
            self.sliders.append(slider)

    def _make_axes(self, model: Model, body: QWidget) -> None:
        stats, store = model.stats, self._store
        centers = np.stack([axis_values(stats, center) for center in store.note_centers])
        for axis, fraction in enumerate(axis_fractions(stats)):
            usual = np.clip(np.percentile(centers[:, axis], (5, 95)), -AXIS_REACH, AXIS_REACH)
            slider = LatentSlider(
                axis_spec(axis, float(fraction)), (float(usual[0]), float(usual[1])), body, self._numbers
            )
            slider.lockable = False
            bins = np.histogram(centers[:, axis], _HISTOGRAM_BINS, (-AXIS_REACH, AXIS_REACH))[0]
            slider.set_histogram(bins.astype(np.float64))
            slider.moved.connect(partial(set_axis, store, axis))
            slider.pointed.connect(partial(self._pointed, stats.axis_std[axis] * stats.axes[axis].astype(np.float64)))
            self.axes.append(slider)

    def _show_mode(self) -> None:
        axes = self.modes.choice == "axes"
        for slider in self.handles.sliders:
            slider.setVisible(self.modes.choice == "handles")
        latent = self.modes.choice == "latent"
        for dim, slider in enumerate(self.sliders):
            slider.setVisible(latent and (self._expanded or dim not in self._quiet))
        shown = len(self.axes) if self._expanded else _FIRST_AXES
        for i, slider in enumerate(self.axes):
            slider.setVisible(axes and i < shown)
        hidden = len(self._quiet) if latent else len(self.axes) - _FIRST_AXES
        self.expand_button.setVisible((axes or latent) and hidden > 0)
        self.expand_button.setText(_expand_text(hidden, latent=latent, expanded=self._expanded))

    def _by_audibility(self, model: Model) -> list[LatentSlider]:
        """Return the sliders of the dimensions, the most audible first, and remember the quiet ones."""
        changes_db = model_changes_db(model)
        quiet = np.flatnonzero(changes_db < QUIET_DB)
        self._quiet = frozenset(quiet.tolist()) if len(quiet) < len(changes_db) else frozenset()
        return [self.sliders[dim] for dim in np.argsort(-changes_db, kind="stable")]

    def _toggle_expanded(self) -> None:
        self._expanded = not self._expanded
        self._show_mode()

    def _toggle_lock(self, dim: int) -> None:
        self._store.latents.lock(self._store.state.locked ^ {dim})

    def _pointed(self, step: object, pointed: bool) -> None:
        self.preview_changed.emit(step if pointed else None)


def _expand_text(hidden: int, *, latent: bool, expanded: bool) -> str:
    """Return the text of the button that shows the rest of the dimensions or axes."""
    if latent:
        return "Hide quiet dimensions" if expanded else f"{hidden} quiet dimension{'s' * (hidden > 1)}"
    return "Fewer axes" if expanded else f"{hidden} more axes"


def _align(sliders: list[LatentSlider]) -> None:
    """Give all names the width of the longest one."""
    metrics = QFontMetrics(font("body"))
    widest = max((metrics.horizontalAdvance(slider.spec.label) for slider in sliders), default=0)
    for slider in sliders:
        slider.set_label_width(min(widest + px(26), px(_MAX_LABEL_WIDTH)))
