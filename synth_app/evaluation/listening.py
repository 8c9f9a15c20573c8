"""ViSQOL, an objective measure of perceived quality, for resynthesised notes. It needs an optional package.

Chinen et al., "ViSQOL v3: an open source production ready objective speech and audio metric", QoMEX 2020.
"""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

VISQOL_RATE = 48_000  # of ViSQOL's audio mode; its speech mode (16 kHz) was trained on voices and does not fit notes
MIN_SECONDS = 1.0  # it compares patches of 0.9 s
HOW_TO_INSTALL = "pip install 'synth-app[report]'"


@dataclass(frozen=True)
class Visqol:
    """ViSQOL in audio mode."""

    api: Any

    def score(self, reference: NDArray[np.float32], degraded: NDArray[np.float32], rate: int) -> float:
        """Return the predicted mean opinion score (MOS-LQO), 1 to about 4.73 for identical sounds.

        Args:
            reference, degraded: [samples], of equal length, at least ``MIN_SECONDS``.
            rate: of both, in Hz; they are resampled to ``VISQOL_RATE``.
        """
        a, b = (soxr.resample(x.astype(np.float64), rate, VISQOL_RATE) for x in (reference, degraded))
        return float(self.api.measure_from_arrays(a, b, VISQOL_RATE).moslqo)


def find_visqol() -> Visqol | None:
    """Return ViSQOL, or None if its package is not installed."""
    try:
        from visqol import VisqolApi
    except ImportError:
        return None
    logging.getLogger("visqol").setLevel(logging.ERROR)
    api = VisqolApi()
    api.create(mode="audio")
    return Visqol(api)
