"""All dimensions of the latent code as sliders."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from synth_app.decoder import Model
from synth_app.params import ParamSpec
from synth_app.session import ModelChanged, SoundChanged
from synth_app.ui.bonds import Bonds
from synth_app.ui.panel import Panel, label, tight
from synth_app.ui.slider import LatentSlider
from synth_app.ui.theme import font, px
from synth_app.ui.values import LATENT_GROUP

_LABEL_MAX = 120
_USUAL_ROWS = (1, 5)  # of the percentile table: 5 % and 95 %


def latent_spec(model: Model, dim: int, low: float, high: float, rest: float) -> ParamSpec:
    """One dimension as a parameter, so that every control works on it too."""
    name = model.card.axis_names[dim]
    return ParamSpec(
        name=f"z{dim + 1}",
        label=name,
        unit="",
        minimum=low,
        maximum=high,
        default=min(max(rest, low), high),
        curve="linear",
        smoothing_ms=8,
        group=LATENT_GROUP,
        help="A dimension of the model's code. The tick is where the note rests, the band where most notes lie.",
    )


class LatentPanel(Panel):
    """Sliders in a column, scrolled where they don't fit."""

    def __init__(self, bonds: Bonds, parent: QWidget | None = None) -> None:
        super().__init__("Latent code", parent)
        self._store = bonds.store
        self.sliders: list[LatentSlider] = []
        self.reset_button = QPushButton("Reset all")
        self.reset_button.setProperty("kind", "quiet")
        self.reset_button.setAccessibleName("Reset all latent sliders to the note")
        self.reset_button.setToolTip("Every slider back to where the note in the slots rests")
        self.reset_button.clicked.connect(self._store.reset_latents)
        self.header.addWidget(self.reset_button)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box.addWidget(self._area, 1)
        self.setMinimumWidth(px(320))
        self._build()
        bonds.on(ModelChanged, lambda _: self._build())
        bonds.on(SoundChanged, lambda _: self.show_state())

    def show_state(self) -> None:
        """Move the sliders to the store's values."""
        store = self._store
        center, values = store.center(), store.latent_values()
        for slider, rest, value in zip(self.sliders, center, values, strict=True):
            slider.set_rest(float(rest))
            slider.set_value(slider.spec.clamp(float(value)))
        self.reset_button.setEnabled(any(store.sound.offset))

    def _align_labels(self) -> None:
        metrics = QFontMetrics(font("body"))
        widest = max(metrics.horizontalAdvance(slider.spec.label) for slider in self.sliders)
        for slider in self.sliders:
            slider.set_label_width(min(widest + px(16), px(_LABEL_MAX)))

    def _build(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        tight(column, 0, 0)
        self.sliders = []
        model, store = self._store.model, self._store
        if model is None:
            empty = label("No model loaded yet.\nChoose one above.", "muted")
            empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(empty)
        else:
            for dim, (low, high) in enumerate(store.ranges):
                spec = latent_spec(model, dim, float(low), float(high), float(model.stats.mean[dim]))
                low_usual, high_usual = (float(model.stats.percentiles[row][dim]) for row in _USUAL_ROWS)
                slider = LatentSlider(spec, (low_usual, high_usual), body)
                slider.moved.connect(lambda value, dim=dim: store.set_latent(dim, value))
                column.addWidget(slider, 1)
                self.sliders.append(slider)
            self._align_labels()
            column.addStretch(0)
        self._area.setWidget(body)
        self.show_state()
