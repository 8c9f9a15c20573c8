"""Many sliders moved at once, as one fader moves all of a code's: only those that look otherwise then are touched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth_app.ui.widgets.slider import QUARTERS, LatentSlider

Floats = NDArray[np.floating]
_HUNDREDTHS = 100.0  # what numbers show


class SliderRows:
    """A column of sliders of one width, and how they looked last."""

    def __init__(self, sliders: Sequence[LatentSlider]) -> None:
        self._sliders = tuple(sliders)
        self._low = np.array([slider.spec.minimum for slider in sliders])
        self._high = np.array([slider.spec.maximum for slider in sliders])
        self._looks = np.zeros((3, 0))
        self._told = [slider.value for slider in sliders]

    def move(self, rests: Floats, values: Floats, *, seen: bool) -> None:
        """Put the sliders at values [n], their marks at rests [n]; those out of sight are only told."""
        if not self._sliders:
            return
        rests, values = (np.minimum(np.maximum(each, self._low), self._high) for each in (rests, values))
        told, self._told = self._told, values.tolist()
        if not seen:
            for slider, value, rest in zip(self._sliders, self._told, rests.tolist(), strict=True):
                slider.keep(value, rest)
            return
        other = self._look_otherwise(rests, values)
        rows = zip(self._sliders, self._told, rests.tolist(), other.tolist(), told, strict=True)
        for slider, value, rest, change, before in rows:
            if change or slider.value != before:  # or moved by a hand meanwhile
                slider.follow(value, rest)
            else:
                slider.keep(value, rest, painted=True)

    def _look_otherwise(self, rests: Floats, values: Floats) -> NDArray[np.bool_]:
        """Which may look otherwise: twice as finely as they tell themselves, so that none is left out."""
        first = self._sliders[0]
        fine = 2.0 * QUARTERS * first.devicePixelRatioF() * first.way() / (self._high - self._low)
        looks = np.floor([2.0 * _HUNDREDTHS * values, fine * (values - self._low), fine * (rests - self._low)])
        before, self._looks = self._looks, looks
        return (looks != before).any(axis=0) if before.shape == looks.shape else np.ones(len(values), bool)
