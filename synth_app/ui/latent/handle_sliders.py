"""The handles as a column of sliders, read off the present sound."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QWidget

from synth_app.params import HANDLE_REACH, HANDLES
from synth_app.params.handles import PATH_HANDLES
from synth_app.session import SessionStore
from synth_app.session.edit.handle_edits import HandleEdits
from synth_app.ui.drawing.number_cache import NumberCache
from synth_app.ui.theme.theme import px
from synth_app.ui.widgets.handle_spec import handle_spec
from synth_app.ui.widgets.latent_slider import LatentSlider
from synth_app.ui.widgets.slider_column import SliderColumn
from synth_app.ui.widgets.value_format import format_value

_USUAL_PERCENT = (5.0, 95.0)
_HISTOGRAM_BINS = 32
_MISSED = 0.1  # steps that are told
_MAX_HEIGHT = 64  # design px; eight rows fill a panel that sixteen dimensions share


class HandleSliders:
    """The sliders of all handles of the present model.

    Args:
        store: the session.
        numbers: pictures of numbers that all sliders of the panel share.
        pointed: called with the slider's step of the latent vector when the mouse comes, and with None when it leaves.
        tell: shows a message.
    """

    def __init__(
        self, store: SessionStore, numbers: NumberCache, pointed: Callable[[object], None], tell: Callable[[str], None]
    ) -> None:
        self._store, self._edits, self._numbers = store, HandleEdits(store), numbers
        self._on_pointed, self._tell = pointed, tell
        self.sliders: list[LatentSlider] = []
        self._column = SliderColumn(())

    def build(self, body: QWidget) -> list[LatentSlider]:
        """Make the sliders for the present model in ``body``; none where its bank is too small."""
        self.sliders = []
        if self._edits.available:
            for i, (handle, positions) in enumerate(zip(HANDLES, self._edits.bank_positions(), strict=True)):
                bank = np.clip(positions, -HANDLE_REACH, HANDLE_REACH)
                low, high = np.percentile(bank, _USUAL_PERCENT)
                slider = LatentSlider(handle_spec(handle), (float(low), float(high)), body, self._numbers)
                slider.call_lock("pin")
                slider.setMaximumHeight(px(_MAX_HEIGHT))
                counts = np.histogram(bank, _HISTOGRAM_BINS, (-HANDLE_REACH, HANDLE_REACH))[0]
                slider.set_histogram(counts.astype(np.float64))
                slider.moved.connect(partial(self._move, i))
                slider.lock_toggled.connect(partial(self._edits.toggle_pin, i))
                slider.pointed.connect(partial(self._pointed, i))
                self.sliders.append(slider)
        self._column = SliderColumn(self.sliders)
        return self.sliders

    def show_state(self) -> None:
        """Set the sliders to the positions of the present sound. They decode a frame, so call it while they show."""
        if self.sliders:
            self._column.move(self._edits.note_positions(), self._edits.positions(), visible=True)
            pins = self._store.state.pins
            for handle, slider in zip(HANDLES, self.sliders, strict=True):
                slider.set_locked(handle.name in pins)

    def modulation_scales(self) -> dict[str, tuple[LatentSlider, float]]:
        """Return by target the slider and the steps of one unit of a modulation amount."""
        first_of_path = len(HANDLES) - len(PATH_HANDLES)
        return {
            handle.target: (slider, 1.0 if i < first_of_path else 1.0 / self._edits.path_step_db(i))
            for i, (handle, slider) in enumerate(zip(HANDLES, self.sliders, strict=False))
        }

    def _move(self, handle: int, position: float) -> None:
        """Move a handle; say where a typed value, a key or the wheel cannot bring it."""
        exact = not self.sliders[handle].dragging
        self._edits.set(handle, position, exact=exact)
        reached = float(self._edits.positions()[handle]) if exact else position
        if abs(reached - position) > _MISSED:
            name, value = HANDLES[handle].label, format_value(self.sliders[handle].spec, reached)
            self._tell(f"{name} goes no further than {value} in this sound while the other handles are held")

    def _pointed(self, handle: int, pointed: bool) -> None:
        self._on_pointed(self._edits.step(handle) if pointed else None)
