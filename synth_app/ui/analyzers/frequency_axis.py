"""Frequency axes: where frequencies lie on a logarithmic or a mel scale, and which of them are written. No Qt."""

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
_MEL_FROM_HZ = 500  # below, what is written stands too close on a mel scale
_ROUNDING = 1e-6  # of a band
Tick = tuple[float, str]


def frequency_ticks(scale: str) -> tuple[list[Tick], float, float]:
    """What an axis of a scale, ``log`` or ``mel``, may have written beside it.

    Returns:
        (place, text) in rising order, and the places of the axis' two ends.
    """
    place = hz_to_mel if scale == "mel" else np.log10
    low, high = place(np.array([LOW_HZ, HIGH_HZ])).tolist()
    written = [(hz, text) for hz, text in MAJOR_HZ if scale != "mel" or hz >= _MEL_FROM_HZ]
    return [(float(place(np.array([float(hz)]))[0]), text) for hz, text in written], low, high


def spaced(ticks: list[Tick], span: float, length: float, least: float) -> list[Tick]:
    """The ticks, in rising order, that stand at least ``least`` apart where ``span`` takes ``length``, both in px."""
    kept: list[Tick] = []
    for place, text in ticks:
        if not kept or (place - kept[-1][0]) / span * length >= least:
            kept.append((place, text))
    return kept


def row_starts(scale: str, rows: int, height: int) -> NDArray[np.intp]:
    """Which of ``rows`` bands of equal width in octaves each of ``height`` lines of a picture begins with.

    Where lines are coarser than bands each has all bands up to the next line's first; where they are finer, neighbours
    have the same one: what ``np.maximum.reduceat`` makes of it keeps every peak.

    Args:
        scale: of the picture's axis, ``log`` or ``mel``.
        rows: bands between ``LOW_HZ`` and ``HIGH_HZ``.
        height: lines between the same ends.

    Returns:
        [height], the lowest frequency first.
    """
    place = hz_to_mel if scale == "mel" else np.log10
    edges = place(np.geomspace(LOW_HZ, HIGH_HZ, rows + 1))
    wanted = np.linspace(edges[0], edges[-1], height + 1)[:-1]
    out: NDArray[np.intp] = np.floor(np.interp(wanted, edges, np.arange(rows + 1)) + _ROUNDING).astype(np.intp)
    return out.clip(0, rows - 1)


def hz_to_mel(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mel of frequencies: linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox, 1998)."""
    linear = hz * (3.0 / 200.0)
    bent: NDArray[np.float64] = np.where(
        hz < 1000.0, linear, 15.0 + 27.0 * np.log(np.maximum(hz, 1.0) / 1000.0) / np.log(6.4)
    )
    return bent
