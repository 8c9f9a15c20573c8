"""A column of latent sliders that move together: only sliders whose appearance changes are updated."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.ui.widgets.latent_slider import STEPS_PER_PIXEL, LatentSlider

Floats = NDArray[np.floating]
_HUNDREDTHS = 100.0  # the resolution of the numbers


class SliderColumn:
    """A column of sliders of one width, with their last appearance."""

    def __init__(self, sliders: Sequence[LatentSlider]) -> None:
        self._sliders = tuple(sliders)
        self._low = np.array([slider.spec.minimum for slider in sliders])
        self._high = np.array([slider.spec.maximum for slider in sliders])
        self._appearance = np.zeros((3, 0))
        self._values = [slider.value for slider in sliders]  # as last moved by this column

    def move(self, reset_values: Floats, values: Floats, *, visible: bool) -> None:
        """Move the sliders.

        Args:
            rests: [n], reset values.
            values: [n], values; both are clamped to the sliders' ranges.
            visible: whether the column is visible; a hidden one only stores the values.
        """
        if not self._sliders:
            return
        reset_values, values = (np.minimum(np.maximum(each, self._low), self._high) for each in (reset_values, values))
        previous, self._values = self._values, values.tolist()
        if not visible:
            for slider, value, reset_value in zip(self._sliders, self._values, reset_values.tolist(), strict=True):
                slider.store_value_and_reset_value(value, reset_value)
            return
        changed = self._appearance_changes(reset_values, values)
        rows = zip(self._sliders, self._values, reset_values.tolist(), changed.tolist(), previous, strict=True)
        for slider, value, reset_value, change, before in rows:
            if change or slider.value != before:  # the user may have moved the slider since
                slider.set_value_and_reset_value(value, reset_value)
            else:
                slider.store_value_and_reset_value(value, reset_value, painted=True)

    def _appearance_changes(self, reset_values: Floats, values: Floats) -> NDArray[np.bool_]:
        """Return which sliders may look different, at twice the sliders' own resolution so that none is missed."""
        first = self._sliders[0]
        fine = 2.0 * STEPS_PER_PIXEL * first.devicePixelRatioF() * first.track_length_px() / (self._high - self._low)
        appearance = np.floor(
            [2.0 * _HUNDREDTHS * values, fine * (values - self._low), fine * (reset_values - self._low)]
        )
        before, self._appearance = self._appearance, appearance
        if before.shape != appearance.shape:
            return np.ones(len(values), bool)
        return (appearance != before).any(axis=0)
