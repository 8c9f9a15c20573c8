"""Frequency axes: positions of frequencies on a logarithmic or a mel scale, and their tick labels. No Qt."""

import numpy as np
from numpy.typing import NDArray

from synth_app.ui.analyzers.spectral import HIGH_HZ, LOW_HZ

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
_MEL_FROM_HZ = 500  # lower labels would overlap on a mel scale
_ROUNDING = 1e-6  # of a band
Tick = tuple[float, str]  # position on the axis, label


def frequency_ticks(scale: str) -> tuple[list[Tick], float, float]:
    """Return the possible ticks of an axis with the scale ``log`` or ``mel``.

    Returns:
        (position, label) in rising order, and the positions of the axis' two ends.
    """
    to_position = hz_to_mel if scale == "mel" else np.log10
    low, high = to_position(np.array([LOW_HZ, HIGH_HZ])).tolist()
    labels = [(hz, text) for hz, text in MAJOR_HZ if scale != "mel" or hz >= _MEL_FROM_HZ]
    return [(float(to_position(np.array([float(hz)]))[0]), text) for hz, text in labels], low, high


def spaced(ticks: list[Tick], span: float, length: float, min_gap: float) -> list[Tick]:
    """Return the ticks that are at least ``min_gap`` px apart.

    Args:
        ticks: in rising order.
        span: length of the axis in positions.
        length: length of the axis in px.
        min_gap: px.
    """
    kept: list[Tick] = []
    for position, text in ticks:
        if not kept or (position - kept[-1][0]) / span * length >= min_gap:
            kept.append((position, text))
    return kept


def row_starts(scale: str, rows: int, height: int) -> NDArray[np.intp]:
    """Return the first of ``rows`` log-frequency bands for each of ``height`` lines of a picture.

    Where lines are coarser than bands, a line has all bands up to the next line's first one. Where they are finer,
    neighbouring lines have the same band. So ``np.maximum.reduceat`` over these starts keeps every peak.

    Args:
        scale: of the picture's axis, ``log`` or ``mel``.
        rows: bands between ``LOW_HZ`` and ``HIGH_HZ``.
        height: lines between the same ends.

    Returns:
        [height], the lowest frequency first.
    """
    to_position = hz_to_mel if scale == "mel" else np.log10
    edges = to_position(np.geomspace(LOW_HZ, HIGH_HZ, rows + 1))
    wanted = np.linspace(edges[0], edges[-1], height + 1)[:-1]
    out: NDArray[np.intp] = np.floor(np.interp(wanted, edges, np.arange(rows + 1)) + _ROUNDING).astype(np.intp)
    return out.clip(0, rows - 1)


def hz_to_mel(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Convert Hz to mel: linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox, 1998)."""
    linear = hz * (3.0 / 200.0)
    mel: NDArray[np.float64] = np.where(
        hz < 1000.0, linear, 15.0 + 27.0 * np.log(np.maximum(hz, 1.0) / 1000.0) / np.log(6.4)
    )
    return mel
