"""The handles as a column of sliders, read off the present sound."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QWidget

from synth_app.handles import SPECTRAL_HANDLES, Handle
from synth_app.params import ParamSpec
from synth_app.patch.patch import OFFSET_SMOOTHING_MS
from synth_app.session import SessionStore
from synth_app.session.edit.handle_edits import HANDLE_REACH, HandleEdits
from synth_app.ui.drawing.number_cache import NumberCache
from synth_app.ui.widgets.latent_slider import LatentSlider
from synth_app.ui.widgets.slider_column import SliderColumn
from synth_app.ui.widgets.value_format import LATENT_GROUP

_USUAL_PERCENT = (5.0, 95.0)
_HISTOGRAM_BINS = 32


def handle_spec(handle: Handle) -> ParamSpec:
    """Return a handle as a parameter in steps: standard deviations of the bank."""
    return ParamSpec(
        name=f"handle_{handle.name}", label=handle.label, unit="", minimum=-HANDLE_REACH, maximum=HANDLE_REACH,
        default=0.0, curve="linear", smoothing_ms=OFFSET_SMOOTHING_MS, group=LATENT_GROUP,
        help=f"{handle.help} 0 is usual at the note's pitch. The other handles and the loudness stay; the tick marks "
             "the note.",
    )  # fmt: skip


class HandleSliders:
    """The sliders of all handles of the present model.

    Args:
        store: the session.
        numbers: pictures of numbers that all sliders of the panel share.
        pointed: called with the slider's step of the latent vector when the mouse comes, and with None when it leaves.
    """

    def __init__(self, store: SessionStore, numbers: NumberCache, pointed: Callable[[object], None]) -> None:
        self._edits, self._numbers, self._on_pointed = HandleEdits(store), numbers, pointed
        self.sliders: list[LatentSlider] = []
        self._column = SliderColumn(())

    def build(self, body: QWidget) -> list[LatentSlider]:
        """Make the sliders for the present model in ``body``; none where its bank is too small."""
        self.sliders = []
        if self._edits.available:
            bank = np.clip(self._edits.bank_positions(), -HANDLE_REACH, HANDLE_REACH)
            for i, handle in enumerate(SPECTRAL_HANDLES):
                low, high = np.percentile(bank[:, i], _USUAL_PERCENT)
                slider = LatentSlider(handle_spec(handle), (float(low), float(high)), body, self._numbers)
                slider.lockable = False
                counts = np.histogram(bank[:, i], _HISTOGRAM_BINS, (-HANDLE_REACH, HANDLE_REACH))[0]
                slider.set_histogram(counts.astype(np.float64))
                slider.moved.connect(partial(self._edits.set, i))
                slider.pointed.connect(partial(self._pointed, i))
                self.sliders.append(slider)
        self._column = SliderColumn(self.sliders)
        return self.sliders

    def show_state(self) -> None:
        """Set the sliders to the positions of the present sound. They decode a frame, so call it while they show."""
        if self.sliders:
            self._column.move(self._edits.note_positions(), self._edits.positions(), visible=True)

    def _pointed(self, handle: int, pointed: bool) -> None:
        self._on_pointed(self._edits.step(handle) if pointed else None)
