"""The shipped models sound as in the golden renders."""

import numpy as np
import pytest

from tests.engine.golden import FILE, FLOOR_DB, band_levels_db, renders


@pytest.fixture(scope="module")
def now() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    return {name: band_levels_db(audio) for name, audio in renders().items()}


@pytest.mark.parametrize("name", ["piano", "octaves", "chord", "sweep", "eco", "fast", "studio", "effects", "pca-16k"])
def test_renders_match_the_golden_renders(
    name: str, now: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]
) -> None:
    """Tolerance: 0.5 dB RMS, 3 dB in any band within 40 dB of the loudest. Rounding may differ between machines."""
    with np.load(FILE, allow_pickle=False) as file:
        before = file[name].astype(np.float32)
    assert now[name].shape == before.shape
    change = np.abs(now[name] - before)
    loud = before > before.max() + FLOOR_DB + 30.0
    assert np.sqrt(np.mean(change[loud] ** 2)) < 0.5
    assert change[loud].max() < 3.0
