"""pyqtgraph in the theme: one place for axes, grids and what is switched off."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from synth_app.ui.spectral import HIGH_HZ, LOW_HZ
from synth_app.ui.theme import COLORS, font, px, qcolor

MAJOR_HZ = (
    (50, "50"),
    (100, "100"),
    (200, "200"),
    (500, "500"),
    (1000, "1k"),
    (2000, "2k"),
    (5000, "5k"),
    (10_000, "10k"),
)
pg.setConfigOptions(antialias=True, useOpenGL=False)


def quiet_plot(name: str, description: str) -> Any:
    """A PlotWidget that only shows: no mouse, no menu, no buttons; logarithmic frequency ticks to be put on an axis."""
    plot = pg.PlotWidget(enableMenu=False, background=COLORS.well)
    plot.setMouseEnabled(False, False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setAccessibleName(name)
    plot.setAccessibleDescription(description)
    plot.setToolTip(description)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
    plot.getPlotItem().setContentsMargins(px(2), px(6), px(8), 0)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setStyle(tickFont=font("caption"), tickLength=px(3), tickTextOffset=px(4), autoExpandTextSpace=False)
        axis.setPen(qcolor("line"))
        axis.setTextPen(qcolor("muted"))
    plot.getAxis("left").setWidth(px(34))
    plot.getAxis("bottom").setHeight(px(20))
    return plot


def frequency_ticks() -> list[tuple[float, str]]:
    """Ticks of an axis that shows log10 of Hz."""
    return [(float(np.log10(hz)), text) for hz, text in MAJOR_HZ]


def spaced(ticks: list[tuple[float, str]], span: float, length: float, least: float) -> list[tuple[float, str]]:
    """The ticks, in rising order, that stand at least ``least`` apart where ``span`` takes ``length``, both in px."""
    kept: list[tuple[float, str]] = []
    for place, text in ticks:
        if not kept or (place - kept[-1][0]) / span * length >= least:
            kept.append((place, text))
    return kept


def frequency_range() -> tuple[float, float]:
    """Ends of the frequency axis, log10 of Hz."""
    return float(np.log10(LOW_HZ)), float(np.log10(HIGH_HZ))
