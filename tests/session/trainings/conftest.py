"""A small model to begin with, and recordings of a plucked tone."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tests.training.conftest import RATE, make_base


def pluck(key: int) -> NDArray[np.float64]:
    """One second of a bright plucked tone at 8 kHz."""
    time_s, f0_hz = np.arange(RATE) / RATE, 440.0 * 2.0 ** ((key - 69) / 12)
    partials = range(1, int(3500 / f0_hz))
    return 0.1 * np.sum([np.exp(-h * time_s) * np.sin(2 * np.pi * h * f0_hz * time_s) for h in partials], axis=0)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pitch-conditioned model of one epoch, for 65 bins."""
    return make_base(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16 recordings of the plucked tone over more than an octave."""
    folder = tmp_path_factory.mktemp("recordings")
    for key in range(48, 64):
        soundfile.write(folder / f"pluck-{key:03d}-100.wav", pluck(key), RATE)
    return folder
