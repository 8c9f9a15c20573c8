"""The response of the filter against SciPy's analog filters."""

import numpy as np
import pytest
import scipy.signal

from synth_app.params.filter import BAND, HIGH, HIGHEST_HZ, LOW, NOTCH
from synth_app.patch import Patch
from synth_app.session.edit.filter_curve import (
    FilterShape,
    filter_shape,
    resonance_level_db,
    response_db,
    top_of_envelope,
)

HZ = np.geomspace(20, 20_000, 301)
CUTOFF_HZ = 730.0
BUTTERWORTH = {LOW: "low", HIGH: "high"}


@pytest.mark.parametrize("kind", [LOW, HIGH])
@pytest.mark.parametrize("four_poles", [False, True])
def test_without_resonance_it_is_a_butterworth_filter(kind: int, four_poles: bool) -> None:
    b, a = scipy.signal.butter(4 if four_poles else 2, 2 * np.pi * CUTOFF_HZ, BUTTERWORTH[kind], analog=True)
    wanted = 20 * np.log10(np.abs(scipy.signal.freqs(b, a, 2 * np.pi * HZ)[1]))
    found = response_db(FilterShape(kind, four_poles, CUTOFF_HZ, 0.0), HZ)
    loud = wanted > -115
    np.testing.assert_allclose(found[loud], wanted[loud], atol=1e-6)


@pytest.mark.parametrize(("kind", "name"), [(BAND, "bandpass"), (NOTCH, "bandstop")])
@pytest.mark.parametrize("resonance_db", [0.0, 12.0])
def test_band_and_notch_have_the_bandwidth_of_their_resonance(kind: int, name: str, resonance_db: float) -> None:
    """The width of both is the cutoff over Q, with Q = 0.707 without resonance."""
    width = np.sqrt(2.0) / 10 ** (resonance_db / 20)
    upper = 0.5 * (width + np.sqrt(width**2 + 4.0))
    edges = 2 * np.pi * CUTOFF_HZ * np.array([1.0 / upper, upper])
    b, a = scipy.signal.butter(1, edges, name, analog=True)
    gain = 10 ** (resonance_db / 20) if kind == BAND else 1.0
    wanted = 20 * np.log10(gain * np.abs(scipy.signal.freqs(b, a, 2 * np.pi * HZ)[1]))
    np.testing.assert_allclose(response_db(FilterShape(kind, False, CUTOFF_HZ, resonance_db), HZ), wanted, atol=1e-6)


@pytest.mark.parametrize("kind", [LOW, HIGH])
@pytest.mark.parametrize("four_poles", [False, True])
@pytest.mark.parametrize("resonance_db", [0.0, 9.0, 24.0])
def test_resonance_raises_the_level_at_the_cutoff(kind: int, four_poles: bool, resonance_db: float) -> None:
    at_cutoff = response_db(FilterShape(kind, four_poles, CUTOFF_HZ, resonance_db), np.array([CUTOFF_HZ]))
    assert at_cutoff[0] == pytest.approx(resonance_level_db(resonance_db), abs=1e-9)
    assert at_cutoff[0] == pytest.approx(resonance_db - 3.0103, abs=1e-4)


def test_a_notch_has_no_level_at_its_middle() -> None:
    for four_poles in (False, True):
        assert response_db(FilterShape(NOTCH, four_poles, 1000.0, 6.0), np.array([1000.0]))[0] == -120.0


def test_the_curve_follows_the_patch() -> None:
    patch = Patch("model").with_param("filter_type", HIGH).with_param("filter_poles", 1)
    patch = patch.with_param("filter_cutoff_hz", 500.0).with_param("filter_resonance_db", 6.0)
    assert filter_shape(patch) == top_of_envelope(patch) == FilterShape(HIGH, True, 500.0, 6.0)
    assert top_of_envelope(patch.with_param("filter_env_oct", 2.0)).cutoff_hz == pytest.approx(2000.0)
    assert top_of_envelope(patch.with_param("filter_env_oct", 8.0)).cutoff_hz == HIGHEST_HZ
